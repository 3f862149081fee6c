// Measures the stub's whole job from the parent's side: from execve with an init pipe until all
// stages are reaped. The floor (bench/floor.cpp) and Debian's runc, which gets the same message,
// are measured beside it.
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/start.h"
#include "parent/nsexec_parent.h"
#include "syscalls/fd.h"
#include "tests/support/sealing.h"

namespace bench {

namespace {

using stub::Attribute;
using test::Message;
using test::Sealing;

struct Namespaces {
  const char* name;
  unsigned flags;
};
constexpr unsigned kFour = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
constexpr Namespaces kSets[] = {
    {"none", 0},
    {"cgroup", CLONE_NEWCGROUP},
    {"ipc", CLONE_NEWIPC},
    {"mnt", CLONE_NEWNS},
    {"net", CLONE_NEWNET},
    {"pid", CLONE_NEWPID},
    {"time", CLONE_NEWTIME},
    {"user", CLONE_NEWUSER},
    {"uts", CLONE_NEWUTS},
    {"four", kFour},
    {"user+four", kFour | CLONE_NEWUSER},
    // What bwrap and crun create: all namespaces but time.
    {"seven", kFour | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWCGROUP},
};

std::string message_for(unsigned flags) {
  Message message;
  message.flags(flags);
  if ((flags & CLONE_NEWUSER) != 0) {
    message.text(Attribute::kUidMap, "0 0 4294967295\n")
        .text(Attribute::kGidMap, "0 0 4294967295\n");
  }
  message.boolean(Attribute::kSetgroups, true);
  return message.bytes();
}

// The page faults and context switches of this process's children so far.
struct Usage {
  double faults = 0;
  double switches = 0;

  Usage() {
    struct rusage usage {};
    getrusage(RUSAGE_CHILDREN, &usage);
    faults = static_cast<double>(usage.ru_minflt + usage.ru_majflt);
    switches = static_cast<double>(usage.ru_nvcsw + usage.ru_nivcsw);
  }
};

void run(benchmark::State& state, const Command& command, const std::string& message,
         double FlowTimes::*until) {
  const Usage before;
  for (auto _ : state) {
    const FlowTimes times = run_flow(command, message);
    if (!times.good) {
      state.SkipWithError("stage 0 did not exit 0");
      return;
    }
    state.SetIterationTime(times.*until);
  }
  const Usage after;
  const auto starts = static_cast<double>(state.iterations());
  state.counters["faults"] = (after.faults - before.faults) / starts;
  state.counters["switches"] = (after.switches - before.switches) / starts;
}

void add(const std::string& name, std::shared_ptr<Command> command, std::string message,
         double FlowTimes::*until = &FlowTimes::all) {
  benchmark::RegisterBenchmark(
      name.c_str(), [=](benchmark::State& state) { run(state, *command, message, until); })
      ->UseManualTime()
      ->Iterations(1)  // each start is one repetition, and repetitions are interleaved
      ->Unit(benchmark::kMicrosecond);
}

// The directory for strategies that need one. It is not the binary's own directory, because an
// overlay cannot use the same directory twice.
const std::string& state_directory() {
  static const test::TemporaryDirectory directory;
  return directory.path();
}

std::shared_ptr<Command> stub_command(const std::string& program,
                                      std::vector<std::string> environment = {}) {
  environment.insert(environment.end(),
                     {"_LIBCONTAINER_INITPIPE=3", "_LIBCONTAINER_STATEDIR=" + state_directory()});
  return std::make_shared<Command>(std::vector<std::string>{program}, environment);
}

std::shared_ptr<Command> floor_command(unsigned flags) {
  return std::make_shared<Command>(
      std::vector<std::string>{built("bench/floor"), std::to_string(flags)});
}

std::string sealed_by(const std::string& program, const std::string& name, Sealing sealing) {
  const std::string copy = scratch() + "/" + name + "-" + test::name_of(sealing);
  test::copy_program_sealed_by(built(program), copy, {sealing});
  return copy;
}

std::string mapped(int lines) {
  std::string map;
  for (int i = 0; i < lines; ++i) map += std::to_string(i) + " " + std::to_string(i) + " 1\n";
  return map;
}

// Returns a binary padded to that size. Nothing reads the padding.
std::string padded(Sealing sealing, size_t size) {
  const std::string copy =
      scratch() + "/padded-" + std::to_string(size) + "-" + test::name_of(sealing);
  test::copy_program_sealed_by(built("nsexec-true"), copy, {sealing});
  std::string bytes = test::read_file(copy);
  bytes.resize(size, 'x');
  test::write_file(copy, bytes, 0755);
  return copy;
}

// Does what an embedder does by defining nsexec_config.
void set_dialect(const std::string& program, uint32_t dialect) {
  std::string bytes = test::read_file(program);
  const size_t config =
      bytes.find("runc:[0:PARENT]") - offsetof(struct nsexec_config, process_names);
  memcpy(bytes.data() + config, &dialect, sizeof dialect);
  test::write_file(program, bytes, 0755);
}

// Mounts a file system that can only be read, with the program on it. Returns the path of the
// program there, or "" if this machine cannot.
std::string on_medium(const std::string& program) {
  const std::string place = scratch() + "/medium";
  const std::string image = scratch() + "/image";
  const std::string content = scratch() + "/content";
  mkdir(place.c_str(), 0755);
  mkdir(content.c_str(), 0755);
  test::copy_program(program, content + "/true");
  const std::string make = "(mksquashfs " + content + " " + image +
                           " -noappend -quiet || mkfs.erofs " + image + " " + content +
                           ") && mount -o ro,loop " + image + " " + place;
  const std::string quiet = "{ " + make + "; } > " + scratch() + "/medium.log 2>&1";
  return system(quiet.c_str()) == 0 ? place + "/true" : "";
}

// A program that its parent has sealed once. "" if this machine cannot.
std::string sealed_by_parent(const std::string& program) {
  static const sys::Fd sealed(nsexec_parent_seal(program.c_str()));
  if (!sealed.is_open()) return "";
  // Away from the numbers that a start uses.
  static const sys::Fd fd(fcntl(sealed.get(), F_DUPFD_CLOEXEC, 100));
  return "/proc/self/fd/" + std::to_string(fd.get());
}

}  // namespace

void register_flows() {
  const std::string plain = sealed_by("nsexec-true", "true", Sealing::kNone);
  const std::string sealed = sealed_by("nsexec-true", "true", Sealing::kDetachedMount);
  for (const Namespaces& set : kSets) {
    const std::string prefix = std::string("flow/") + set.name + "/";
    add(prefix + "floor", floor_command(set.flags), "");
    add(prefix + "unsealed", stub_command(plain), message_for(set.flags));
    add(prefix + "sealed", stub_command(sealed), message_for(set.flags));
  }
  const std::map<std::string, double FlowTimes::*> moments = {
      {"pids", &FlowTimes::pids}, {"stage0", &FlowTimes::stage0}, {"entry", &FlowTimes::entry}};
  for (const auto& [until, member] : moments) {
    add("flow/until-" + until + "/floor", floor_command(kFour), "", member);
    add("flow/until-" + until + "/unsealed", stub_command(plain), message_for(kFour), member);
    add("flow/until-" + until + "/sealed", stub_command(sealed), message_for(kFour), member);
  }
  const std::string medium = on_medium(sealed);
  if (!medium.empty()) add("flow/four/medium", stub_command(medium), message_for(kFour));
  const std::string once = sealed_by_parent(sealed);
  if (!once.empty()) {
    add("flow/four/parent", stub_command(once, {"_LIBCONTAINER_CLONED_BINARY=1"}),
        message_for(kFour));
  }
}

std::vector<Program> flow_programs() {
  const auto program = [](const std::string& name, const std::shared_ptr<Command>& command,
                          const std::string& message) {
    return Program{"flow-" + name, [=] {
                     const FlowTimes times = run_flow(*command, message);
                     return times.good ? times.all : -1;
                   }};
  };
  const std::string plain = sealed_by("nsexec-true", "true", Sealing::kNone);
  const std::string sealed = sealed_by("nsexec-true", "true", Sealing::kDetachedMount);
  return {program("floor", floor_command(kFour), ""),
          program("unsealed", stub_command(plain), message_for(kFour)),
          program("sealed", stub_command(sealed), message_for(kFour))};
}

// Measures starts that join the first `count` namespaces of one running container.
void register_joins() {
  static const test::Sleeper sleeper(sys::kAllNamespaces);
  const std::string plain = sealed_by("nsexec-true", "true", Sealing::kNone);
  std::string list;
  int count = 0;
  for (const char* type : {"uts", "ipc", "cgroup", "net", "mnt", "pid", "time", "user"}) {
    list += (list.empty() ? "" : ",") + std::string(type) + ":" + sleeper.namespace_path(type);
    Message message;
    message.flags(0).text(Attribute::kNamespacePaths, list);
    add("flow/join-" + std::to_string(++count) + "/unsealed", stub_command(plain), message.bytes());
  }
}

void register_sealings() {
  for (const Sealing sealing : test::available()) {
    add("sealing/" + test::name_of(sealing),
        stub_command(sealed_by("nsexec-true", "true", sealing)), message_for(kFour));
  }
  add("sealing/none", stub_command(sealed_by("nsexec-true", "true", Sealing::kNone)),
      message_for(kFour));
}

// Sends the same message to the stub and to runc. Both seal themselves as they do by default.
// Measures until stage 0 has exited.
void register_runc_init() {
  const std::string runc = find_program("runc");
  if (runc.empty()) return;
  const std::string ours = scratch() + "/runc-1.1";
  test::copy_program_sealed_by(built("nsexec-true"), ours, {Sealing::kDetachedMount});
  set_dialect(ours, NSEXEC_DIALECT_RUNC_1_1);
  for (const Namespaces& set : kSets) {
    if (set.flags != kFour && set.flags != (kFour | CLONE_NEWUSER)) continue;
    const std::string prefix = std::string("runc-init/") + set.name + "/";
    add(prefix + "sealed", stub_command(ours), message_for(set.flags), &FlowTimes::stage0);
    add(prefix + "floor", floor_command(set.flags), "", &FlowTimes::stage0);
    const auto command = std::make_shared<Command>(
        std::vector<std::string>{runc, "init"},
        std::vector<std::string>{"_LIBCONTAINER_INITPIPE=3", "_LIBCONTAINER_LOGPIPE=4",
                                 "_LIBCONTAINER_LOGLEVEL=2", "_LIBCONTAINER_INITTYPE=standard",
                                 "_LIBCONTAINER_STATEDIR=" + state_directory()});
    add(prefix + "runc", command, message_for(set.flags), &FlowTimes::stage0);
  }
}

void register_growth() {
  const std::string plain = sealed_by("nsexec-true", "true", Sealing::kNone);
  for (const size_t size : {100'000U, 1'000'000U, 10'000'000U, 100'000'000U}) {
    add("growth/binary-bytes/" + std::to_string(size),
        stub_command(padded(Sealing::kDetachedMount, size)), message_for(kFour));
    add("growth/binary-bytes-memfd/" + std::to_string(size),
        stub_command(padded(Sealing::kMemfd, size)), message_for(kFour));
  }
  for (const int lines : {1, 10, 100, 340}) {
    Message message;
    message.flags(CLONE_NEWUSER)
        .text(Attribute::kUidMap, mapped(lines))
        .text(Attribute::kGidMap, mapped(lines));
    add("growth/map-lines/" + std::to_string(lines), stub_command(plain), message.bytes());
  }
  const unsigned all[] = {CLONE_NEWUTS,    CLONE_NEWIPC,  CLONE_NEWPID, CLONE_NEWNS,
                          CLONE_NEWCGROUP, CLONE_NEWTIME, CLONE_NEWNET, CLONE_NEWUSER};
  unsigned flags = 0;
  for (size_t count = 0; count <= 8; ++count) {
    add("growth/namespaces/" + std::to_string(count), stub_command(plain), message_for(flags));
    if (count < 8) flags |= all[count];
  }
  for (const size_t size : {100U, 1000U, 10'000U, 100'000U, 1'000'000U}) {
    Message message;
    message.flags(CLONE_NEWUTS);
    for (size_t left = size; left > 0;) {
      const size_t payload = left < 60'000 ? left : 60'000;
      // The attribute may be repeated, because the last one counts. The stub does not use it,
      // because the message has no id maps.
      message.text(Attribute::kUidMapTool, std::string(payload, 'x'));
      left -= payload;
    }
    add("growth/message-bytes/" + std::to_string(size), stub_command(plain), message.bytes());
  }
}

}  // namespace bench

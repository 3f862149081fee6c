// Compares whole containers by nsrun and by other launchers: each runs a static `true` without a
// libc in the same root file system. Measures from before fork until the launcher has ended.
// docs/bench.md says how their work differs.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>

#include "bench/bench.h"
#include "bench/start.h"

namespace bench {

namespace {

using Words = std::vector<std::string>;

const std::string& rootfs() {
  static const std::string path = [] {
    std::string root = scratch() + "/rootfs";
    for (const char* name : {"", "/bin", "/proc", "/dev", "/tmp", "/sys", "/etc"})
      mkdir((root + name).c_str(), 0755);
    test::copy_program("/bin/busybox", root + "/bin/busybox");
    // The command's own time is the same for every launcher and should be small. A static glibc
    // takes 0.3 ms to start where cpuid traps, as in a virtual machine.
    test::copy_program(built("nsexec-true"), root + "/bin/true");
    return root;
  }();
  return path;
}

// A bundle as `crun spec` and `runc spec` write it, for `true` without a terminal.
const std::string& bundle() {
  static const std::string path = [] {
    std::string directory = scratch() + "/bundle";
    mkdir(directory.c_str(), 0755);
    test::write_file(
        directory + "/config.json",
        R"({"ociVersion":"1.0.2","process":{"terminal":false,"user":{"uid":0,"gid":0},"args":["/bin/true"],)"
        R"("env":["PATH=/bin"],"cwd":"/","noNewPrivileges":true},"root":{"path":")" +
            rootfs() +
            R"(","readonly":false},"hostname":"box","mounts":[{"destination":"/proc","type":"proc","source":"proc"},)"
            R"({"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755"]},)"
            R"({"destination":"/dev/pts","type":"devpts","source":"devpts","options":["nosuid","noexec","newinstance"]},)"
            R"({"destination":"/tmp","type":"tmpfs","source":"tmpfs","options":["nosuid","nodev"]}],)"
            R"("linux":{"uidMappings":[{"containerID":0,"hostID":0,"size":65536}],)"
            R"("gidMappings":[{"containerID":0,"hostID":0,"size":65536}],"namespaces":[{"type":"pid"},{"type":"ipc"},)"
            R"({"type":"uts"},{"type":"mount"},{"type":"network"},{"type":"cgroup"},{"type":"user"}]}})");
    return directory;
  }();
  return path;
}

// Fills in the program's path. Returns whether it is on this machine; bench/report says which are
// missing.
bool find_path(Words& words) {
  if (words[0][0] != '/') words[0] = find_program(words[0]);
  return !words[0].empty();
}

Program program_of(const std::string& name, const Words& words) {
  const auto command =
      std::make_shared<Command>(words, Words{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"});
  return {name, [command] { return run_to_end(*command); }};
}

void add(const std::string& name, Words words) {
  if (find_path(words)) register_program(program_of(name, words));
}

// A runc container that runs while the benchmarks run, to execute `true` in it.
class RuncContainer {
 public:
  RuncContainer(std::string runc, const std::string& bundle_of_sleep)
      : runc_(std::move(runc)), root_(scratch() + "/runc-exec") {
    const Command run(
        {runc_, "--root", root_, "run", "--detach", "--bundle", bundle_of_sleep, "stays"});
    runs_ = run_to_end(run) >= 0;
  }
  ~RuncContainer() {
    if (runs_) (void)run_to_end(Command({runc_, "--root", root_, "delete", "--force", "stays"}));
  }
  RuncContainer(const RuncContainer&) = delete;
  RuncContainer& operator=(const RuncContainer&) = delete;

  [[nodiscard]] Words exec(const std::string& program) const {
    return {runc_, "--root", root_, "exec", "stays", program};
  }

 private:
  std::string runc_;
  std::string root_;
  bool runs_ = false;
};

void add_runc_exec() {
  const std::string runc = find_program("runc");
  if (runc.empty()) return;
  const std::string directory = scratch() + "/sleeps";
  mkdir(directory.c_str(), 0755);
  std::string config = test::read_file(bundle() + "/config.json");
  const std::string command = R"(["/bin/true"])";
  config.replace(config.find(command), command.size(), R"(["/bin/busybox","sleep","100000"])");
  test::write_file(directory + "/config.json", config);
  static const RuncContainer container(runc, directory);
  add("launch/join/runc-exec", container.exec("/bin/true"));
}

// Runs `at_a_time` launchers in parallel, 8 starts each, and measures the time of all starts
// together, divided by their number.
void add_parallel(const std::string& name, int at_a_time, Words words) {
  if (!find_path(words)) return;
  // Each launcher gets its own name in place of "@".
  benchmark::RegisterBenchmark(
      name.c_str(),
      [=](benchmark::State& state) {
        constexpr int kEach = 8;
        for (auto _ : state) {
          std::vector<double> times(static_cast<size_t>(at_a_time) * kEach);
          std::vector<std::thread> threads;
          const double start = now();
          for (int thread = 0; thread < at_a_time; ++thread) {
            threads.emplace_back([&, thread] {
              Words own = words;
              for (std::string& word : own) {
                if (word == "@")
                  word = "bench-" + std::to_string(getpid()) + "-" + std::to_string(thread);
              }
              const Command command(own, Words{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"});
              for (int i = 0; i < kEach; ++i)
                times[static_cast<size_t>(thread * kEach + i)] = run_to_end(command);
            });
          }
          for (std::thread& thread : threads) thread.join();
          const double took = now() - start;
          std::sort(times.begin(), times.end());
          if (times.front() < 0) {
            state.SkipWithError("one did not exit 0");
            return;
          }
          state.SetIterationTime(took / static_cast<double>(times.size()));
          state.counters["p50_us"] = times[times.size() / 2] * 1e6;
          state.counters["p99_us"] = times[times.size() * 99 / 100] * 1e6;
        }
      })
      ->UseManualTime()
      ->Iterations(1)  // one iteration is many starts already
      ->Unit(benchmark::kMicrosecond);
}

std::string floor_flags() {
  return std::to_string(CLONE_NEWCGROUP | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWPID |
                        CLONE_NEWUSER | CLONE_NEWUTS);
}

Words floor_with_rootfs() {
  return {built("bench/launch-floor"), floor_flags(), rootfs(), "/bin/true"};
}

// The other launchers create no time namespace and, with these settings, do not hide parts of
// /proc.
Words nsrun_with_rootfs(const Words& command) {
  Words words = {built("nsrun"), "--share-time", "--no-mask", "--rootfs",
                 rootfs(),       "--hostname",   "box",       "--"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Words bwrap_with_rootfs(const Words& command) {
  Words words = {"bwrap",         "--bind",     rootfs(), "/",       "--proc",
                 "/proc",         "--dev",      "/dev",   "--tmpfs", "/tmp",
                 "--unshare-all", "--hostname", "box",    "--"};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

Words crun_with_rootfs(const std::string& name) {
  return {"crun",   "--cgroup-manager=disabled",
          "--root", scratch() + "/crun",
          "run",    "--bundle",
          bundle(), name};
}

}  // namespace

std::vector<Program> launch_programs() {
  std::vector<Program> programs;
  for (auto [name, words] : {std::pair{"floor", floor_with_rootfs()},
                             {"nsrun", nsrun_with_rootfs({"/bin/true"})},
                             {"bwrap", bwrap_with_rootfs({"/bin/true"})},
                             {"crun", crun_with_rootfs("bench")}}) {
    if (find_path(words)) programs.push_back(program_of(std::string("launch-") + name, words));
  }
  return programs;
}

void register_launches() {
  const std::string flags = floor_flags();
  const auto with_rootfs = nsrun_with_rootfs;
  const auto bwrap = bwrap_with_rootfs;
  const Words nsrun = with_rootfs({"/bin/true"});
  const Words crun = crun_with_rootfs("@");
  const Words crun_once = crun_with_rootfs("bench");
  const Words floor = floor_with_rootfs();
  add("launch/rootfs/floor", floor);
  Words same = floor;
  same[1] += "+";
  add("launch/rootfs/floor-same", same);
  add("launch/rootfs/nsrun", nsrun);
  Words unsealed = nsrun;
  unsealed.insert(unsealed.begin() + 1, "--seal=none");
  add("launch/rootfs/nsrun-unsealed", unsealed);
  add("launch/rootfs/nsrun-default",
      {built("nsrun"), "--rootfs", rootfs(), "--hostname", "box", "--", "/bin/true"});
  add("launch/rootfs/bwrap", bwrap({"/bin/true"}));
  add("launch/rootfs/crun", crun_once);
  add("launch/rootfs/runc",
      {"runc", "--root", scratch() + "/runc", "run", "--bundle", bundle(), "bench"});
  add("launch/busybox/nsrun", with_rootfs({"/bin/busybox", "true"}));
  add("launch/busybox/bwrap", bwrap({"/bin/busybox", "true"}));

  const std::string program = rootfs() + "/bin/true";
  add("launch/plain/floor", {built("bench/launch-floor"), flags, "-", program});
  add("launch/plain/nsrun", {built("nsrun"), "--share-time", "--", program});
  add("launch/plain/nsrun-unsealed",
      {built("nsrun"), "--share-time", "--seal=none", "--", program});
  add("launch/plain/unshare", {"unshare", "--user", "--map-root-user", "--mount", "--uts", "--ipc",
                               "--net", "--pid", "--cgroup", "--fork", "--mount-proc", program});

  // A running container to join.
  static const test::Sleeper sleeper(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                     CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWCGROUP);
  const std::string pid = std::to_string(sleeper.pid());
  add("launch/join/nsrun", {built("nsrun"), "--join", pid, "--", program});
  add("launch/join/nsenter", {"nsenter", "--target", pid, "--all", program});
  add_runc_exec();

  for (const int at_a_time : {1, 2, 8, 64}) {
    const std::string prefix = "parallel/" + std::to_string(at_a_time) + "/";
    add_parallel(prefix + "floor", at_a_time, floor);
    add_parallel(prefix + "nsrun", at_a_time, nsrun);
    add_parallel(prefix + "bwrap", at_a_time, bwrap({"/bin/true"}));
    add_parallel(prefix + "crun", at_a_time, crun);
    // What a user can leave out, for more containers a second.
    Words no_net = nsrun;
    no_net.insert(no_net.begin() + 1, "--share-net");
    add_parallel(prefix + "nsrun-share-net", at_a_time, no_net);
    add_parallel(prefix + "nsrun-share-mnt", at_a_time,
                 {built("nsrun"), "--share-time", "--share-mnt", "--", program});
  }
}

}  // namespace bench

// Whole containers, by nsrun and by what others use: a static `true` in the same root file system,
// from before the fork until the launcher has ended. docs/bench.md says in what each one's work
// differs.
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
    if (symlink("busybox", (root + "/bin/true").c_str()) != 0) abort();
    return root;
  }();
  return path;
}

// A bundle as `crun spec` and `runc spec` have it, for `true` without a terminal.
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

void add(const std::string& name, Words words) {
  const std::string program = words[0][0] == '/' ? words[0] : find_program(words[0]);
  if (program.empty()) return;  // bench/report says which are not here
  words[0] = program;
  const auto command =
      std::make_shared<Command>(words, Words{"PATH=/usr/sbin:/usr/bin:/sbin:/bin"});
  benchmark::RegisterBenchmark(name.c_str(),
                               [command, name](benchmark::State& state) {
                                 for (auto _ : state) {
                                   const double took = run_to_end(*command);
                                   if (took < 0) {
                                     state.SkipWithError("did not exit 0");
                                     return;
                                   }
                                   state.SetIterationTime(took);
                                 }
                               })
      ->UseManualTime()
      ->Unit(benchmark::kMicrosecond);
}

// `at_a_time` launchers until `kStarts` have ended: seconds for each, by all together.
void add_parallel(const std::string& name, int at_a_time, Words words) {
  const std::string program = words[0][0] == '/' ? words[0] : find_program(words[0]);
  if (program.empty()) return;
  words[0] = program;
  // One of them with a name of its own wherever @ stands.
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
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_launches() {
  // The others know no time namespace, and hide nothing of /proc with these settings.
  const Words nsrun = {built("nsrun"), "--share-time", "--no-mask", "--rootfs", rootfs(),
                       "--hostname",   "box",          "--",        "/bin/true"};
  const Words crun = {"crun",   "--cgroup-manager=disabled",
                      "--root", scratch() + "/crun",
                      "run",    "--bundle",
                      bundle(), "@"};
  Words crun_once = crun;
  crun_once.back() = "bench";
  add("launch/rootfs/nsrun", nsrun);
  Words unsealed = nsrun;
  unsealed.insert(unsealed.begin() + 1, "--seal=none");
  add("launch/rootfs/nsrun-unsealed", unsealed);
  add("launch/rootfs/nsrun-default",
      {built("nsrun"), "--rootfs", rootfs(), "--hostname", "box", "--", "/bin/true"});
  add("launch/rootfs/bwrap",
      {"bwrap", "--bind", rootfs(), "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp",
       "--unshare-all", "--hostname", "box", "--", "/bin/true"});
  add("launch/rootfs/crun", crun_once);
  add("launch/rootfs/runc",
      {"runc", "--root", scratch() + "/runc", "run", "--bundle", bundle(), "bench"});

  add("launch/plain/nsrun", {built("nsrun"), "--", rootfs() + "/bin/true"});
  add("launch/plain/unshare",
      {"unshare", "--user", "--map-root-user", "--mount", "--uts", "--ipc", "--net", "--pid",
       "--cgroup", "--time", "--fork", "--mount-proc", rootfs() + "/bin/true"});

  const std::string pid = std::to_string(getpid());
  add("launch/join/nsrun", {built("nsrun"), "--join", pid, "--", rootfs() + "/bin/true"});
  add("launch/join/nsenter", {"nsenter", "--target", pid, "--all", rootfs() + "/bin/true"});

  for (const int at_a_time : {1, 2, 8, 64}) {
    add_parallel("parallel/" + std::to_string(at_a_time) + "/nsrun", at_a_time, nsrun);
    if (at_a_time <= 8)
      add_parallel("parallel/" + std::to_string(at_a_time) + "/crun", at_a_time, crun);
  }
}

}  // namespace bench

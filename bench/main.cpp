// nsexec-bench measures the time of everything. `make bench` runs it and makes tables and charts
// from its output.
#include <sched.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

#include "bench/bench.h"

namespace bench {

const std::string& scratch() {
  static const test::TemporaryDirectory directory;
  return directory.path();
}

std::string find_program(const std::string& name) {
  for (const char* directory : {"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/", "/usr/local/bin/"}) {
    if (access((directory + name).c_str(), X_OK) == 0) return directory + name;
  }
  return "";
}

void register_program(const Program& program) {
  benchmark::RegisterBenchmark(program.name.c_str(),
                               [run = program.run](benchmark::State& state) {
                                 for (auto _ : state) {
                                   const double took = run();
                                   if (took < 0) {
                                     state.SkipWithError("did not exit 0");
                                     return;
                                   }
                                   state.SetIterationTime(took);
                                 }
                               })
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMicrosecond);
}

namespace {

// Enters a new mount namespace and mounts cgroup2 on /sys/fs/cgroup, because crun 1.8 refuses a
// hybrid of both versions.
void enter_own_mounts() {
  if (unshare(CLONE_NEWNS) != 0 ||
      mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
    perror("nsexec-bench: own mount namespace");
    return;
  }
  if (mount("cgroup2", "/sys/fs/cgroup", "cgroup2", 0, nullptr) != 0)
    perror("nsexec-bench: cgroup2");
}

}  // namespace

}  // namespace bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  bench::enter_own_mounts();
  bench::register_system_calls();
  bench::register_flows();
  bench::register_joins();
  bench::register_sealings();
  bench::register_runc_init();
  bench::register_launches();
  bench::register_growth();
  bench::register_parked();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}

// Measures starts while many containers are running, of each program with the same number of them:
// what grows for the floor and for other launchers, too, is the kernel's.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/start.h"

namespace bench {

namespace {

// Keeps as many containers running as asked for.
class Parked {
 public:
  ~Parked() { set(0); }
  Parked() = default;
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

  // Returns when all of them run, or are gone.
  void set(size_t count) {
    if (count == launchers_.size()) return;
    constexpr int kInfo = 9;
    int pipe[2];
    if (::pipe(pipe) != 0) abort();
    const Command sleeper({built("nsrun"), "--ns", "pid,mnt,uts,ipc", "--die-with-parent",
                           "--info-fd", std::to_string(kInfo), "--", "/bin/busybox", "sleep",
                           "100000"});
    size_t awaited = 0;
    while (launchers_.size() < count) {
      const pid_t child = vfork();
      if (child == 0) {
        close(pipe[0]);
        dup2(pipe[1], kInfo);
        close(pipe[1]);
        sleeper.execute();
        _exit(127);
      }
      launchers_.push_back(child);
      // A few at a time. Each writes an object when its namespaces exist.
      if (++awaited > kAtATime && wait_for_one(pipe[0])) --awaited;
    }
    close(pipe[1]);
    while (awaited > 0 && wait_for_one(pipe[0])) --awaited;
    close(pipe[0]);
    for (; launchers_.size() > count; launchers_.pop_back()) {
      kill(launchers_.back(), SIGKILL);
      waitpid(launchers_.back(), nullptr, 0);
    }
    sleep(1);  // the kernel removes mounts and namespaces of the dead, or the last ones execute
  }

 private:
  static constexpr size_t kAtATime = 16;

  static bool wait_for_one(int fd) {
    char byte = 0;
    while (read(fd, &byte, 1) == 1) {
      if (byte == '}') return true;
    }
    return false;
  }

  std::vector<pid_t> launchers_;
};

void add(size_t count, const Program& program) {
  static Parked parked;
  benchmark::RegisterBenchmark(("parked/" + std::to_string(count) + "/" + program.name).c_str(),
                               [=](benchmark::State& state) {
                                 parked.set(count);
                                 for (auto _ : state) {
                                   const double took = program.run();
                                   if (took < 0) {
                                     state.SkipWithError("did not exit 0");
                                     return;
                                   }
                                   state.SetIterationTime(took);
                                 }
                               })
      ->UseManualTime()
      ->Iterations(1)  // each start is one repetition, and repetitions are interleaved
      ->Unit(benchmark::kMicrosecond);
}

}  // namespace

void register_parked() {
  std::vector<Program> programs = flow_programs();
  for (const Program& program : launch_programs()) programs.push_back(program);
  for (const size_t count : {0U, 10U, 100U, 1000U, 5000U}) {
    for (const Program& program : programs) add(count, program);
  }
}

}  // namespace bench

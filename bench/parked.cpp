// Measures starts while many containers are running, of each program with the same number of them:
// what grows for the floor and for other launchers, too, is the kernel's.
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"
#include "bench/start.h"

namespace bench {

namespace {

// Keeps as many containers running as asked for. They are children of a process of their own:
// wait4(2) looks at each child of its caller, and exit(2) at each sibling.
class Parked {
 public:
  ~Parked() { set(0); }
  Parked() = default;
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;

  // Returns when all of them run, or are gone.
  void set(size_t count) {
    if (count == count_) return;
    if (keeper_ != 0) {
      kill(keeper_, SIGKILL);  // they die with it
      waitpid(keeper_, nullptr, 0);
      keeper_ = 0;
    }
    if (count != 0) start_keeper(count);
    count_ = count;
    sleep(2);  // the last ones execute, or the kernel removes those that have died
  }

 private:
  static constexpr size_t kAtATime = 16;
  static constexpr int kInfo = 9;

  void start_keeper(size_t count) {
    int ready[2];
    if (pipe2(ready, O_CLOEXEC) != 0) abort();
    keeper_ = fork();
    if (keeper_ == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(ready[0]);
      start(count);
      close(ready[1]);
      for (;;) pause();
    }
    close(ready[1]);
    char byte = 0;
    (void)!read(ready[0], &byte, 1);
    close(ready[0]);
  }

  // In the keeper.
  static void start(size_t count) {
    int info[2];
    if (pipe(info) != 0) abort();
    const Command sleeper({built("nsrun"), "--ns", "pid,mnt,uts,ipc", "--die-with-parent",
                           "--info-fd", std::to_string(kInfo), "--", "/bin/busybox", "sleep",
                           "100000"});
    size_t awaited = 0;
    for (size_t i = 0; i < count; ++i) {
      const pid_t child = vfork();
      if (child == 0) {
        close(info[0]);
        dup2(info[1], kInfo);
        close(info[1]);
        sleeper.execute();
        _exit(127);
      }
      // A few at a time. Each writes an object when its namespaces exist.
      if (++awaited > kAtATime && wait_for_one(info[0])) --awaited;
    }
    close(info[1]);
    while (awaited > 0 && wait_for_one(info[0])) --awaited;
    close(info[0]);
  }

  static bool wait_for_one(int fd) {
    char byte = 0;
    while (read(fd, &byte, 1) == 1) {
      if (byte == '}') return true;
    }
    return false;
  }

  size_t count_ = 0;
  pid_t keeper_ = 0;
};

void add(size_t count, const Program& program) {
  static Parked parked;
  register_program({"parked/" + std::to_string(count) + "/" + program.name, [=] {
                      parked.set(count);
                      return program.run();
                    }});
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

// What a start asks of the kernel, stage by stage, counted by tracing it, beside the floor
// (bench/floor.cpp): docs/performance.md.
#include <linux/magic.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <vector>

#include "syscalls/fd.h"
#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using sys::Fd;
using test::built;
using test::Message;
using test::Sealing;

struct StageCosts {
  int system_calls = 0;
  long page_faults = 0;
  long context_switches = 0;
  long peak_kib = 0;  ///< resident, VmHWM
  long written = 0;   ///< bytes, by whatever call: wchar of proc_pid_io(5)
};

long value_in(const std::string& file, pid_t pid, const std::string& key) {
  const std::string text = test::read_file("/proc/" + std::to_string(pid) + "/" + file);
  const size_t at = text.find(key + ":");
  return at == std::string::npos ? -1 : atol(text.c_str() + at + key.size() + 1);
}

[[noreturn]] void run_traced(const std::vector<std::string>& words, int init_pipe,
                             const std::string& state_directory) {
  dup2(init_pipe, 3);
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  const std::string state = "_LIBCONTAINER_STATEDIR=" + state_directory;
  const char* const environment[] = {"_LIBCONTAINER_INITPIPE=3",
                                     state_directory.empty() ? nullptr : state.c_str(), nullptr};
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  execve(argv[0], argv.data(), const_cast<char**>(environment));
  _exit(98);
}

// In the order in which the stages began.
std::vector<StageCosts> costs_of(const std::vector<std::string>& words, const std::string& message,
                                 const std::string& state_directory = "") {
  int pair[2];
  EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  const Fd ours(pair[0]);
  Fd theirs(pair[1]);
  EXPECT_EQ(static_cast<ssize_t>(message.size()), write(pair[0], message.data(), message.size()));
  const pid_t stage0 = fork();
  if (stage0 == 0) run_traced(words, theirs.get(), state_directory);
  theirs.reset();
  std::vector<StageCosts> stages;
  std::map<pid_t, size_t> index;
  int status = 0;
  EXPECT_EQ(stage0, waitpid(stage0, &status, 0));  // stopped behind the first execve, which is ours
  ptrace(PTRACE_SETOPTIONS, stage0, nullptr,
         PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXIT |
             PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL);
  for (pid_t pid = stage0; pid > 0;) {
    const auto [entry, is_new] = index.emplace(pid, stages.size());
    if (is_new) stages.emplace_back();
    StageCosts& stage = stages[entry->second];
    const int event = status >> 16;
    if (WIFSTOPPED(status) && WSTOPSIG(status) == (SIGTRAP | 0x80)) {
      __ptrace_syscall_info info{};
      ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
      if (info.op == PTRACE_SYSCALL_INFO_ENTRY) ++stage.system_calls;
    } else if (event == PTRACE_EVENT_EXIT) {
      stage.peak_kib = value_in("status", pid, "VmHWM");
      stage.written = value_in("io", pid, "wchar");
    }
    if (WIFSTOPPED(status)) ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
    struct rusage usage {};
    pid = wait4(-1, &status, __WALL, &usage);
    if (pid > 0 && !WIFSTOPPED(status)) {
      EXPECT_EQ(0, status);
      stages[index[pid]].page_faults = usage.ru_minflt + usage.ru_majflt;
    }
  }
  return stages;
}

int system_calls(const std::vector<StageCosts>& stages) {
  int sum = 0;
  for (const StageCosts& stage : stages) sum += stage.system_calls;
  return sum;
}

void print(const char* name, const std::vector<StageCosts>& stages) {
  for (size_t i = 0; i < stages.size(); ++i) {
    printf(
        "          %-9s stage %zu  %2d system calls, %3ld page faults, %4ld KiB resident at most\n",
        name, i, stages[i].system_calls, stages[i].page_faults, stages[i].peak_kib);
  }
}

TEST(Costs, AreTheFloorsAndLittleMore) {
  REQUIRE_ROOT();
  constexpr unsigned kFour = CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC;
  const test::TemporaryDirectory directory;
  const std::string plain = directory.file("unsealed");
  const std::string sealing = directory.file("sealed");
  test::copy_program_sealed_by(built("nsexec-true"), plain, {Sealing::kNone});
  test::copy_program_sealed_by(built("nsexec-true"), sealing, {Sealing::kDetachedMount});
  const std::string message =
      Message().flags(kFour).boolean(stub::Attribute::kSetgroups, true).bytes();

  const auto floor = costs_of({built("bench/floor"), std::to_string(kFour)}, "");
  const auto unsealed = costs_of({plain}, message);
  print("floor", floor);
  print("unsealed", unsealed);
  ASSERT_EQ(3U, floor.size());
  ASSERT_EQ(3U, unsealed.size());
  // On a tmpfs the binary could be a memfd, and is asked whether it has a name.
  struct statfs file_system {};
  ASSERT_EQ(0, statfs(plain.c_str(), &file_system));
  const int question = static_cast<unsigned long>(file_system.f_type) == TMPFS_MAGIC ? 1 : 0;
  EXPECT_LE(system_calls(unsealed), system_calls(floor) + 6);
  for (const StageCosts& stage : unsealed) {
    // Pages of 64 KiB count as whole ones.
    EXPECT_LE(stage.peak_kib, std::max(200L, 12 * sysconf(_SC_PAGESIZE) / 1024));
  }

  if (!test::has_mount_setattr()) GTEST_SKIP() << "sealed: this kernel has no mount_setattr";
  const auto sealed = costs_of({sealing}, message);
  print("sealed", sealed);
  ASSERT_EQ(3U, sealed.size());
  // Three of them are what the proof asks besides since it says yes only to mounts that nobody can
  // change: openat, uname and mount. docs/sealing.md, "Already sealed?".
  EXPECT_LE(system_calls(sealed), system_calls(floor) + 18 + question);
  for (const StageCosts& stage : sealed) {
    EXPECT_LE(stage.peak_kib, std::max(200L, 12 * sysconf(_SC_PAGESIZE) / 1024));
  }
}

// A copy costs the binary's size. The other strategies make the same system calls and page faults
// and write the same number of bytes for each size.
TEST(Costs, OfASealDoNotGrowWithTheBinary) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory reflinks(test::directory_with_reflinks());
  const test::TemporaryDirectory state;
  struct Sum {
    int system_calls = 0;
    long page_faults = 0;
    long written = 0;
  };
  const auto start = [&](Sealing sealing, off_t size) {
    const std::string binary = (sealing == Sealing::kReflink ? reflinks : directory).file("binary");
    test::copy_program_sealed_by(built("nsexec-true"), binary, {sealing});
    EXPECT_EQ(0, truncate(binary.c_str(), size));
    Sum sum;
    for (const StageCosts& stage : costs_of({binary}, Message().bytes(), state.path())) {
      sum.system_calls += stage.system_calls;
      sum.page_faults += stage.page_faults;
      sum.written += stage.written;
    }
    EXPECT_EQ(0, unlink(binary.c_str()));
    return sum;
  };
  constexpr off_t kSmall = 100 << 10;
  for (const Sealing sealing : test::without_copies()) {
    if (sealing == Sealing::kReflink && !test::has_reflinks(reflinks.path())) continue;
    const Sum small = start(sealing, kSmall);
    printf("          %-15s %d system calls, %ld page faults, %ld bytes written\n",
           name_of(sealing, false).c_str(), small.system_calls, small.page_faults, small.written);
    for (const off_t size : {10L << 20, 100L << 20}) {
      const Sum large = start(sealing, size);
      EXPECT_EQ(small.system_calls, large.system_calls) << name_of(sealing) << ' ' << size;
      EXPECT_EQ(small.written, large.written) << name_of(sealing) << ' ' << size;
      // The kernel places the program and the vDSO at random, which makes some page tables more.
      EXPECT_NEAR(double(small.page_faults), double(large.page_faults), 16) << name_of(sealing);
    }
  }
  // The control: a copy is seen.
  EXPECT_GE(start(Sealing::kMemfd, 10L << 20).written - start(Sealing::kMemfd, kSmall).written,
            9L << 20);
}

}  // namespace

// Counts the system calls of each stage of a start by tracing it, and compares them with the floor
// (bench/floor.cpp): docs/performance.md.
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <vector>

#include "parent/nsexec_parent.h"
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
  long peak_kib = 0;  ///< peak resident memory, VmHWM
  long written = 0;   ///< bytes written by any call: wchar of proc_pid_io(5)
};

// The kernel places the program, its stack and the vDSO at random, so the number of pages and page
// tables that they touch varies.
constexpr long kPlacement = 16;

long value_in(const std::string& file, pid_t pid, const std::string& key) {
  const std::string text = test::read_file("/proc/" + std::to_string(pid) + "/" + file);
  const size_t at = text.find(key + ":");
  return at == std::string::npos ? -1 : atol(text.c_str() + at + key.size() + 1);
}

[[noreturn]] void run_traced(const std::vector<std::string>& words,
                             const std::vector<std::string>& variables, int init_pipe) {
  if (variables.empty()) {
    dup2(open("/dev/null", O_RDWR), 1);
  } else {
    dup2(init_pipe, 3);
  }
  std::vector<char*> argv;
  for (const std::string& word : words) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  std::vector<char*> environment;
  for (const std::string& line : variables) environment.push_back(const_cast<char*>(line.c_str()));
  environment.push_back(nullptr);
  ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  execve(argv[0], argv.data(), environment.data());
  _exit(98);
}

// Returns the costs of each process, in the order in which the processes began.
std::vector<StageCosts> costs_of(const std::vector<std::string>& words, const std::string& message,
                                 const std::vector<std::string>& variables = {
                                     "_LIBCONTAINER_INITPIPE=3"}) {
  int pair[2];
  EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
  const Fd ours(pair[0]);
  Fd theirs(pair[1]);
  EXPECT_EQ(static_cast<ssize_t>(message.size()), write(pair[0], message.data(), message.size()));
  const pid_t stage0 = fork();
  if (stage0 == 0) run_traced(words, variables, theirs.get());
  theirs.reset();
  std::vector<StageCosts> stages;
  std::map<pid_t, size_t> index;
  int status = 0;
  EXPECT_EQ(stage0, waitpid(stage0, &status, 0));  // stopped after the execve of this test
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
    // Children that an earlier test has killed may end only now. They were not stopped before.
    do {
      pid = wait4(-1, &status, __WALL, &usage);
    } while (pid > 0 && !WIFSTOPPED(status) && index.count(pid) == 0);
    if (pid > 0 && !WIFSTOPPED(status)) {
      EXPECT_EQ(0, status);
      stages[index[pid]].page_faults = usage.ru_minflt + usage.ru_majflt;
    }
  }
  return stages;
}

StageCosts total(const std::vector<StageCosts>& stages) {
  StageCosts sum;
  for (const StageCosts& stage : stages) {
    sum.system_calls += stage.system_calls;
    sum.page_faults += stage.page_faults;
    sum.written += stage.written;
    sum.peak_kib = std::max(sum.peak_kib, stage.peak_kib);
  }
  return sum;
}

int system_calls(const std::vector<StageCosts>& stages) { return total(stages).system_calls; }

long page_faults(const std::vector<StageCosts>& stages) { return total(stages).page_faults; }

void print(const char* name, const std::vector<StageCosts>& stages) {
  for (size_t i = 0; i < stages.size(); ++i) {
    printf(
        "          %-9s stage %zu  %2d system calls, %3ld page faults, %4ld KiB resident at most\n",
        name, i, stages[i].system_calls, stages[i].page_faults, stages[i].peak_kib);
  }
}

TEST(Costs, AreThoseOfTheTracedProcessesOnly) {
  const pid_t other = fork();
  if (other == 0) {
    for (;;) pause();
  }
  kill(other, SIGKILL);
  EXPECT_EQ(1U, costs_of({"/bin/true"}, "", {}).size());
}

TEST(Costs, AreLittleMoreThanTheFloors) {
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
  // On a tmpfs the binary could be a memfd, so the stub also asks whether it has a name.
  struct statfs file_system {};
  ASSERT_EQ(0, statfs(plain.c_str(), &file_system));
  const int question = static_cast<unsigned long>(file_system.f_type) == TMPFS_MAGIC ? 1 : 0;
  EXPECT_LE(system_calls(unsealed), system_calls(floor) + 6);
  EXPECT_LE(page_faults(unsealed), page_faults(floor) + kPlacement);
  for (const StageCosts& stage : unsealed) {
    // Allows for pages of 64 KiB, of which each counts as a whole.
    EXPECT_LE(stage.peak_kib, std::max(200L, 12 * sysconf(_SC_PAGESIZE) / 1024));
  }

  if (!test::has_mount_setattr()) GTEST_SKIP() << "sealed: this kernel has no mount_setattr";
  const auto sealed = costs_of({sealing}, message);
  print("sealed", sealed);
  ASSERT_EQ(3U, sealed.size());
  // The proof makes three of these calls to accept only mounts that no process can make writable:
  // openat, uname and mount. docs/sealing.md, "Already sealed?".
  EXPECT_LE(system_calls(sealed), system_calls(floor) + 18 + question);
  EXPECT_LE(page_faults(sealed), page_faults(floor) + kPlacement + 8);  // for one more execve
  for (const StageCosts& stage : sealed) {
    EXPECT_LE(stage.peak_kib, std::max(200L, 12 * sysconf(_SC_PAGESIZE) / 1024));
  }
}

// Where nothing has to be sealed, only the proof is left: one call for a file system that can only
// be read, six more for a mount that the parent has made.
TEST(Costs, OfASealThatIsThereAlreadyAreThoseOfItsProof) {
  REQUIRE_ROOT();
  REQUIRE_MOUNT_SETATTR();
  const test::TemporaryDirectory directory;
  const std::string plain = directory.file("unsealed");
  const std::string program = directory.file("program");
  test::copy_program_sealed_by(built("nsexec-true"), plain, {Sealing::kNone});
  test::copy_program(built("nsexec-true"), program);
  const std::string message = Message().flags(CLONE_NEWPID | CLONE_NEWNS).bytes();
  const auto unsealed = costs_of({plain}, message);
  print("unsealed", unsealed);

  const Fd sealed(nsexec_parent_seal(program.c_str()));
  ASSERT_TRUE(sealed.is_open());
  const auto by_parent = costs_of({test::fd_path(sealed.get())}, message,
                                  {"_LIBCONTAINER_INITPIPE=3", "_LIBCONTAINER_CLONED_BINARY=1"});
  print("by parent", by_parent);
  EXPECT_LE(system_calls(by_parent), system_calls(unsealed) + 6);
  EXPECT_LE(page_faults(by_parent), page_faults(unsealed) + kPlacement);

  const std::string place = directory.file("medium");
  ASSERT_EQ(0, mkdir(place.c_str(), 0755));
  const std::string wrong = test::mount_medium("squashfs", place);
  if (!wrong.empty()) GTEST_SKIP() << "a medium: " << wrong;
  const auto medium = costs_of({place + "/nsexec-true"}, message);
  EXPECT_EQ(0, umount2(place.c_str(), MNT_DETACH));
  print("medium", medium);
  EXPECT_LE(system_calls(medium), system_calls(unsealed) + 1);
  EXPECT_LE(page_faults(medium), page_faults(unsealed) + kPlacement);
}

// A copy costs the binary's size. The other strategies make the same system calls and page faults
// and write the same number of bytes for each size.
TEST(Costs, OfASealDoNotGrowWithTheBinary) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  const test::TemporaryDirectory reflinks(test::directory_with_reflinks());
  const test::TemporaryDirectory state;
  const auto start = [&](Sealing sealing, off_t size) {
    const std::string binary = (sealing == Sealing::kReflink ? reflinks : directory).file("binary");
    test::copy_program_sealed_by(built("nsexec-true"), binary, {sealing});
    EXPECT_EQ(0, truncate(binary.c_str(), size));
    const StageCosts sum =
        total(costs_of({binary}, Message().bytes(),
                       {"_LIBCONTAINER_INITPIPE=3", "_LIBCONTAINER_STATEDIR=" + state.path()}));
    EXPECT_EQ(0, unlink(binary.c_str()));
    return sum;
  };
  constexpr off_t kSmall = 100 << 10;
  for (const Sealing sealing : test::without_copies()) {
    if (sealing == Sealing::kReflink && !test::has_reflinks(reflinks.path())) continue;
    const StageCosts small = start(sealing, kSmall);
    printf("          %-15s %d system calls, %ld page faults, %ld bytes written\n",
           name_of(sealing, false).c_str(), small.system_calls, small.page_faults, small.written);
    for (const off_t size : {10L << 20, 100L << 20}) {
      const StageCosts large = start(sealing, size);
      EXPECT_EQ(small.system_calls, large.system_calls) << name_of(sealing) << ' ' << size;
      EXPECT_EQ(small.written, large.written) << name_of(sealing) << ' ' << size;
      EXPECT_NEAR(double(small.page_faults), double(large.page_faults), double(kPlacement))
          << name_of(sealing);
    }
  }
  // The control: the bytes of a copy are counted.
  EXPECT_GE(start(Sealing::kMemfd, 10L << 20).written - start(Sealing::kMemfd, kSmall).written,
            9L << 20);
}

// The costs of the start whose page faults are the median of seven, after one that is not counted:
// the first start in a new root also creates directories. Where the kernel places
// programs and stacks changes the number by some.
std::vector<StageCosts> median_costs_of(const std::vector<std::string>& words,
                                        const std::string& message,
                                        const std::vector<std::string>& variables) {
  (void)costs_of(words, message, variables);
  std::vector<std::vector<StageCosts>> starts;
  for (int i = 0; i < 7; ++i) starts.push_back(costs_of(words, message, variables));
  std::sort(starts.begin(), starts.end(),
            [](const auto& a, const auto& b) { return page_faults(a) < page_faults(b); });
  printf("          %ld to %ld page faults\n", page_faults(starts.front()),
         page_faults(starts.back()));
  return starts[starts.size() / 2];
}

// Compares nsrun's costs of a whole container that has a root with the least work that makes the
// same container (bench/launch_floor.cpp, which builds the file system with nsrun's own code).
TEST(Costs, OfAWholeContainerAreNearItsFloor) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory root;
  ASSERT_EQ(0, mkdir(root.file("bin").c_str(), 0755));
  const std::string command = "/bin/true";
  test::copy_program(built("nsexec-true"), root.file("bin/true"));
  constexpr unsigned kFlags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS | CLONE_NEWUTS |
                              CLONE_NEWIPC | CLONE_NEWCGROUP | CLONE_NEWNET;
  const auto of_nsrun = [&](const std::string& seal) {
    return median_costs_of({built("nsrun"), "--seal=" + seal, "--share-time", "--no-mask",
                            "--rootfs", root.path(), "--hostname", "box", "--", command},
                           "", {});
  };
  const auto floor = median_costs_of(
      {built("bench/launch-floor"), std::to_string(kFlags), root.path(), command}, "", {});
  const auto unsealed = of_nsrun("none");
  const auto print_sums = [](const char* name, const std::vector<StageCosts>& costs) {
    printf("          %-9s %d system calls, %ld page faults, %zu processes\n", name,
           system_calls(costs), page_faults(costs), costs.size());
  };
  print_sums("floor", floor);
  print_sums("unsealed", unsealed);
  EXPECT_EQ(floor.size(), unsealed.size());
  // nsrun also handles options, checks, signals, error reports and capabilities. The root has the
  // directories that the floor creates in its first start, which takes it 30 calls.
  EXPECT_LE(system_calls(unsealed), system_calls(floor) + 110);
  EXPECT_LE(page_faults(unsealed), 2 * page_faults(floor));  // nsrun has seven times as much code
  if (!test::has_mount_setattr()) GTEST_SKIP() << "sealed: this kernel has no mount_setattr";
  const auto sealed = of_nsrun("detached-mount");
  print_sums("sealed", sealed);
  EXPECT_EQ(floor.size(), sealed.size());
  EXPECT_LE(system_calls(sealed), system_calls(unsealed) + 24);
  EXPECT_LE(page_faults(sealed), page_faults(unsealed) + 24);  // for one more execve
}

}  // namespace

// Tests the wrappers of syscalls/ in a hosted program, against libc and the kernel.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "syscalls/file.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "syscalls/mount.h"
#include "syscalls/namespaces.h"
#include "syscalls/poll.h"
#include "syscalls/process.h"
#include "syscalls/signals.h"
#include "syscalls/sockets.h"
#include "syscalls/system.h"
#include "tests/support/support.h"

namespace {

using test::contains;

std::string string_of(sys::Text text) { return {text.data(), text.size()}; }

TEST(Result, CarriesTheErrno) {
  const auto result = sys::openat(AT_FDCWD, "/nonexistent", O_RDONLY);
  EXPECT_FALSE(result);
  EXPECT_TRUE(result.error() == ENOENT);
  EXPECT_FALSE(sys::close(-1));
  EXPECT_TRUE(sys::close(-1).error() == EBADF);
}

TEST(Result, IsOneWord) {
  static_assert(sizeof(sys::Result<int>) == sizeof(long));
  static_assert(sizeof(sys::Result<sys::Fd>) == sizeof(long));
  static_assert(sizeof(sys::Result<void>) == sizeof(long));
}

TEST(Fd, ClosesWithItsScope) {
  int number = -1;
  {
    const sys::Fd fd = sys::openat(AT_FDCWD, "/dev/null", O_RDONLY).value();
    number = fd.get();
    EXPECT_EQ(FD_CLOEXEC, sys::fcntl(number, F_GETFD).value());
  }
  EXPECT_TRUE(sys::fcntl(number, F_GETFD).error() == EBADF);
}

TEST(Fd, MovesItsOwnership) {
  sys::Fd first = sys::openat(AT_FDCWD, "/dev/null", O_RDONLY).value();
  const int number = first.get();
  const sys::Fd second = static_cast<sys::Fd&&>(first);
  EXPECT_FALSE(first.is_open());
  EXPECT_EQ(number, second.get());
  EXPECT_TRUE(sys::fcntl(number, F_GETFD));
}

TEST(Files, AreReadAndWrittenCompletely) {
  const test::TemporaryDirectory directory;
  const std::string path = directory.file("f");
  {
    const sys::Fd fd = sys::openat(AT_FDCWD, path.c_str(), O_RDWR | O_CREAT, 0600).value();
    EXPECT_TRUE(sys::write_fully(fd.get(), "hello world"));
  }
  const sys::Fd fd = sys::openat(AT_FDCWD, path.c_str(), O_RDONLY).value();
  unsigned char buffer[64];
  EXPECT_EQ(11U, sys::read_fully(fd.get(), {buffer, sizeof buffer}).value());
  EXPECT_EQ(5U, sys::pread(fd.get(), {buffer, 5}, 6).value());
  EXPECT_EQ("world", std::string(reinterpret_cast<char*>(buffer), 5));
  struct statx status {};
  EXPECT_TRUE(sys::statx(fd.get(), "", AT_EMPTY_PATH, STATX_BASIC_STATS, status));
  EXPECT_EQ(11U, status.stx_size);
  struct statx by_path {};
  EXPECT_TRUE(sys::statx(AT_FDCWD, path.c_str(), 0, STATX_BASIC_STATS, by_path));
  EXPECT_TRUE(sys::same_file(status, by_path));
}

TEST(Files, AreReadFullyFromAPipeThatDeliversSingleBytes) {
  sys::Pipe pipe;
  ASSERT_TRUE(pipe.open(O_CLOEXEC));
  const pid_t child = fork();
  if (child == 0) {
    for (const char c : std::string("abcdef")) {
      (void)sys::write(pipe.writer.get(), {&c, 1});
      usleep(500);
    }
    _exit(0);
  }
  pipe.writer.reset();
  unsigned char buffer[16];
  EXPECT_EQ(6U, sys::read_fully(pipe.reader.get(), {buffer, sizeof buffer}).value());
  waitpid(child, nullptr, 0);
}

TEST(Files, AreMadeLinkedAndReadByTheirCalls) {
  const test::TemporaryDirectory directory;
  const sys::Fd dir =
      sys::openat(AT_FDCWD, directory.path().c_str(), O_RDONLY | O_DIRECTORY).value();
  EXPECT_TRUE(sys::mkdirat(dir.get(), "d", 0755));
  EXPECT_TRUE(sys::symlinkat("d", dir.get(), "l"));
  char target[16];
  EXPECT_EQ("d", string_of(sys::readlinkat(dir.get(), "l", {target, sizeof target}).value()));
  EXPECT_TRUE(sys::openat2(dir.get(), "l", O_PATH, RESOLVE_NO_SYMLINKS).error() == ELOOP);
  EXPECT_TRUE(sys::openat2(dir.get(), "../x", O_PATH, RESOLVE_BENEATH).error() == EXDEV);
  EXPECT_TRUE(sys::unlinkat(dir.get(), "l"));
  EXPECT_TRUE(sys::unlinkat(dir.get(), "d", AT_REMOVEDIR));
  EXPECT_FALSE(sys::faccessat(dir.get(), "d", X_OK));
  const sys::Fd file = sys::openat(dir.get(), "f", O_RDWR | O_CREAT, 0600).value();
  EXPECT_TRUE(sys::ftruncate(file.get(), 3));
  EXPECT_TRUE(sys::fchmod(file.get(), 0500));
  EXPECT_TRUE(sys::dup3(file.get(), 900, O_CLOEXEC));
  EXPECT_TRUE(sys::close_range(900, 900));
  EXPECT_TRUE(sys::fcntl(900, F_GETFD).error() == EBADF);
}

TEST(Files, TellTheirFileSystem) {
  const sys::Fd proc = sys::openat(AT_FDCWD, "/proc", O_PATH).value();
  sys::FileSystem status{};
  EXPECT_TRUE(sys::fstatfs(proc.get(), status));
  EXPECT_EQ(PROC_SUPER_MAGIC, status.f_type);
}

TEST(Memfd, CanBeCopiedToAndSealed) {
  const sys::Fd from = sys::memfd_create("from", MFD_CLOEXEC).value();
  const sys::Fd to = sys::memfd_create("to", MFD_CLOEXEC | MFD_ALLOW_SEALING).value();
  EXPECT_TRUE(sys::write_fully(from.get(), "content"));
  ASSERT_EQ(0, lseek(from.get(), 0, SEEK_SET));
  EXPECT_EQ(7U, sys::sendfile(from.get(), to.get(), 100).value());
  EXPECT_TRUE(sys::fcntl(to.get(), F_ADD_SEALS, F_SEAL_WRITE));
  EXPECT_TRUE(sys::write(to.get(), "x").error() == EPERM);
}

TEST(Mapping, IsZeroedAndIsUnmappedByItsDestructor) {
  const unsigned char* address = nullptr;
  {
    sys::Mapping mapping;
    ASSERT_TRUE(mapping.map_private(10000));
    address = mapping.data();
    for (const unsigned char byte : mapping.bytes()) ASSERT_EQ(0, byte);
  }
  unsigned char resident = 0;
  EXPECT_EQ(-1, mincore(const_cast<unsigned char*>(address), 4096, &resident));
  sys::Mapping none;
  EXPECT_TRUE(none.map_private(0).error() == EINVAL);
}

TEST(Mapping, CanBeSharedWithAFork) {
  sys::Mapping mapping;
  ASSERT_TRUE(mapping.map_shared(4));
  const pid_t child = fork();
  if (child == 0) {
    mapping.data()[0] = 42;
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  EXPECT_EQ(42, mapping.data()[0]);
}

TEST(Clone, StoresThePidBeforeTheChildRuns) {
  sys::Mapping mapping;
  ASSERT_TRUE(mapping.map_shared(sizeof(sys::Pid)));
  auto* pid = reinterpret_cast<sys::Pid*>(mapping.data());
  const auto child = sys::clone(CLONE_PARENT_SETTID | SIGCHLD, pid);
  ASSERT_TRUE(child);
  if (child.value() == 0) sys::exit(*pid == sys::getpid() ? 7 : 8);
  const auto status = sys::wait(child.value());
  EXPECT_EQ(7, status.value().exit_status());
  EXPECT_EQ(child.value(), status.value().pid);
}

// Clones in a child, which the clone then replaces. CLONE_PARENT makes both children of this
// process, so it reaps both.
void expect_taken_over(unsigned long flags) {
  sys::Mapping mapping;
  ASSERT_TRUE(mapping.map_shared(2 * sizeof(sys::Pid)));
  auto* pids = reinterpret_cast<sys::Pid*>(mapping.data());
  const auto parent = sys::clone(SIGCHLD);
  ASSERT_TRUE(parent);
  if (parent.value() == 0) {
    const auto taken =
        sys::clone_and_exit(flags | CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, &pids[0]);
    if (!taken) sys::exit(taken.error().number);
    pids[1] = sys::getpid();
    sys::exit(77);
  }
  const sys::ChildStatus left = sys::wait(parent.value()).value();
  if (left.exit_status() == EINVAL)
    GTEST_SKIP() << "QEMU's user mode supports CLONE_VM only for threads";
  EXPECT_TRUE(left.exited());
  EXPECT_EQ(0, left.as_shell());
  ASSERT_LT(0, pids[0]);
  EXPECT_EQ(77, sys::wait(pids[0]).value().as_shell());
  EXPECT_EQ(pids[0], pids[1]);
}

TEST(CloneAndExit, ContinuesOnlyInTheChild) { expect_taken_over(0); }

TEST(CloneAndExit, HandsItsMemoryToTheChild) { expect_taken_over(CLONE_VM); }

TEST(CloneAndExit, ReturnsTheErrnoIfItIsRefused) {
  const auto refused = sys::clone_and_exit(CLONE_THREAD);
  EXPECT_EQ(EINVAL, refused.error().number);
}

TEST(Clone3, ReturnsAPidfd) {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const auto child = sys::clone3(arguments);
  ASSERT_TRUE(child) << child.error().number;
  if (child.value() == 0) {
    for (;;) pause();
  }
  const sys::Fd owner(pidfd);
  EXPECT_TRUE(sys::pidfd_send_signal(owner.get(), SIGTERM));
  sys::PollEntry entry{owner.get(), POLLIN, 0};
  EXPECT_EQ(1, sys::poll({&entry, 1}).value());
  const auto status = sys::wait(child.value());
  EXPECT_TRUE(status.value().signaled());
  EXPECT_EQ(128 + SIGTERM, status.value().as_shell());
}

TEST(Process, ReapsItsChildren) {
  EXPECT_TRUE(sys::wait(-1, WNOHANG).error() == ECHILD);
  const auto child = sys::clone(SIGCHLD);
  if (child.value() == 0) sys::exit(5);
  EXPECT_EQ(5, sys::wait(child.value()).value().as_shell());
}

TEST(Process, LendsItsMemoryToAChildUntilItExecutes) {
  int written = 0;
  const auto child = sys::clone_to_execute([&] {
    written = sys::getpid();
    sys::exit(6);
  });
  // The caller did not continue before the child had ended.
  EXPECT_EQ(child.value(), written);
  EXPECT_NE(getpid(), written);
  EXPECT_EQ(6, sys::wait(child.value()).value().as_shell());
}

TEST(Process, ExecutesAFileByItsFd) {
  const sys::Fd fd = sys::openat(AT_FDCWD, "/proc/self/exe", O_PATH).value();
  const auto child = sys::clone(SIGCHLD);
  if (child.value() == 0) {
    const char* const argv[] = {"x", "--gtest_list_tests", nullptr};
    const char* const environment[] = {nullptr};
    const sys::Fd null = sys::openat(AT_FDCWD, "/dev/null", O_WRONLY).value();
    (void)sys::dup3(null.get(), 1, 0);
    (void)sys::execveat(fd.get(), "", argv, environment, AT_EMPTY_PATH);
    sys::exit(99);
  }
  EXPECT_EQ(0, sys::wait(child.value()).value().as_shell());
}

TEST(Process, ReturnsItsNameAndIds) {
  char name[16] = {};
  EXPECT_TRUE(sys::prctl(PR_SET_NAME, "a name"));
  EXPECT_TRUE(sys::prctl(PR_GET_NAME, name));
  EXPECT_STREQ("a name", name);
  EXPECT_EQ(getpid(), sys::getpid());
  EXPECT_EQ(getppid(), sys::getppid());
  EXPECT_EQ(geteuid(), sys::geteuid());
  EXPECT_EQ(getegid(), sys::getegid());
  EXPECT_TRUE(sys::prctl(-1, 0).error() == EINVAL);
}

TEST(Process, CopiesAnFdOfAProcess) {
  const sys::Fd self = sys::pidfd_open(getpid()).value();
  const sys::Fd null = sys::openat(AT_FDCWD, "/dev/null", O_RDONLY).value();
  EXPECT_TRUE(sys::pidfd_getfd(self.get(), null.get()).value().is_open());
}

TEST(Signals, AreBlockedAndReadWithoutAHandler) {
  const sys::SignalSet set = sys::SignalSet::of(SIGUSR1);
  const auto before = sys::signal_mask(SIG_BLOCK, set);
  ASSERT_TRUE(before);
  EXPECT_TRUE(sys::take_pending_signal(set).error() == EAGAIN);
  raise(SIGUSR1);
  EXPECT_EQ(SIGUSR1, sys::take_pending_signal(set).value());
  const sys::Fd fd = sys::signalfd(set).value();
  raise(SIGUSR1);
  EXPECT_EQ(SIGUSR1, sys::read_signal(fd.get()).value());
  EXPECT_TRUE(sys::read_signal(fd.get()).error() == EAGAIN);
  raise(SIGUSR1);
  EXPECT_EQ(SIGUSR1, sys::wait_signal(set).value());
  EXPECT_TRUE(sys::signal_mask(SIG_SETMASK, before.value()));
}

TEST(Process, WaitsForFdsNoLongerThanTheTimeout) {
  sys::Pipe pipe;
  ASSERT_TRUE(pipe.open(O_CLOEXEC));
  sys::PollEntry entry{pipe.reader.get(), POLLIN, 0};
  EXPECT_EQ(0, sys::poll_for({&entry, 1}, 0).value());
  const int64_t start = sys::nanoseconds(CLOCK_MONOTONIC);
  EXPECT_EQ(0, sys::poll_for({&entry, 1}, 20'000'000).value());
  EXPECT_GE(sys::nanoseconds(CLOCK_MONOTONIC) - start, 20'000'000);
  ASSERT_TRUE(sys::write(pipe.writer.get(), "x"));
  EXPECT_EQ(1, sys::poll_for({&entry, 1}, 1'000'000'000).value());
}

TEST(Process, SetsItsLimitsNicenessAndCapabilities) {
  const pid_t child = fork();
  if (child == 0) {
    struct rlimit now {};
    const bool limited = sys::set_resource_limits(RLIMIT_CORE, {0, 0}) &&
                         getrlimit(RLIMIT_CORE, &now) == 0 && now.rlim_max == 0;
    const bool nice = sys::set_nice(19) && getpriority(PRIO_PROCESS, 0) == 19;
    sys::CapabilitySets sets{};
    bool dropped = static_cast<bool>(sys::capget(sets));
    for (auto& half : sets.halves) half = {};
    dropped = dropped && sys::capset(sets) && sys::capget(sets) && sets.halves[0].permitted == 0;
    _exit(limited && nice && dropped ? 0 : 1);
  }
  int status = -1;
  waitpid(child, &status, 0);
  EXPECT_EQ(0, status);
}

TEST(Sockets, PassFds) {
  sys::SocketPair pair;
  ASSERT_TRUE(pair.open(SOCK_SEQPACKET));
  const sys::Fd file = sys::memfd_create("x", MFD_CLOEXEC).value();
  char byte = 'a';
  EXPECT_EQ(1U, sys::FdMessage({&byte, 1}, file.get()).send(pair.first.get()).value());
  char answer = 0;
  sys::FdMessage message({&answer, 1}, -1);
  EXPECT_EQ(1U, message.receive(pair.second.get()).value());
  EXPECT_EQ('a', answer);
  const sys::Fd received = message.take_fd();
  ASSERT_TRUE(received.is_open());
  struct statx sent {};
  struct statx arrived {};
  EXPECT_TRUE(sys::statx(file.get(), "", AT_EMPTY_PATH, STATX_INO, sent));
  EXPECT_TRUE(sys::statx(received.get(), "", AT_EMPTY_PATH, STATX_INO, arrived));
  EXPECT_TRUE(sys::same_file(sent, arrived));
}

TEST(Sockets, ReceiveAMessageWithoutAnFd) {
  sys::SocketPair pair;
  ASSERT_TRUE(pair.open(SOCK_SEQPACKET));
  EXPECT_TRUE(sys::send_fully(pair.first.get(), "b"));
  char answer = 0;
  sys::FdMessage message({&answer, 1}, -1);
  EXPECT_EQ(1U, message.receive(pair.second.get()).value());
  EXPECT_FALSE(message.take_fd().is_open());
}

TEST(Sockets, ReturnEpipeWithoutASignal) {
  sys::SocketPair pair;
  ASSERT_TRUE(pair.open(SOCK_STREAM));
  pair.second.reset();
  EXPECT_TRUE(sys::send_fully(pair.first.get(), "x").error() == EPIPE);
}

TEST(Namespaces, HaveNamesAndFlags) {
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    EXPECT_EQ(type.flag, sys::namespace_flag(type.name));
    EXPECT_STREQ(type.name, sys::namespace_name(type.flag));
  }
  EXPECT_EQ(0U, sys::namespace_flag("nonsense"));
  EXPECT_STREQ("?", sys::namespace_name(0));
}

TEST(Namespaces, AreUnsharedAndJoined) {
  REQUIRE_ROOT();
  const pid_t child = fork();
  if (child == 0) {
    const sys::Fd before = sys::openat(AT_FDCWD, "/proc/self/ns/uts", O_RDONLY).value();
    bool good = static_cast<bool>(sys::unshare(CLONE_NEWUTS));
    good = good && sys::sethostname("elsewhere");
    sys::SystemName name{};
    good = good && sys::uname(name) && std::string(name.host) == "elsewhere";
    good = good && sys::setns(before.get(), CLONE_NEWUTS);
    good = good && sys::uname(name) && std::string(name.host) != "elsewhere";
    good = good && sys::setns(before.get(), CLONE_NEWNET).error() == EINVAL;
    _exit(good ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
}

TEST(Mounts, AreMadeByTheNewMountApi) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  const pid_t child = fork();
  if (child == 0) {
    bool good = static_cast<bool>(sys::unshare(CLONE_NEWNS));
    good = good && sys::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr);
    const sys::Fd fs = sys::fsopen("tmpfs").value();
    good = good && sys::fsconfig(fs.get(), sys::FsConfig::kSetString, "mode", "0700");
    good = good && sys::fsconfig(fs.get(), sys::FsConfig::kCreate);
    const sys::Fd mount = sys::fsmount(fs.get(), MOUNT_ATTR_NOSUID).value();
    good = good && sys::move_mount(mount.get(), "", AT_FDCWD, directory.path().c_str(),
                                   MOVE_MOUNT_F_EMPTY_PATH);
    sys::MountAttributes read_only;
    read_only.set = MOUNT_ATTR_RDONLY;
    const auto set = sys::mount_setattr(AT_FDCWD, directory.path().c_str(), 0, read_only);
    const auto file = sys::openat(AT_FDCWD, directory.file("f").c_str(), O_CREAT | O_WRONLY, 0600);
    good =
        good && (set ? file.error() == EROFS : set.error() == ENOSYS);  // ENOSYS before Linux 5.12
    const auto tree = sys::open_tree(AT_FDCWD, directory.path().c_str(), OPEN_TREE_CLONE);
    good = good && tree;
    good = good && sys::unmount(directory.path().c_str(), MNT_DETACH);
    _exit(good ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
}

}  // namespace

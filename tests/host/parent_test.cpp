// Tests libnsexec-parent, the parent's side as a C library, with real programs behind the stub.
#include "parent/nsexec_parent.h"

#include <fcntl.h>
#include <linux/sockios.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "stub/nsexec.h"
#include "syscalls/mount.h"
#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using test::built;
using test::contains;

class ParentCheck : public testing::TestWithParam<const char*> {};

TEST_P(ParentCheck, RecognizesAProgramWithTheStub) {
  const std::string program = built(GetParam());
  if (!test::exists(program)) GTEST_SKIP() << program << " was not built";
  EXPECT_EQ(0, nsexec_parent_check(program.c_str()));
  // A program with a damaged mark is not recognized.
  std::string bytes = test::read_file(program);
  for (const char* mark : {"nsexec stub here", "nsexec stub init"}) {
    for (size_t at = 0; (at = bytes.find(mark, at)) != std::string::npos; ++at) bytes[at] = 'N';
  }
  const test::TemporaryDirectory directory;
  test::write_file(directory.file("damaged"), bytes, 0755);
  EXPECT_EQ(-ENOEXEC, nsexec_parent_check(directory.file("damaged").c_str()));
}

INSTANTIATE_TEST_SUITE_P(Of, ParentCheck,
                         testing::Values("nsexec-true", "tests/probe", "tests/hello-static",
                                         "tests/hello-static-pie", "tests/hello-dynamic",
                                         "tests/hello-dynamic-no-pie", "tests/hello-musl-static",
                                         "tests/hello-musl-dynamic", "tests/embed-c-constructor",
                                         "tests/embed-cpp", "tests/embed-c-forgotten"),
                         [](const auto& each) {
                           std::string name = each.param;
                           for (char& c : name) c = isalnum(c) != 0 ? c : '_';
                           return name;
                         });

TEST(ParentCheckOf, RefusesProgramsWithoutTheStub) {
  const test::TemporaryDirectory directory;
  EXPECT_EQ(-ENOEXEC, nsexec_parent_check("/bin/busybox"));
  EXPECT_EQ(-ENOEXEC, nsexec_parent_check(built("tests/tool").c_str()));
  EXPECT_EQ(-ENOEXEC, nsexec_parent_check("/proc/self/exe"))
      << "this program contains the library that looks for the mark, but not the stub";
  test::write_file(directory.file("script"), "#!/bin/sh\n", 0755);
  EXPECT_EQ(-ENOEXEC, nsexec_parent_check(directory.file("script").c_str()));
  test::write_file(directory.file("empty"), "", 0755);
  EXPECT_EQ(-ENOEXEC, nsexec_parent_check(directory.file("empty").c_str()));
  EXPECT_EQ(-ENOENT, nsexec_parent_check(directory.file("none").c_str()));
  EXPECT_EQ(-EISDIR, nsexec_parent_check(directory.path().c_str()));
  ASSERT_EQ(0, mkfifo(directory.file("fifo").c_str(), 0755));
  EXPECT_EQ(-ESPIPE, nsexec_parent_check(directory.file("fifo").c_str())) << "nobody writes to it";
}

TEST(ParentCheckOf, AFileCutShortIsRefused) {
  const test::TemporaryDirectory directory;
  const std::string bytes = test::read_file(built("nsexec-true"));
  for (size_t size = 0; size < 400; ++size) {
    test::write_file(directory.file("short"), bytes.substr(0, size), 0755);
    EXPECT_EQ(-ENOEXEC, nsexec_parent_check(directory.file("short").c_str())) << size;
  }
}

// A real container.
class ParentTest : public testing::Test {
 protected:
  ~ParentTest() override {
    nsexec_parent_kill(&container_);
    nsexec_parent_close(&container_);
  }
  int start(const std::string& path) {
    path_ = path;
    program_.path = path_.c_str();
    program_.context = this;
    program_.on_record = [](void* context, const nsexec_record* record) {
      static_cast<ParentTest*>(context)->records_ += std::string(record->text) + "\n";
    };
    if (!environment_.empty()) {
      for (const std::string& line : environment_) lines_.push_back(line.c_str());
      lines_.push_back(nullptr);
      program_.environment = lines_.data();
    }
    return nsexec_parent_start(&container_, &program_, &message_);
  }
  // Starts a probe. It writes its report to the other end of `report_`, and waits until that
  // closes.
  int start_probe(const std::string& path) {
    int pair[2];
    EXPECT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
    report_ = sys::Fd(pair[0]);
    const sys::Fd theirs(pair[1]);
    keep_open_.push_back(pair[1]);
    program_.keep_open = keep_open_.data();
    program_.keep_open_count = keep_open_.size();
    environment_.push_back("PROBE_FD=" + std::to_string(pair[1]));
    return start(path);
  }
  void expect_set_up() {
    ASSERT_EQ(0, nsexec_parent_set_up(&container_)) << container_.failure;
    EXPECT_EQ(0, container_.stage0);
    EXPECT_EQ(0, container_.stage1);
    EXPECT_LT(0, container_.init);
  }
  void expect_end(int wanted) {
    int status = -1;
    EXPECT_EQ(0, nsexec_parent_wait(&container_, &status));
    EXPECT_EQ(wanted, status);
    EXPECT_EQ(-ECHILD, nsexec_parent_wait(&container_, &status));
    EXPECT_EQ(-ESRCH, nsexec_parent_signal(&container_, SIGTERM));
  }

  nsexec_program program_{};
  nsexec_message message_{};
  nsexec_container container_{};
  std::string path_;
  std::string records_;
  std::vector<std::string> environment_;
  std::vector<const char*> lines_;
  std::vector<int> keep_open_;
  sys::Fd report_;
};

TEST_F(ParentTest, RunsAContainerToItsEnd) {
  REQUIRE_ROOT();
  message_.clone_flags = CLONE_NEWPID | CLONE_NEWUTS;
  program_.log_level = NSEXEC_LEVEL_DEBUG;
  ASSERT_EQ(0, start(built("nsexec-true"))) << container_.failure;
  expect_set_up();
  EXPECT_TRUE(contains(records_, "nsexec container setup")) << records_;
  EXPECT_TRUE(contains(records_, "unshared pid uts")) << records_;
  expect_end(0);
  EXPECT_STREQ("", container_.failure);
}

TEST_F(ParentTest, ReturnsAPidfdOfTheInitAndSignalsIt) {
  REQUIRE_ROOT();
  message_.clone_flags = CLONE_NEWPID;
  ASSERT_EQ(0, start_probe(built("tests/probe"))) << container_.failure;
  expect_set_up();
  EXPECT_EQ("pidfd",
            test::read_link(test::fd_path(container_.pidfd)).substr(sizeof "anon_inode:[" - 1, 5));
  EXPECT_EQ(0, nsexec_parent_signal(&container_, SIGKILL));
  expect_end(SIGKILL);
}

// Returns the probe's report. The probe runs as the init that the message describes.
class ParentProbeTest : public ParentTest {
 protected:
  std::map<std::string, std::string> report_of(const std::string& path) {
    EXPECT_EQ(0, start_probe(path)) << container_.failure;
    if (container_.stage0 == 0) return {};
    expect_set_up();
    std::string text;
    char c = 0;
    while (!contains(text, "end: 1\n") && read(report_.get(), &c, 1) == 1) text += c;
    shutdown(report_.get(), SHUT_RDWR);
    expect_end(0);
    return test::parse_report(text);
  }
};

TEST_F(ParentProbeTest, CreatesTheNamespacesOfTheMessage) {
  REQUIRE_ROOT();
  const nsexec_id_range ids = {0, 0, 1000};
  message_.clone_flags = CLONE_NEWUSER | CLONE_NEWPID;
  message_.uid_map = message_.gid_map = &ids;
  message_.uid_map_count = message_.gid_map_count = 1;
  message_.setgroups = 1;
  auto report = report_of(built("tests/probe"));
  EXPECT_EQ("1", report["pid"]);
  EXPECT_EQ("0", report["uid"]);
  EXPECT_EQ("0", report["groups"]);
}

TEST_F(ParentProbeTest, GivesTheProgramItsArgumentsAndEnvironment) {
  REQUIRE_ROOT();
  const char* const argv[] = {"name", "one", "two", nullptr};
  program_.argv = argv;
  environment_ = {"HOME=/", "_LIBCONTAINER_INITPIPE=99999", "_LIBCONTAINER_LOGPIPE=x",
                  "_LIBCONTAINER_LOGLEVEL=y", "_LIBCONTAINER_STATEDIR=/tmp"};
  auto report = report_of(built("tests/probe"));
  EXPECT_EQ("3", report["argc"]);
  EXPECT_EQ("two", report["argv2"]);
  // HOME, STATEDIR, PROBE_FD, three variables of the library, and one of the stub.
  EXPECT_EQ("7", report["environment"]) << report["environment"];
}

TEST_F(ParentProbeTest, LetsTheProgramInheritOnlyTheGivenFds) {
  REQUIRE_ROOT();
  const sys::Fd kept(fcntl(0, F_DUPFD_CLOEXEC, 200));
  const sys::Fd closed(fcntl(0, F_DUPFD_CLOEXEC, 201));
  keep_open_ = {kept.get()};
  auto report = report_of(built("tests/probe"));
  EXPECT_TRUE(contains(report["fds"] + " ", " 200 ")) << report["fds"];
  EXPECT_FALSE(contains(report["fds"] + " ", " 201 ")) << report["fds"];
}

TEST_F(ParentProbeTest, KeepsTheSignalMask) {
  REQUIRE_ROOT();
  sigset_t mask;
  sigset_t before;
  sigemptyset(&mask);
  sigaddset(&mask, SIGUSR2);
  sigprocmask(SIG_SETMASK, &mask, &before);
  auto report = report_of(built("tests/probe"));
  EXPECT_EQ(std::to_string(1 << (SIGUSR2 - 1)), report["mask"]);
  sigset_t now;
  sigprocmask(SIG_SETMASK, &before, &now);
  EXPECT_EQ(1, sigismember(&now, SIGUSR2));
  EXPECT_EQ(0, sigismember(&now, SIGUSR1));
}

TEST_F(ParentProbeTest, ServesTheOlderDialects) {
  REQUIRE_ROOT();
  program_.dialect = NSEXEC_DIALECT_RUNC_1_0;
  message_.clone_flags = CLONE_NEWCGROUP | CLONE_NEWPID;
  EXPECT_EQ("1", report_of(built("tests/probe-runc-1.0"))["pid"]);
}

TEST_F(ParentProbeTest, ServesTheOldestDialect) {
  REQUIRE_ROOT();
  program_.dialect = NSEXEC_DIALECT_RUNC_2019;
  message_.clone_flags = CLONE_NEWCGROUP | CLONE_NEWPID;
  EXPECT_EQ("1", report_of(built("tests/probe-runc-2019"))["pid"]);
}

TEST_F(ParentProbeTest, PassesMountSources) {
  REQUIRE_ROOT();
  const test::TemporaryDirectory directory;
  program_.dialect = NSEXEC_DIALECT_RUNC_1_1;
  const nsexec_mount_source sources[] = {{"", 0}, {directory.path().c_str(), 77}};
  message_.clone_flags = CLONE_NEWNS;
  message_.mount_sources = sources;
  message_.mount_source_count = 2;
  auto report = report_of(built("tests/probe-runc-1.1"));
  EXPECT_TRUE(contains(report["fds"] + " ", " 77c ")) << report["fds"];
}

// A program that is sealed once, by the parent.
class ParentSealTest : public ParentProbeTest {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    REQUIRE_MOUNT_SETATTR();
    test::copy_program(built("tests/probe"), path_of_program_);
    content_ = test::read_file(path_of_program_);
    program_.log_level = NSEXEC_LEVEL_DEBUG;
  }
  void seal() {
    sealed_ = sys::Fd(nsexec_parent_seal(path_of_program_.c_str()));
    ASSERT_LT(2, sealed_.get());
    program_.sealed_fd = sealed_.get();
  }

  const test::TemporaryDirectory directory_;
  const std::string path_of_program_ = directory_.file("program");
  std::string content_;
  sys::Fd sealed_;
};

TEST_F(ParentSealTest, TheStubDoesNotSealOnceMore) {
  seal();
  message_.clone_flags = CLONE_NEWPID | CLONE_NEWNS;
  for (int i = 0; i < 3; ++i) {
    records_.clear();
    environment_ = {"_LIBCONTAINER_CLONED_BINARY=x"};
    lines_.clear();
    auto report = report_of(path_of_program_);
    EXPECT_EQ("1", report["pid"]);
    EXPECT_TRUE(contains(records_, "sealed: detached-mount")) << records_;
    EXPECT_FALSE(contains(records_, "sealing: ")) << records_;
    EXPECT_EQ(path_of_program_, report["argv0"]);
    EXPECT_EQ("5", report["environment"]) << "PROBE_FD, four of the library";
    EXPECT_FALSE(contains(report["fds"] + " ", " " + std::to_string(sealed_.get()) + " "));
    nsexec_parent_close(&container_);
  }
}

TEST_F(ParentSealTest, NobodyCanWriteToTheProgramThroughIt) {
  seal();
  message_.clone_flags = CLONE_NEWPID;
  ASSERT_EQ(0, start_probe(path_of_program_)) << container_.failure;
  expect_set_up();
  const std::string exe = "/proc/" + std::to_string(container_.init) + "/exe";
  const sys::Fd opened(open(exe.c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(opened.is_open());
  const auto attack = [&](const std::string& path) {
    EXPECT_EQ(-1, open(path.c_str(), O_WRONLY | O_CLOEXEC)) << path;
    EXPECT_EQ(-1, truncate(path.c_str(), 0)) << path;
    EXPECT_EQ(-1, chmod(path.c_str(), 04755)) << path;
    EXPECT_EQ(-1, chown(path.c_str(), 1, 1)) << path;
  };
  attack(exe);
  EXPECT_EQ(0, nsexec_parent_signal(&container_, SIGKILL));
  expect_end(SIGKILL);
  // What a container keeps after the program has ended, and what the parent has.
  attack(test::fd_path(opened.get()));
  attack(test::fd_path(sealed_.get()));
  EXPECT_EQ(content_, test::read_file(path_of_program_));
  struct stat status {};
  ASSERT_EQ(0, stat(path_of_program_.c_str(), &status));
  EXPECT_EQ(0U, status.st_mode & 07000);
}

TEST_F(ParentSealTest, AProgramThatIsReplacedIsStartedAsItWas) {
  seal();
  ASSERT_EQ(0, unlink(path_of_program_.c_str()));
  test::write_file(path_of_program_, "#!/bin/false\n", 0755);
  message_.clone_flags = CLONE_NEWPID;
  EXPECT_EQ("1", report_of(path_of_program_)["pid"]);
}

// A process that is forked while the mount's tree is open has a copy of it, and with that the mount
// could be made writable.
TEST_F(ParentSealTest, IsSealedAlsoIfOtherThreadsFork) {
  std::atomic<bool> done = false;
  std::thread forking([&] {
    while (!done) {
      const pid_t child = fork();
      if (child == 0) {
        usleep(2000);
        _exit(0);
      }
      int status = 0;
      (void)waitpid(child, &status, 0);
    }
  });
  sys::MountAttributes writable;
  writable.clear = MOUNT_ATTR_RDONLY;
  int sealed = 0;
  for (int i = 0; i < 400; ++i) {
    const int fd = nsexec_parent_seal(path_of_program_.c_str());
    if (fd == -EBUSY) continue;
    ASSERT_LT(2, fd);
    const sys::Fd owned(fd);
    ++sealed;
    EXPECT_TRUE(sys::mount_setattr(fd, "", AT_EMPTY_PATH, writable).error() == EINVAL) << i;
  }
  done = true;
  forking.join();
  EXPECT_LT(0, sealed);
}

TEST_F(ParentSealTest, NoOtherFileIsExecutedThatBeforeExecHasPutThere) {
  seal();
  static int replaced;
  replaced = sealed_.get();
  program_.before_exec = [](void*) {
    const int other = open("/bin/busybox", O_PATH | O_CLOEXEC);
    return dup2(other, replaced) < 0 ? -errno : 0;
  };
  EXPECT_EQ(-EBADF, start(path_of_program_));
  EXPECT_EQ(0, container_.stage0);
}

TEST_F(ParentSealTest, SaysWhyItCannotSeal) {
  EXPECT_EQ(-ENOENT, nsexec_parent_seal(directory_.file("none").c_str()));
  seal();
  // What is sealed already cannot be mounted once more.
  EXPECT_EQ(-EINVAL, nsexec_parent_seal(test::fd_path(sealed_.get()).c_str()));
  const pid_t child = fork();
  if (child == 0) {
    chmod(directory_.path().c_str(), 0755);
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(66);
    _exit(nsexec_parent_seal(path_of_program_.c_str()) == -EPERM ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
  sealed_.reset();
  EXPECT_EQ(-ENOENT, start(path_of_program_));
  EXPECT_TRUE(contains(container_.failure, test::fd_path(program_.sealed_fd)))
      << container_.failure;
}

TEST_F(ParentTest, ReportsWhyTheStubFailed) {
  const nsexec_join join = {"net", "/does/not/exist"};
  message_.joins = &join;
  message_.join_count = 1;
  ASSERT_EQ(0, start(built("nsexec-true"))) << container_.failure;
  EXPECT_EQ(-EPROTO, nsexec_parent_set_up(&container_));
  EXPECT_TRUE(contains(container_.failure, "net:/does/not/exist: ENOENT")) << container_.failure;
  EXPECT_TRUE(contains(records_, container_.failure));
  EXPECT_EQ(0, container_.stage0);
  nsexec_parent_kill(&container_);
  EXPECT_TRUE(test::all_gone(built("nsexec-true")));
  EXPECT_EQ(-1, waitpid(-1, nullptr, WNOHANG))
      << "stage 1, whose pid was never sent, was not reaped";
}

TEST_F(ParentTest, DoesNotStartAProgramWithoutTheStub) {
  const test::TemporaryDirectory directory;
  const std::string trace = directory.file("it-ran");
  const char* const argv[] = {"busybox", "touch", trace.c_str(), nullptr};
  program_.argv = argv;
  EXPECT_EQ(-ENOEXEC, start("/bin/busybox"));
  EXPECT_TRUE(contains(container_.failure, "not in front of this program")) << container_.failure;
  EXPECT_EQ(0, container_.stage0);
  EXPECT_FALSE(test::exists(trace));
}

TEST_F(ParentTest, EndsAProgramThatSendsNoPids) {
  const char* const argv[] = {"busybox", "sleep", "1000", nullptr};
  program_.argv = argv;
  program_.unchecked = 1;
  ASSERT_EQ(0, start("/bin/busybox"));
  // The program sends nothing and does not watch the init pipe, so only the kill ends it.
  nsexec_parent_kill(&container_);
  EXPECT_EQ(0, container_.stage0);
}

TEST_F(ParentTest, ReportsThatAProgramEndedWithoutPids) {
  const char* const argv[] = {"busybox", "false", nullptr};
  program_.argv = argv;
  program_.unchecked = 1;
  ASSERT_EQ(0, start("/bin/busybox"));
  EXPECT_EQ(-EPROTO, nsexec_parent_set_up(&container_));
  EXPECT_STREQ("the program sent no pids: nsexec-stub did not run in it (exit status 1)",
               container_.failure);
}

TEST_F(ParentTest, ReportsThatTheProgramIsMissingOrCannotBeExecuted) {
  const test::TemporaryDirectory directory;
  EXPECT_EQ(-ENOENT, start(directory.file("none")));
  program_.unchecked = 1;
  EXPECT_EQ(-ENOENT, start(directory.file("none")));
  EXPECT_TRUE(contains(container_.failure, "none: ENOENT")) << container_.failure;
  test::write_file(directory.file("file"), "text", 0644);
  EXPECT_EQ(-EACCES, start(directory.file("file")));
  EXPECT_EQ(0, container_.stage0);
  EXPECT_EQ(-1, container_.init_pipe);
}

TEST_F(ParentTest, FailsIfTheCallersFunctionFails) {
  program_.before_exec = [](void*) { return -EDQUOT; };
  EXPECT_EQ(-EDQUOT, start(built("nsexec-true")));
  EXPECT_EQ(0, container_.stage0);
}

TEST_F(ParentTest, CallsTheCallersFunctionInTheNewProcess) {
  REQUIRE_ROOT();
  static int pid;
  pid = 0;
  program_.before_exec = [](void*) {
    pid = getpid();
    return 0;
  };
  ASSERT_EQ(0, start(built("nsexec-true"))) << container_.failure;
  EXPECT_EQ(container_.stage0, pid);
  expect_set_up();
  expect_end(0);
}

TEST_F(ParentTest, RunsNoSignalHandlerInTheNewProcess) {
  static volatile sig_atomic_t handled;
  handled = 0;
  struct sigaction action {};
  struct sigaction before {};
  action.sa_handler = [](int) { handled = getpid(); };
  ASSERT_EQ(0, sigaction(SIGUSR1, &action, &before));
  program_.before_exec = [](void*) {
    raise(SIGUSR1);  // would run the handler in the caller's memory; instead it ends the process
    return 0;
  };
  ASSERT_EQ(0, start(built("nsexec-true"))) << container_.failure;
  EXPECT_EQ(-EPROTO, nsexec_parent_set_up(&container_));
  EXPECT_TRUE(contains(container_.failure, "signal 10")) << container_.failure;
  EXPECT_EQ(0, handled);
  sigaction(SIGUSR1, &before, nullptr);
}

TEST_F(ParentTest, SendsALongMessage) {
  REQUIRE_ROOT();
  const std::string path(4000, '/');
  const std::string long_path = path + "proc/self/ns/net";
  std::vector<nsexec_join> all(16, {"net", long_path.c_str()});
  message_.joins = all.data();
  message_.join_count = all.size();
  program_.log_level = NSEXEC_LEVEL_TRACE;
  ASSERT_EQ(0, start(built("nsexec-true"))) << container_.failure;
  expect_set_up();
  expect_end(0);
}

TEST_F(ParentTest, LeavesNoFdOpen) {
  REQUIRE_ROOT();
  const auto count = [] {
    int open = 0;
    for (int fd = 0; fd < 1024; ++fd) open += fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
    return open;
  };
  const int before = count();
  ASSERT_EQ(0, start(built("nsexec-true"))) << container_.failure;
  expect_set_up();
  expect_end(0);
  nsexec_parent_close(&container_);
  EXPECT_EQ(before, count());
  program_.unchecked = 1;
  EXPECT_EQ(-ENOENT, start("/none"));
  EXPECT_EQ(before, count());
}

// What a caller may do in the wrong order, or twice.
TEST_F(ParentTest, WithoutAContainerNothingIsDone) {
  const auto expect_nothing = [this] {
    EXPECT_EQ(-EBADF, nsexec_parent_read_pids(&container_)) << "and it does not wait for ever";
    EXPECT_EQ(-EBADF, nsexec_parent_set_up(&container_));
    EXPECT_EQ(-ECHILD, nsexec_parent_wait(&container_, nullptr));
    EXPECT_EQ(-ESRCH, nsexec_parent_signal(&container_, SIGTERM));
    EXPECT_EQ(0, nsexec_parent_read_records(&container_));
    nsexec_parent_kill(&container_);
    nsexec_parent_close(&container_);
    nsexec_parent_close(&container_);
    EXPECT_LE(0, fcntl(0, F_GETFD)) << "a structure of zeros does not name descriptor 0";
  };
  expect_nothing();
  container_ = {};
  EXPECT_EQ(-ENOENT, start("/none"));
  expect_nothing();
}

TEST_F(ParentTest, OfWhatHasFailedNothingIsAwaited) {
  const char* const argv[] = {"busybox", "false", nullptr};
  program_.argv = argv;
  program_.unchecked = 1;
  ASSERT_EQ(0, start("/bin/busybox"));
  EXPECT_EQ(-EPROTO, nsexec_parent_set_up(&container_));
  EXPECT_EQ(-EPROTO, nsexec_parent_read_pids(&container_));
  EXPECT_EQ(-EPROTO, nsexec_parent_set_up(&container_));
  nsexec_parent_kill(&container_);
  EXPECT_EQ(-EPROTO, nsexec_parent_set_up(&container_));
  nsexec_parent_close(&container_);
  EXPECT_EQ(-EBADF, nsexec_parent_set_up(&container_));
}

// Of a dialect in which init waits for a byte before it creates the cgroup namespace. What comes
// beside that byte, the program would read.
TEST_F(ParentTest, SendsOneByteWhereOneIsAwaited) {
  REQUIRE_ROOT();
  for (const unsigned flags : {0U, unsigned{CLONE_NEWCGROUP}}) {
    environment_.clear();
    lines_.clear();
    keep_open_.clear();
    message_.clone_flags = flags;
    program_.dialect = NSEXEC_DIALECT_RUNC_1_0;
    ASSERT_EQ(0, start_probe(built("tests/probe-runc-1.0"))) << container_.failure;
    expect_set_up();
    expect_set_up();  // the second time there is nothing left to do
    int unread = -1;
    EXPECT_EQ(0, ioctl(container_.init_pipe, SIOCOUTQ, &unread));
    EXPECT_EQ(0, unread) << flags;
    nsexec_parent_kill(&container_);
    nsexec_parent_close(&container_);
  }
}

// A runtime that itself runs behind a stub has this variable in its environment.
TEST_F(ParentProbeTest, SealsAProgramThoughTheCallerIsSealed) {
  REQUIRE_ROOT();
  environment_ = {"_LIBCONTAINER_CLONED_BINARY=1", "KEPT=1"};
  message_.clone_flags = CLONE_NEWUTS;
  auto report = report_of(built("tests/probe"));
  EXPECT_EQ("1", report["end"]);
}

// As in a daemon that has closed its standard streams.
TEST_F(ParentTest, GivesTheProgramNoPipeAsAStandardStream) {
  REQUIRE_ROOT();
  int saved[3];
  for (int fd = 0; fd < 3; ++fd) {
    saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 10);
    close(fd);
  }
  const int started = start(built("nsexec-true"));
  const int set_up = nsexec_parent_set_up(&container_);
  bool are_free = true;
  for (int fd = 0; fd < 3; ++fd) are_free = are_free && fcntl(fd, F_GETFD) < 0;
  for (int fd = 0; fd < 3; ++fd) {
    dup2(saved[fd], fd);
    close(saved[fd]);
  }
  EXPECT_EQ(0, started);
  EXPECT_EQ(0, set_up) << container_.failure;
  EXPECT_TRUE(are_free);
  expect_end(0);
}

TEST_F(ParentTest, KillsAnInitWhosePidNobodyHasRead) {
  REQUIRE_ROOT();
  ASSERT_EQ(0, start_probe(built("tests/probe"))) << container_.failure;
  char c = 0;
  ASSERT_EQ(1, read(report_.get(), &c, 1)) << "the program runs, in a session of its own";
  nsexec_parent_kill(&container_);
  EXPECT_TRUE(test::all_gone(built("tests/probe")));
  EXPECT_EQ(-1, waitpid(-1, nullptr, WNOHANG)) << "all were reaped";
}

TEST_F(ParentTest, KillsTheContainer) {
  REQUIRE_ROOT();
  ASSERT_EQ(0, start_probe(built("tests/probe"))) << container_.failure;
  ASSERT_EQ(0, nsexec_parent_read_pids(&container_)) << container_.failure;
  nsexec_parent_kill(&container_);
  EXPECT_EQ(0, container_.init);
  EXPECT_TRUE(test::all_gone(built("tests/probe")));
  EXPECT_EQ(-1, waitpid(-1, nullptr, WNOHANG)) << "a child was not reaped";
}

}  // namespace

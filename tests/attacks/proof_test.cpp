// The attacker can open a mount, a mount tree or a file system from which the host's runtime is
// executed, and make it writable afterwards: it is root of another mount namespace, or holds the
// tree's fd. It wants the runtime to believe that its binary is sealed there already, and then to
// write to the host's file (CVE-2019-5736).
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>

#include "syscalls/mount.h"
#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using sys::Fd;
using test::built;
using test::Message;
using test::Parent;
using test::Sealing;
using std::chrono_literals::operator""s;

int tree_of(const std::string& path, unsigned flags = 0) {
  return static_cast<int>(
      sys::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | flags).release());
}
bool make_read_only(int tree) {
  return static_cast<bool>(sys::mount_setattr(tree, "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY}));
}
// Makes all mounts of a tree writable.
void make_writable(int tree) {
  (void)sys::mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, {.clear = MOUNT_ATTR_RDONLY});
}
int reopen(int fd) { return open(test::fd_path(fd).c_str(), O_PATH); }

// A way to execute a binary, and the attacker's later action.
struct Place {
  std::string path;                             // the path to execute
  std::function<void()> make_writable = [] {};  // the attack
};

class ProofTest : public testing::Test {
 protected:
  void SetUp() override { REQUIRE_ROOT(); }

  // Returns how a start sees the binary at such a place: "already ..." if it believes that it is
  // sealed.
  std::string taken(const std::string& path, bool with_variable) {
    Parent parent(path);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    if (with_variable) parent.environment["_LIBCONTAINER_CLONED_BINARY"] = "1";
    parent.start();
    parent.send(Message().bytes());
    EXPECT_TRUE(parent.wait_stage0(10s).exited_with(0)) << parent.log();
    return test::sealing_in(parent.log());
  }
  static bool is_written(const std::string& path) {
    return test::open_when_not_executed(path, O_WRONLY).is_open();
  }

  // `arrange` prepares a place in a new mount namespace. The stub must not believe that the binary
  // is sealed there. The control: after the attacker has made the mount writable, the binary can be
  // written. `even_with_variable`: the stub must not believe it with _LIBCONTAINER_CLONED_BINARY
  // set either.
  void expect_no_proof(const std::function<Place()>& arrange, bool even_with_variable) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, {Sealing::kMemfd, Sealing::kNone});
    const pid_t child = fork();
    if (child == 0) {
      if (unshare(CLONE_NEWNS) != 0 ||
          mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        _exit(66);
      }
      const Place place = arrange();
      EXPECT_EQ("memfd", taken(place.path, false));
      if (even_with_variable) {
        EXPECT_EQ("none", taken(place.path, true));
      }
      EXPECT_FALSE(is_written(place.path)) << "not writable yet";
      place.make_writable();
      EXPECT_TRUE(is_written(place.path)) << "the control: the attack works";
      fflush(stdout);
      _exit(HasFailure() ? 1 : 0);
    }
    EXPECT_TRUE(test::wait_for(child, 20s).exited_with(0));
  }

  // Makes a copy on a tmpfs, whose superblock can be made read-only.
  std::string on_tmpfs() {
    const std::string place = directory_.file("place");
    mkdir(place.c_str(), 0755);
    EXPECT_EQ(0, mount("none", place.c_str(), "tmpfs", 0, nullptr));
    test::copy_program(binary_, place + "/program");
    return place;
  }

  const test::TemporaryDirectory directory_;
  const test::TemporaryDirectory state_;
  std::string binary_ = directory_.file("binary");
};

// (1) A file mount on another one, in the anonymous namespace of an open tree. There mount_setattr
// fails with EINVAL for that one mount, as it does for mounts that belong to no namespace.
class StackedTest : public ProofTest, public testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    ProofTest::SetUp();
    if (!test::is_linux(6, 15)) GTEST_SKIP() << "no mounts on detached mounts before Linux 6.15";
  }
  // Mounts the binary on `below`. Returns the resulting tree and the upper mount.
  std::pair<int, int> stack(const std::string& below) {
    const int tree = tree_of(below);
    const int upper = tree_of(binary_);
    EXPECT_TRUE(make_read_only(upper));
    const int top = reopen(upper);
    EXPECT_TRUE(
        sys::move_mount(upper, "", tree, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH));
    close(upper);
    return {tree, top};
  }
};

TEST_P(StackedTest, IsNotASeal) {
  const std::string how = GetParam();
  const auto arrange = [&]() -> Place {
    const std::string other = directory_.file("other");
    test::write_file(other, "");
    const auto [tree, top] = stack(how == "OnAnotherFile" ? other : binary_);
    if (how == "WithTheTreeInAnotherProcess") {
      // The other process makes the tree writable when it is told to.
      int tell[2];
      EXPECT_EQ(0, pipe(tell));
      const pid_t holder = fork();
      if (holder == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        close(tell[1]);
        char byte = 0;
        (void)!read(tell[0], &byte, 1);
        make_writable(tree);
        _exit(0);
      }
      close(tree);
      close(tell[0]);
      fcntl(tell[1], F_SETFD, FD_CLOEXEC);
      return {test::fd_path(top), [end = tell[1], holder] {
                close(end);
                (void)test::wait_for(holder);
              }};
    }
    return {test::fd_path(top), [lower = tree] { make_writable(lower); }};
  };
  expect_no_proof(arrange, test::proves_detached_mounts());
}

INSTANTIATE_TEST_SUITE_P(All, StackedTest,
                         testing::Values("OnTheSameFile", "OnAnotherFile",
                                         "WithTheTreeInAnotherProcess"),
                         [](const auto& each) { return each.param; });

// (2) The top directory of a read-only overlay that is the root of another mount namespace, reached
// through /proc/PID/root, and a directory below it.
class OverlayRootTest : public ProofTest, public testing::WithParamInterface<const char*> {};

TEST_P(OverlayRootTest, IsNotASeal) {
  const std::string directory = GetParam();
  const auto arrange = [&]() -> Place {
    // The layers are on a tmpfs, because overlays on overlays are limited.
    const std::string place = on_tmpfs();
    for (const char* name : {"/upper", "/work", "/merged"}) mkdir((place + name).c_str(), 0755);
    mkdir((place + "/lower").c_str(), 0755);
    mkdir((place + "/lower" + directory).c_str(), 0755);
    test::copy_program(binary_, place + "/lower" + directory + "/program");
    const std::string options =
        "lowerdir=" + place + "/lower,upperdir=" + place + "/upper,workdir=" + place + "/work";
    const std::string merged = place + "/merged";
    EXPECT_EQ(0, mount("overlay", merged.c_str(), "overlay", MS_RDONLY, options.c_str()));
    int ready[2];
    int tell[2];
    EXPECT_EQ(0, pipe2(ready, O_CLOEXEC));
    EXPECT_EQ(0, pipe2(tell, O_CLOEXEC));
    const pid_t owner = fork();
    if (owner == 0) {
      prctl(PR_SET_PDEATHSIG, SIGKILL);
      close(tell[1]);
      char byte = unshare(CLONE_NEWNS) == 0 && chdir(merged.c_str()) == 0 &&
                          syscall(SYS_pivot_root, ".", ".") == 0 && umount2(".", MNT_DETACH) == 0
                      ? 'y'
                      : 'n';
      (void)!write(ready[1], &byte, 1);
      (void)!read(tell[0], &byte, 1);
      _exit(mount(nullptr, "/", nullptr, MS_REMOUNT, nullptr) == 0 ? 0 : 1);
    }
    char byte = 0;
    EXPECT_EQ(1, read(ready[0], &byte, 1));
    EXPECT_EQ('y', byte);
    // Keeps the root open, so that it stays when its owner ends.
    const int root = open(("/proc/" + std::to_string(owner) + "/root").c_str(), O_PATH);
    return {test::fd_path(root) + directory + "/program", [end = tell[1], owner] {
              close(end);
              EXPECT_TRUE(test::wait_for(owner).exited_with(0));
            }};
  };
  expect_no_proof(arrange, false);
}

INSTANTIATE_TEST_SUITE_P(All, OverlayRootTest, testing::Values("", "/directory"),
                         [](const auto& each) {
                           return *each.param == '\0' ? "AtTheTop" : "Below";
                         });

// (3) The file system is read-only, but the mount is not.
TEST_F(ProofTest, ADetachedMountOfAReadOnlyFileSystemIsNotASeal) {
  const auto arrange = [&]() -> Place {
    const std::string place = on_tmpfs();
    const int tree = tree_of(place + "/program");
    const int file = reopen(tree);
    close(tree);
    // Makes the file system read-only, and with it this one mount.
    EXPECT_EQ(0, mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr));
    return {test::fd_path(file),
            [place] { EXPECT_EQ(0, mount(nullptr, place.c_str(), nullptr, MS_REMOUNT, nullptr)); }};
  };
  expect_no_proof(arrange, false);
}

// Here the file system was unmounted lazily, and another mount keeps it alive.
TEST_F(ProofTest, AFileOfAReadOnlyFileSystemThatWasUnmountedIsNotASeal) {
  const auto arrange = [&]() -> Place {
    const std::string place = on_tmpfs();
    const std::string other = directory_.file("elsewhere");
    mkdir(other.c_str(), 0755);
    const std::string program = place + "/program";
    EXPECT_EQ(0, mount(place.c_str(), other.c_str(), nullptr, MS_BIND, nullptr));
    EXPECT_EQ(0, mount(program.c_str(), program.c_str(), nullptr, MS_BIND, nullptr));
    EXPECT_EQ(0, mount(nullptr, other.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr));
    const int file = open(program.c_str(), O_PATH);
    EXPECT_EQ(0, umount2(place.c_str(), MNT_DETACH));
    return {test::fd_path(file),
            [other] { EXPECT_EQ(0, mount(nullptr, other.c_str(), nullptr, MS_REMOUNT, nullptr)); }};
  };
  expect_no_proof(arrange, false);
}

// The tests above would also pass if the proof always failed. This one finds that.
TEST_F(ProofTest, ControlADetachedReadOnlyMountIsProved) {
  if (!test::proves_detached_mounts()) GTEST_SKIP() << "not before Linux 6.17";
  test::copy_program_sealed_by(built("tests/probe"), binary_, {Sealing::kMemfd});
  const int tree = tree_of(binary_);
  EXPECT_TRUE(make_read_only(tree));
  const int file = reopen(tree);
  close(tree);
  EXPECT_EQ("already detached-mount", taken(test::fd_path(file), false));
  close(file);
}

// The kernel cannot tell the mount's read-only flag from the file system's there. The stub must
// still accept the seal that it has just made, or it would execute itself for ever, or fail.
TEST_F(ProofTest, TheStubsOwnSealsAreAcceptedOnAReadOnlyFileSystem) {
  for (const Sealing sealing : test::available()) {
    test::copy_program_sealed_by(built("tests/probe"), binary_, {sealing});
    const pid_t child = fork();
    if (child == 0) {
      if (unshare(CLONE_NEWNS) != 0 ||
          mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
        _exit(66);
      }
      const std::string place = on_tmpfs();
      EXPECT_EQ(0, mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr));
      EXPECT_EQ(test::name_of(sealing, false), taken(place + "/program", false));
      fflush(stdout);
      _exit(HasFailure() ? 1 : 0);
    }
    EXPECT_TRUE(test::wait_for(child, 20s).exited_with(0)) << test::name_of(sealing);
  }
}

TEST_F(ProofTest, TheStubsOwnSealsAreAcceptedInAUserNamespace) {
  for (const Sealing sealing : test::available()) {
    // Before Linux 5.11 an overlay cannot be mounted in a user namespace.
    if (sealing == Sealing::kOverlay && !test::is_linux(5, 11)) continue;
    test::copy_program_sealed_by(built("tests/probe"), binary_, {sealing});
    const test::Sleeper container(CLONE_NEWUSER | CLONE_NEWNS);
    test::run_in_namespaces_of(container.pid(), [&] {
      EXPECT_EQ(test::name_of(sealing, false), taken(binary_, false));
      fflush(stdout);
      if (HasFailure()) _exit(1);
    });
  }
}

}  // namespace

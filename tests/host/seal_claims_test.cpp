// What the seals need from the kernel, claim by claim (docs/sealing.md, "The argument"). These
// tests ask the kernel itself and not the stub. If one fails on a new kernel, a seal may be worth
// nothing there.
#include <fcntl.h>
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cerrno>

#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "tests/support/sealing.h"
#include "tests/support/support.h"

namespace {

using sys::Fd;

constexpr sys::MountAttributes kReadOnly{.set = MOUNT_ATTR_RDONLY};
constexpr sys::MountAttributes kWritable{.clear = MOUNT_ATTR_RDONLY};

std::string path_of(const Fd& fd) { return test::fd_path(fd.get()); }

// The errno of a call that returns -1, or 0.
int errno_of(long result) { return result < 0 ? errno : 0; }

int open_errno(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC);
  const int error = errno_of(fd);
  if (fd >= 0) close(fd);
  return error;
}

// Tries each change of the file at `path`, and of an fd that is opened there.
void expect_each_change_is_refused(const std::string& path) {
  const char* const name = path.c_str();
  for (const int flags : {O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC, O_WRONLY | O_APPEND}) {
    EXPECT_EQ(EROFS, open_errno(path, flags)) << flags;
  }
  EXPECT_EQ(EROFS, errno_of(truncate(name, 0)));
  EXPECT_EQ(EROFS, errno_of(chmod(name, 04755)));
  EXPECT_EQ(EROFS, errno_of(chown(name, 1, 1)));
  EXPECT_EQ(EROFS, errno_of(utimensat(AT_FDCWD, name, nullptr, 0)));
  EXPECT_EQ(EROFS, errno_of(setxattr(name, "trusted.x", "y", 1, 0)));
  EXPECT_EQ(EROFS, errno_of(removexattr(name, "trusted.x")));
  // A file that was opened through it is no way around it.
  const Fd opened(open(name, O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(opened.is_open());
  EXPECT_EQ(EROFS, open_errno(path_of(opened), O_WRONLY));
  EXPECT_EQ(EROFS, errno_of(fchmod(opened.get(), 04755)));
  EXPECT_EQ(EROFS, errno_of(fchown(opened.get(), 1, 1)));
  EXPECT_EQ(EROFS, errno_of(fsetxattr(opened.get(), "trusted.x", "y", 1, 0)));
  EXPECT_EQ(
      EACCES,
      errno_of(reinterpret_cast<long>(mmap(nullptr, 1, PROT_WRITE, MAP_SHARED, opened.get(), 0))));
}

// A program that waits in pause(), executed from `path`, until the end of its scope.
class Running {
 public:
  explicit Running(const std::string& path) {
    int told[2];
    EXPECT_EQ(0, pipe2(told, O_CLOEXEC));
    pid_ = fork();
    if (pid_ == 0) {
      // The other end of the pipe is closed by the execution.
      execl(path.c_str(), "sleep", "1000", nullptr);
      _exit(127);
    }
    close(told[1]);
    char byte = 0;
    EXPECT_EQ(0, read(told[0], &byte, 1));
    close(told[0]);
  }
  Running(const Running&) = delete;
  Running& operator=(const Running&) = delete;
  ~Running() {
    kill(pid_, SIGKILL);
    EXPECT_TRUE(test::wait_for(pid_).killed_by(SIGKILL)) << "could not be executed";
  }
  [[nodiscard]] std::string exe() const { return "/proc/" + std::to_string(pid_) + "/exe"; }

 private:
  pid_t pid_ = -1;
};

// A scratch program on a tmpfs of its own, in a mount namespace of this process's own that nobody
// else sees. The host's mounts are as before at the end.
class SealClaims : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    REQUIRE_MOUNT_SETATTR();
    before_ = Fd(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC));
    const std::string place = directory_.path();
    ASSERT_EQ(0, unshare(CLONE_NEWNS));
    ASSERT_EQ(0, mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr));
    ASSERT_EQ(0, mount("none", place.c_str(), "tmpfs", 0, nullptr));
    program_ = directory_.file("sleep");
    test::copy_program("/bin/sleep", program_);
  }
  void TearDown() override {
    if (!before_.is_open()) return;
    EXPECT_EQ(0, setns(before_.get(), CLONE_NEWNS));
  }

  // A read-only clone of the program's mount. `tree` keeps its anonymous mount namespace.
  [[nodiscard]] Fd clone_read_only(Fd& tree) const {
    tree = sys::open_tree(AT_FDCWD, program_.c_str(), OPEN_TREE_CLONE).value();
    EXPECT_TRUE(sys::mount_setattr(tree.get(), "", AT_EMPTY_PATH, kReadOnly));
    return sys::open_tree(tree.get(), "", AT_EMPTY_PATH).value();
  }
  // The same with the tree closed: a mount in no mount namespace.
  [[nodiscard]] Fd detached() const {
    Fd tree;
    return clone_read_only(tree);
  }

  test::TemporaryDirectory directory_;
  std::string program_;
  Fd before_;
};

TEST_F(SealClaims, C1_AReadOnlyMountRefusesEachChangeOfAFile) {
  expect_each_change_is_refused(path_of(detached()));
  // The control: the same file through the mount that is not read-only.
  EXPECT_EQ(0, errno_of(chmod(program_.c_str(), 0755)));
}

TEST_F(SealClaims, C2_AMountInNoNamespaceCannotBeChangedClonedOrAttached) {
  const Fd file = detached();
  const std::string path = path_of(file);
  const std::string target = directory_.file("target");
  test::write_file(target, "");
  EXPECT_TRUE(sys::mount_setattr(file.get(), "", AT_EMPTY_PATH, kWritable).error() == EINVAL);
  EXPECT_TRUE(sys::mount_setattr(AT_FDCWD, path.c_str(), 0, kWritable).error() == EINVAL);
  EXPECT_EQ(EINVAL, errno_of(mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr)));
  EXPECT_EQ(EINVAL, errno_of(mount(nullptr, path.c_str(), nullptr, MS_REMOUNT, nullptr)));
  EXPECT_EQ(EINVAL, errno_of(mount(path.c_str(), target.c_str(), nullptr, MS_BIND, nullptr)));
  EXPECT_EQ(EINVAL, errno_of(mount(path.c_str(), target.c_str(), nullptr, MS_MOVE, nullptr)));
  EXPECT_FALSE(sys::open_tree(file.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH));
  EXPECT_FALSE(sys::open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE));
  EXPECT_FALSE(sys::move_mount(file.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH));
  EXPECT_FALSE(sys::move_mount(AT_FDCWD, target.c_str(), file.get(), "", MOVE_MOUNT_T_EMPTY_PATH));
  EXPECT_EQ(EROFS, open_errno(path, O_WRONLY));
}

TEST_F(SealClaims, C2_ANewUserNamespaceChangesNothingOfIt) {
  const Fd file = detached();
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) _exit(2);
    const bool changed = sys::mount_setattr(file.get(), "", AT_EMPTY_PATH, kWritable) ||
                         sys::open_tree(file.get(), "", OPEN_TREE_CLONE | AT_EMPTY_PATH);
    _exit(changed || open_errno(path_of(file), O_WRONLY) != EROFS ? 1 : 0);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
}

TEST_F(SealClaims, C3_TheMountEndsItsNamespaceWhenItsTreeIsClosedAndNotBefore) {
  Fd tree;
  const Fd file = clone_read_only(tree);
  EXPECT_TRUE(sys::mount_setattr(file.get(), "", AT_EMPTY_PATH, kWritable)) << "the control";
  EXPECT_EQ(0, open_errno(path_of(file), O_WRONLY)) << "the control";
  EXPECT_TRUE(sys::mount_setattr(file.get(), "", AT_EMPTY_PATH, kReadOnly));
  tree.reset();
  EXPECT_TRUE(sys::mount_setattr(file.get(), "", AT_EMPTY_PATH, kWritable).error() == EINVAL);
  const Running running(path_of(file));  // it can still be executed
  EXPECT_EQ(EROFS, open_errno(running.exe(), O_WRONLY | O_TRUNC));
}

TEST_F(SealClaims, C4_OnlyAMountsRootHasThePathSlash) {
  {
    const Running running(path_of(detached()));
    EXPECT_EQ("/", test::read_link(running.exe()));
  }
  {
    const Running running(program_);
    EXPECT_EQ(program_, test::read_link(running.exe()));
  }
  // A file that is mounted somewhere has the path of that mount point.
  ASSERT_EQ(0, mount(program_.c_str(), program_.c_str(), nullptr, MS_BIND, nullptr));
  const Running running(program_);
  EXPECT_EQ(program_, test::read_link(running.exe()));
}

TEST_F(SealClaims, C5_OpeningForWritingAsksFileSystemThenExecutionThenMount) {
  if (test::is_linux(6, 11) && !test::is_linux(6, 12)) {
    GTEST_SKIP() << "Linux 6.11 does not refuse to write to a running program (2a010c412853)";
  }
  const Fd file = detached();
  EXPECT_EQ(EROFS, open_errno(path_of(file), O_WRONLY)) << "nobody executes it";
  {
    const Running running(path_of(file));
    EXPECT_EQ(ETXTBSY, open_errno(running.exe(), O_WRONLY)) << "the mount is asked last";
    EXPECT_EQ(ETXTBSY, open_errno(program_, O_WRONLY)) << "the same file by another mount";
  }
  EXPECT_EQ(EROFS, open_errno(path_of(file), O_WRONLY));
  const Running running(path_of(file));
  ASSERT_EQ(0, mount(nullptr, directory_.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr));
  EXPECT_EQ(EROFS, open_errno(running.exe(), O_WRONLY)) << "the file system is asked first";
}

TEST_F(SealClaims, C6_OnlyAMountInNoNamespaceAnswersAChangeOfPropagationByEinval) {
  if (!test::proves_detached_mounts()) GTEST_SKIP() << "needs Linux 6.17 (cffd0441872e)";
  const auto answer = [](const std::string& path, unsigned long type) {
    return errno_of(mount(nullptr, path.c_str(), nullptr, type, nullptr));
  };
  EXPECT_EQ(EINVAL, answer(path_of(detached()), MS_SLAVE));
  Fd tree;
  const Fd open_one = clone_read_only(tree);
  EXPECT_EQ(0, answer(path_of(open_one), MS_SLAVE)) << "the root of an open tree";
  ASSERT_EQ(0, mount(program_.c_str(), program_.c_str(), nullptr, MS_BIND, nullptr));
  EXPECT_EQ(0, answer(program_, MS_SLAVE)) << "mounted here";
  // In a namespace over which the caller has no rights: opened before it enters a user namespace.
  const Fd elsewhere(open(program_.c_str(), O_PATH | O_CLOEXEC));
  const pid_t child = fork();
  if (child == 0) {
    if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) _exit(2);
    _exit(answer(path_of(elsewhere), MS_SLAVE) == EPERM ? 0 : 1);
  }
  EXPECT_TRUE(test::wait_for(child).exited_with(0));
  // Two types at once are refused before any right is asked for, so EPERM then means a filter.
  EXPECT_EQ(EINVAL, answer(program_, MS_SLAVE | MS_PRIVATE));
}

TEST_F(SealClaims, C7_ASealedMemfdCannotBeWrittenInAnyWay) {
  const Fd writable = sys::memfd_create("seal", MFD_CLOEXEC | MFD_ALLOW_SEALING).value();
  ASSERT_EQ(4, write(writable.get(), "text", 4));
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  ASSERT_EQ(0, fcntl(writable.get(), F_ADD_SEALS, kSeals));
  const Fd again(open(path_of(writable).c_str(), O_RDWR | O_CLOEXEC));
  for (const int fd : {writable.get(), again.get()}) {
    EXPECT_EQ(EPERM, errno_of(pwrite(fd, "TEXT", 4, 0)));
    EXPECT_EQ(EPERM, errno_of(pwrite(fd, "more", 4, 4)));
    EXPECT_EQ(EPERM, errno_of(ftruncate(fd, 0)));
    EXPECT_EQ(EPERM, errno_of(ftruncate(fd, 100)));
    EXPECT_EQ(EPERM, errno_of(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4)));
    EXPECT_EQ(EPERM, errno_of(reinterpret_cast<long>(
                         mmap(nullptr, 4, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0))));
    EXPECT_EQ(EPERM, errno_of(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE)));
    EXPECT_EQ(kSeals, fcntl(fd, F_GET_SEALS));
  }
  // The kernel adds the seals only if nobody has it mapped for writing.
  const Fd mapped = sys::memfd_create("seal", MFD_CLOEXEC | MFD_ALLOW_SEALING).value();
  ASSERT_EQ(0, ftruncate(mapped.get(), 4096));
  void* memory = mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mapped.get(), 0);
  ASSERT_NE(MAP_FAILED, memory);
  EXPECT_EQ(EBUSY, errno_of(fcntl(mapped.get(), F_ADD_SEALS, kSeals)));
  munmap(memory, 4096);
}

TEST_F(SealClaims, C8_AFileWithoutANameCannotGetOne) {
  const std::string place = directory_.path();
  const Fd file(open(place.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0700));
  ASSERT_TRUE(file.is_open());
  const std::string name = directory_.file("name");
  EXPECT_EQ(ENOENT, errno_of(linkat(file.get(), "", AT_FDCWD, name.c_str(), AT_EMPTY_PATH)));
  EXPECT_EQ(ENOENT, errno_of(linkat(AT_FDCWD, path_of(file).c_str(), AT_FDCWD, name.c_str(),
                                    AT_SYMLINK_FOLLOW)));
  const Fd linked(open(place.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0700));
  EXPECT_EQ(0, errno_of(linkat(AT_FDCWD, path_of(linked).c_str(), AT_FDCWD, name.c_str(),
                               AT_SYMLINK_FOLLOW)))
      << "the control: without O_EXCL it can";
}

TEST_F(SealClaims, C9_AnOverlayWithoutAnUpperLayerStaysReadOnly) {
  for (const char* name : {"a", "b", "merged"}) {
    ASSERT_EQ(0, mkdir(directory_.file(name).c_str(), 0755));
  }
  test::copy_program("/bin/sleep", directory_.file("a/sleep"));
  const std::string options = "lowerdir=" + directory_.file("a") + ":" + directory_.file("b");
  const std::string merged = directory_.file("merged");
  ASSERT_EQ(0, mount("none", merged.c_str(), "overlay", 0, options.c_str()));
  const std::string program = merged + "/sleep";
  EXPECT_EQ(EROFS, open_errno(program, O_WRONLY));
  EXPECT_NE(0, errno_of(mount(nullptr, merged.c_str(), nullptr, MS_REMOUNT, nullptr)));
  EXPECT_EQ(EROFS, open_errno(program, O_WRONLY));
  EXPECT_EQ(EROFS, errno_of(chmod(program.c_str(), 04755)));
}

TEST_F(SealClaims, C10_ACopyThatSharesBlocksIsNotItsOriginal) {
  const std::string& place = test::directory_with_reflinks();
  REQUIRE_REFLINKS(place);
  const test::TemporaryDirectory directory(place);
  const std::string original = directory.file("original");
  test::copy_program("/bin/sleep", original);
  const std::string before = test::read_file(original);
  const Fd from(open(original.c_str(), O_RDONLY | O_CLOEXEC));
  const Fd to(open(place.c_str(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0700));
  ASSERT_EQ(0, errno_of(ioctl(to.get(), FICLONE, from.get())));
  ASSERT_EQ(5, pwrite(to.get(), "owned", 5, 0));
  EXPECT_TRUE(before == test::read_file(original));
}

// Whether the mount there, and not only its file system, is writable: the sixth field of
// proc_pid_mountinfo(5).
bool is_writable_mount(const std::string& place) {
  const std::string table = test::read_file("/proc/self/mountinfo");
  const size_t at = table.find(" " + place + " ");
  return at != std::string::npos && table.compare(at + place.size() + 2, 2, "rw") == 0;
}

// On file systems that can only be read no remount changes that, whichever flag of a mount it
// clears.
TEST_F(SealClaims, C11_AFileOfAReadOnlyMediumCannotBeChangedThroughAnyMount) {
  int tried = 0;
  for (const char* type : test::kMedia) {
    SCOPED_TRACE(type);
    const std::string place = directory_.file(type);
    ASSERT_EQ(0, mkdir(place.c_str(), 0755));
    const std::string wrong = test::mount_medium(type, place);
    if (!wrong.empty()) {
      printf("          %s", wrong.c_str());
      fflush(stdout);
      continue;
    }
    ++tried;
    const std::string path = place + "/probe";
    expect_each_change_is_refused(path);
    // These succeed on some kernels and change nothing.
    (void)mount(nullptr, place.c_str(), nullptr, MS_REMOUNT, nullptr);
    (void)mount(nullptr, place.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr);
    (void)sys::mount_setattr(AT_FDCWD, place.c_str(), 0, kWritable);
    EXPECT_TRUE(is_writable_mount(place));
    expect_each_change_is_refused(path);
    EXPECT_EQ(EROFS, errno_of(link(path.c_str(), (place + "/other").c_str())));
    EXPECT_EQ(EROFS, errno_of(rename(path.c_str(), (place + "/other").c_str())));
    EXPECT_EQ(EROFS, errno_of(unlink(path.c_str())));
    // The proof goes by this number.
    struct statfs status {};
    EXPECT_EQ(0, statfs(path.c_str(), &status));
    printf("          %s: f_type %#lx\n", type, static_cast<unsigned long>(status.f_type));
    fflush(stdout);
    EXPECT_EQ(0, umount2(place.c_str(), 0));
  }
  if (tried == 0) GTEST_SKIP() << "no such file system can be mounted here";
}

// The content, but not the metadata.
TEST_F(SealClaims, C12_TheContentOfAFileWithVerityCannotBeChanged) {
  const std::string place = directory_.file("verity");
  ASSERT_EQ(0, mkdir(place.c_str(), 0755));
  const std::string wrong = test::mount_verity(place);
  if (!wrong.empty()) GTEST_SKIP() << "no ext4 with fs-verity here: " << wrong;
  const std::string path = place + "/program";
  test::write_file(path, std::string(10000, 'x'), 0755);
  const int error = test::enable_verity(path);
  if (error != 0) {
    EXPECT_EQ(0, umount2(place.c_str(), 0));
    GTEST_SKIP() << "this kernel has no fs-verity: " << strerror(error);
  }
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  const std::string again = "/proc/self/fd/" + std::to_string(file.get());
  for (const std::string& name : {path, again}) {
    EXPECT_EQ(EPERM, open_errno(name, O_WRONLY));
    EXPECT_EQ(EPERM, open_errno(name, O_RDWR));
    EXPECT_EQ(EPERM, open_errno(name, O_RDONLY | O_TRUNC));
    EXPECT_EQ(EPERM, errno_of(truncate(name.c_str(), 0)));
  }
  EXPECT_EQ(EINVAL, errno_of(ftruncate(file.get(), 0)));
  EXPECT_NE(0,
            errno_of(fallocate(file.get(), FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096)));
  EXPECT_EQ(EACCES, errno_of(reinterpret_cast<long>(
                        mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file.get(), 0))));
  // No flag takes it away.
  int flags = 0;
  EXPECT_EQ(0, ioctl(file.get(), FS_IOC_GETFLAGS, &flags));
  EXPECT_NE(0, flags & FS_VERITY_FL);
  flags &= ~FS_VERITY_FL;
  (void)ioctl(file.get(), FS_IOC_SETFLAGS, &flags);
  EXPECT_EQ(0, ioctl(file.get(), FS_IOC_GETFLAGS, &flags));
  EXPECT_NE(0, flags & FS_VERITY_FL);
  EXPECT_EQ(EEXIST, test::enable_verity(path));
  // This is why it is not a default: root changes owner and mode by a descriptor for reading.
  EXPECT_EQ(0, fchmod(file.get(), 04755));
  EXPECT_EQ(std::string(10000, 'x'), test::read_file(path));
  EXPECT_EQ(0, umount2(place.c_str(), MNT_DETACH));
}

}  // namespace

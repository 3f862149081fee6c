// Tests sealing as users have it: the stub enters real containers with each strategy, and the
// container attacks the host's binary.
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <functional>

#include "syscalls/file.h"
#include "syscalls/mount.h"
#include "tests/support/sealing.h"
#include "tests/support/seccomp.h"
#include "tests/support/support.h"

namespace {

using stub::Attribute;
using sys::Fd;
using test::contains;
using test::Message;
using test::Parent;
using test::Pids;
using test::Sealing;
using std::chrono_literals::operator""s;

// Makes all known attempts to change another process's binary. Each attempt gets the path of a
// /proc/PID/exe, or of an fd of it that was kept.
void wait_until_dead(pid_t pid) {
  EXPECT_TRUE(test::eventually(test::kHangs, [&] {
    return kill(pid, 0) != 0 || test::read_link("/proc/" + std::to_string(pid) + "/exe").empty();
  })) << pid;
}

class Attacker {
 public:
  explicit Attacker(pid_t pid) : pid_(pid), proc_("/proc/" + std::to_string(pid)) {}

  void run() {
    const std::string exe = proc_ + "/exe";
    by_path_ = Fd(open(exe.c_str(), O_PATH | O_CLOEXEC));
    by_read_ = Fd(open(exe.c_str(), O_RDONLY | O_CLOEXEC));
    for (const std::string& path : {exe, fd_path(by_path_), fd_path(by_read_)}) attack_file(path);
    attack_map_files();
    attack_memory();
  }
  // Attacks again through the kept fds when the process has ended.
  void run_later() {
    for (const std::string& path : {fd_path(by_path_), fd_path(by_read_)}) attack_file(path);
  }

 private:
  static std::string fd_path(const Fd& fd) { return test::fd_path(fd.get()); }

  static void write_through(const std::string& path) {
    for (const int flags : {O_WRONLY, O_RDWR, O_WRONLY | O_TRUNC}) {
      const Fd fd(open(path.c_str(), flags | O_CLOEXEC));
      if (!fd.is_open()) continue;
      (void)fallocate(fd.get(), FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 0, 4096);
      const Fd other(open("/proc/self/exe", O_RDONLY | O_CLOEXEC));
      (void)ioctl(fd.get(), FICLONE, other.get());
      (void)ftruncate(fd.get(), 5);
      (void)!pwrite(fd.get(), "owned", 5, 0);
    }
    (void)truncate(path.c_str(), 5);
  }

  static void attack_file(const std::string& path) {
    write_through(path);
    attack_mount(path);
    // Attacks from new namespaces of the attacker.
    for (const int flags : {CLONE_NEWNS, CLONE_NEWUSER | CLONE_NEWNS}) {
      const pid_t child = fork();
      if (child == 0) {
        if (unshare(flags) == 0) attack_mount(path);
        _exit(0);
      }
      test::wait_for(child);
    }
    (void)chmod(path.c_str(), 0777);
    (void)chown(path.c_str(), 1, 1);
    (void)setxattr(path.c_str(), "user.owned", "1", 1, 0);
    (void)setxattr(path.c_str(), "trusted.owned", "1", 1, 0);
    (void)utimensat(AT_FDCWD, path.c_str(), nullptr, 0);
    const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd.is_open()) return;
    (void)fchmod(fd.get(), 0777);
    (void)fcntl(fd.get(), F_ADD_SEALS, F_SEAL_WRITE);
    (void)fsetxattr(fd.get(), "user.owned", "1", 1, 0);
    int flags = FS_NODUMP_FL;  // the attribute of chattr(1) that does the least harm
    (void)ioctl(fd.get(), FS_IOC_SETFLAGS, &flags);
    (void)linkat(AT_FDCWD, path.c_str(), AT_FDCWD, "/tmp/nsexec-attack-link", AT_SYMLINK_FOLLOW);
    (void)unlink("/tmp/nsexec-attack-link");
  }

  static void attack_mount(const std::string& path) {
    sys::MountAttributes writable;
    writable.clear = MOUNT_ATTR_RDONLY;
    (void)sys::mount_setattr(AT_FDCWD, path.c_str(), 0, writable);
    (void)sys::mount_setattr(AT_FDCWD, path.c_str(), AT_RECURSIVE, writable);
    for (const int flags : {O_PATH, O_RDONLY}) {
      const Fd fd(open(path.c_str(), flags | O_CLOEXEC));
      (void)sys::mount_setattr(fd.get(), "", AT_EMPTY_PATH, writable);
    }
    (void)mount(nullptr, path.c_str(), nullptr, MS_REMOUNT, nullptr);
    (void)mount(nullptr, path.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr);
    (void)mount(nullptr, path.c_str(), nullptr, MS_SHARED, nullptr);
    write_through(path);

    const std::string target = "/tmp/nsexec-attack";
    const Fd file(open(target.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    // Tries to take the file out of its mount with each of three calls, and to make it writable.
    if (mount(path.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) == 0) {
      (void)mount(nullptr, target.c_str(), nullptr, MS_REMOUNT | MS_BIND, nullptr);
      write_through(target);
      (void)umount2(target.c_str(), MNT_DETACH);
    }
    for (const unsigned flags : {0U, unsigned{OPEN_TREE_CLONE}}) {
      const auto tree = sys::open_tree(AT_FDCWD, path.c_str(), flags);
      if (!tree) continue;
      const Fd owner = tree.value();
      (void)sys::mount_setattr(owner.get(), "", AT_EMPTY_PATH, writable);
      write_through(fd_path(owner));
      if (sys::move_mount(owner.get(), "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH)) {
        (void)sys::mount_setattr(AT_FDCWD, target.c_str(), 0, writable);
        write_through(target);
        (void)umount2(target.c_str(), MNT_DETACH);
      }
    }
    (void)sys::move_mount(AT_FDCWD, path.c_str(), AT_FDCWD, target.c_str(), 0);
    // Mounts something over the file.
    if (mount(target.c_str(), path.c_str(), nullptr, MS_BIND, nullptr) == 0) {
      (void)umount2(path.c_str(), MNT_DETACH);
    }
    (void)unlink(target.c_str());
  }

  void attack_map_files() {
    const std::string directory = proc_ + "/map_files";
    for (const std::string& line : test::split(test::read_file(proc_ + "/maps"), '\n')) {
      const std::string range = line.substr(0, line.find(' '));
      if (!range.empty()) attack_file(directory + "/" + range);
    }
  }

  // An attacker with ptrace rights may change the process's memory. But the change must not reach
  // the file.
  void attack_memory() {
    const std::string maps = test::read_file(proc_ + "/maps");
    const unsigned long start = strtoul(maps.c_str(), nullptr, 16);
    const Fd memory(open((proc_ + "/mem").c_str(), O_RDWR | O_CLOEXEC));
    if (memory.is_open()) (void)!pwrite(memory.get(), "owned", 5, static_cast<off_t>(start));
    char bytes[] = "owned";
    const iovec local{bytes, 5};
    const iovec remote{reinterpret_cast<void*>(start), 5};  // NOLINT
    (void)process_vm_writev(pid_, &local, 1, &remote, 1, 0);
    if (ptrace(PTRACE_ATTACH, pid_, nullptr, nullptr) == 0) {
      (void)waitpid(pid_, nullptr, __WALL);
      (void)ptrace(PTRACE_POKETEXT, pid_, start, 0x64656e776fL);
      (void)ptrace(PTRACE_DETACH, pid_, nullptr, nullptr);
    }
  }

  pid_t pid_;
  std::string proc_;
  Fd by_path_;
  Fd by_read_;
};

// The properties of the host's file that must not change.
struct HostFile {
  explicit HostFile(const std::string& path) : content(test::read_file(path)) {
    EXPECT_EQ(0, stat(path.c_str(), &status));
    char list[256];
    attributes = llistxattr(path.c_str(), list, sizeof list);
  }
  void expect_untouched(const HostFile& now) const {
    EXPECT_TRUE(content == now.content) << "the host's binary has changed";
    EXPECT_EQ(status.st_mode, now.status.st_mode);
    EXPECT_EQ(status.st_uid, now.status.st_uid);
    EXPECT_EQ(status.st_ctim.tv_sec, now.status.st_ctim.tv_sec);
    EXPECT_EQ(status.st_ctim.tv_nsec, now.status.st_ctim.tv_nsec);
    EXPECT_EQ(attributes, now.attributes);
  }
  std::string content;
  struct stat status {};
  ssize_t attributes;
};

enum class As { kRootOfTheHost, kRootOfAUserNamespace };

struct Container {
  Sealing sealing;
  As as;
};

class SealedContainerTest : public testing::TestWithParam<Container> {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    if (GetParam().sealing == Sealing::kReflink) REQUIRE_REFLINKS(directory_.path());
    test::copy_program_sealed_by(test::built("tests/probe-checkpoints"), binary_,
                                 {GetParam().sealing});
    chmod(directory_.path().c_str(), 0755);
  }
  [[nodiscard]] Message message() const {
    Message message = Message().flags(CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC);
    if (GetParam().as == As::kRootOfAUserNamespace) {
      message.flags(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC)
          .text(Attribute::kUidMap, "0 0 65536\n")
          .text(Attribute::kGidMap, "0 0 65536\n");
    }
    return message;
  }
  const test::TemporaryDirectory directory_{
      GetParam().sealing == Sealing::kReflink ? test::directory_with_reflinks() : "/tmp"};
  const test::TemporaryDirectory state_;
  std::string binary_ = directory_.file("binary");
};

// Attacks the init process from inside: first while it runs, then through the kept fds after it has
// ended.
TEST_P(SealedContainerTest, WithstandsItsOwnRoot) {
  const HostFile before(binary_);
  {
    Parent parent(binary_);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    parent.with_report = true;
    parent.start();
    parent.send(message().bytes());
    const Pids pids = parent.read_pids();
    EXPECT_TRUE(parent.wait_stage0().exited_with(0)) << parent.log();
    EXPECT_EQ("1", parent.read_report()["end"]);
    test::run_in_namespaces_of(pids.stage2, [&] {
      Attacker attacker(pids.stage2);
      attacker.run();
      kill(pids.stage2, SIGKILL);
      wait_until_dead(pids.stage2);
      attacker.run_later();
    });
  }
  const HostFile after(binary_);
  if (GetParam().sealing == Sealing::kNone) {
    // The control: without sealing the same attacks work.
    EXPECT_FALSE(before.content == after.content) << "the attacks do not work at all";
    EXPECT_EQ("owned", after.content.substr(0, 5));
    return;
  }
  before.expect_untouched(after);
  Parent second(binary_);
  second.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
  second.run(message().bytes());
}

// Attacks each stage from inside a container that it joins. The stage is stopped where it is
// closest to the container.
TEST_P(SealedContainerTest, WithstandsAnAttackOnItsStages) {
  if (GetParam().sealing == Sealing::kNone) return;  // the test above has the control
  const HostFile before(binary_);
  unsigned flags = CLONE_NEWNS | CLONE_NEWPID;
  if (GetParam().as == As::kRootOfAUserNamespace) flags |= CLONE_NEWUSER;
  const test::Sleeper container(flags);
  std::string list =
      "mnt:" + container.namespace_path("mnt") + ",pid:" + container.namespace_path("pid");
  if ((flags & CLONE_NEWUSER) != 0) list += ",user:" + container.namespace_path("user");
  for (const char* point :
       {"stage1:joined", "stage1:creating-stage2", "stage2:started", "stage2:set-up"}) {
    int ends[2];
    ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends));
    const Fd here(ends[0]);
    Fd there(ends[1]);
    Parent parent(binary_);
    parent.environment["_LIBCONTAINER_STATEDIR"] = state_.path();
    parent.environment["_NSEXEC_CHECKPOINT_FD"] = std::to_string(there.get());
    parent.environment["_NSEXEC_CHECKPOINT"] = point;
    parent.inherited = {there.get()};
    parent.start();
    there.reset();
    parent.send(Message().text(Attribute::kNamespacePaths, list).bytes());
    char name[64] = {};
    ASSERT_LT(0, recv(here.get(), name, sizeof name - 1, 0)) << parent.log();
    std::vector<pid_t> stages;
    for (const std::string& pid : test::children_of(getpid())) {
      if (contains(test::read_file("/proc/" + pid + "/comm"), "runc:[")) {
        stages.push_back(std::stoi(pid));
      }
    }
    EXPECT_FALSE(stages.empty());
    test::run_in_namespaces_of(container.pid(), [&] {
      for (const pid_t pid : stages) {
        Attacker attacker(pid);
        attacker.run();
        kill(pid, SIGKILL);
        wait_until_dead(pid);
        attacker.run_later();
      }
    });
    for (const pid_t pid : stages) EXPECT_TRUE(test::wait_for(pid).ended);
  }
  before.expect_untouched(HostFile(binary_));
}

std::vector<Container> all_containers() {
  std::vector<Container> all;
  std::vector<Sealing> sealings = test::available();
  sealings.push_back(Sealing::kReflink);
  sealings.push_back(Sealing::kNone);
  for (const Sealing sealing : sealings) {
    all.push_back({sealing, As::kRootOfTheHost});
    all.push_back({sealing, As::kRootOfAUserNamespace});
  }
  return all;
}
INSTANTIATE_TEST_SUITE_P(All, SealedContainerTest, testing::ValuesIn(all_containers()),
                         [](const auto& each) {
                           return test::name_of(each.param.sealing) +
                                  (each.param.as == As::kRootOfTheHost ? "_host" : "_user");
                         });

}  // namespace

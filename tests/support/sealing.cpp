#include "tests/support/sealing.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>

#include "syscalls/mount.h"
#include "tests/support/support.h"

namespace test {

std::string name_of(Sealing sealing, bool for_test) {
  const char* const names[] = {
      "",      "detached-mount", "child-mount",   "overlay", "bind-mount", "reflink",
      "memfd", "tmpfile",        "unlinked-file", "none",    "verity"};
  std::string name = names[static_cast<size_t>(sealing)];
  if (for_test) std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

void copy_program_sealed_by(const std::string& from, const std::string& to,
                            const std::vector<Sealing>& order) {
  std::string bytes = read_file(from);
  const size_t names = bytes.find("runc:[0:PARENT]");
  ASSERT_NE(std::string::npos, names) << from << " has no nsexec_config";
  const size_t config = names - offsetof(struct nsexec_config, process_names);
  constexpr size_t kRoom = sizeof(nsexec_config::sealing);
  ASSERT_LT(order.size(), kRoom);
  for (size_t i = 0; i < kRoom; ++i) {
    bytes[config + offsetof(struct nsexec_config, sealing) + i] =
        static_cast<char>(i < order.size() ? order[i] : Sealing{});
  }
  write_file(to, bytes, 0755);
}

bool has_mount_setattr() {
  sys::MountAttributes nothing;
  return !(sys::mount_setattr(-1, "", AT_EMPTY_PATH, nothing).error() == ENOSYS);
}

bool is_linux(int major, int minor) {
  struct utsname name {};
  uname(&name);
  int is[2] = {};
  return sscanf(name.release, "%d.%d", &is[0], &is[1]) == 2 &&
         std::pair(is[0], is[1]) >= std::pair(major, minor);
}

std::vector<Sealing> available() {
  std::vector<Sealing> all = {Sealing::kDetachedMount, Sealing::kChildMount, Sealing::kOverlay,
                              Sealing::kBindMount,     Sealing::kMemfd,      Sealing::kTmpfile};
  if (!has_mount_setattr()) all.erase(all.begin(), all.begin() + 2);
  return all;
}

std::vector<Sealing> without_copies() {
  std::vector<Sealing> order = available();
  order.erase(std::find(order.begin(), order.end(), Sealing::kMemfd), order.end());
  order.push_back(Sealing::kReflink);
  return order;
}

std::string usual() { return name_of(available().front(), false); }

bool has_reflinks(const std::string& directory) {
  const int from = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  const int to = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  const bool works = ioctl(to, FICLONE, from) == 0;
  close(from);
  close(to);
  return works;
}

namespace {

struct Unmounted {
  explicit Unmounted(std::string path) : path_(std::move(path)) {}
  ~Unmounted() { umount2(path_.c_str(), MNT_DETACH); }
  std::string path_;
};

// A loop device takes its read-ahead size from the disk below it, which may be megabytes on a RAID
// or a virtual disk. The first read of a cloned file costs one read-ahead. So every directory that
// a test compares gets the kernel's default (VM_READAHEAD_PAGES).
void read_ahead_as_a_disk(const std::string& directory) {
  struct stat at;
  if (stat(directory.c_str(), &at) != 0) return;
  const std::string device =
      std::to_string(major(at.st_dev)) + ":" + std::to_string(minor(at.st_dev));
  write_file("/sys/class/bdi/" + device + "/read_ahead_kb", "128");
}

std::string mount_xfs() {
  if (!is_root() || has_reflinks("/tmp")) return "/tmp";
  static const TemporaryDirectory parent;
  const std::string image = parent.file("image");
  const std::string directory = parent.file("mount");
  mkdir(directory.c_str(), 0755);
  write_file(image, "");
  if (truncate(image.c_str(), 320L << 20) != 0 ||
      !run_command({"/sbin/mkfs.xfs", "-q", "-m", "reflink=1", image}).status.exited_with(0) ||
      !run_command({"/bin/mount", "-o", "loop", image, directory}).status.exited_with(0)) {
    return "/tmp";
  }
  static const Unmounted at_exit(directory);
  unlink(image.c_str());
  read_ahead_as_a_disk(directory);
  chmod(directory.c_str(), 0755);
  chmod(parent.path().c_str(), 0755);
  return directory;
}

}  // namespace

const std::string& directory_with_reflinks() {
  static const std::string directory = mount_xfs();
  return directory;
}

std::string mount_medium(const std::string& type, const std::string& directory) {
  // Of 32 bits. 7.2 on armv7l: romfs_read_folio leaves a page mapped, "kernel BUG at mm/highmem.c".
  if (type == "romfs" && contains(read_file("/proc/meminfo"), "HighTotal:")) {
    return "romfs: not tried: with high memory the kernel's romfs may crash it\n";
  }
  const Outcome outcome = run_command(
      {"/bin/mount", "-o", "ro,loop", "-t", type, built("tests/medium." + type), directory});
  return outcome.status.exited_with(0) ? "" : type + ": " + outcome.err;
}

std::string mount_verity(const std::string& directory) {
  const std::string image = directory + ".ext4";
  copy_program(built("tests/verity.ext4"), image);
  const Outcome outcome = run_command({"/bin/mount", "-o", "loop", "-t", "ext4", image, directory});
  return outcome.status.exited_with(0) ? "" : outcome.err;
}

int enable_verity(const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  fsverity_enable_arg how{};
  how.version = 1;
  how.hash_algorithm = FS_VERITY_HASH_ALG_SHA256;
  how.block_size = 4096;
  const int error = ioctl(fd, FS_IOC_ENABLE_VERITY, &how) == 0 ? 0 : errno;
  close(fd);
  return error;
}

std::string sealing_in(const std::string& log) {
  std::string result;
  for (const LogRecord& record : parse_log(log)) {
    for (const auto& [key, prefix] : {std::pair{"]: sealing: ", ""}, {"]: sealed: ", "already "}}) {
      const size_t at = record.message.find(key);
      if (at == std::string::npos || (*prefix != '\0' && !result.empty())) continue;
      result = prefix + record.message.substr(at + strlen(key));
    }
  }
  return result;
}

std::vector<std::string> tried_in(const std::string& log) {
  std::vector<std::string> tried;
  for (const LogRecord& record : parse_log(log)) {
    const size_t at = record.message.find("]: sealing: ");
    if (at != std::string::npos) tried.push_back(record.message.substr(at + 12));
  }
  return tried;
}

}  // namespace test

#include "tools/nsrun/container/given_files.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/command_line/given.h"
#include "tools/nsrun/common/id_ranges.h"

namespace nsrun {

using sys::Fd;

namespace {

constexpr char kNotRegular[] = "not a regular file";

// Sets owner and mode of a new file. Must come last, because writing and a change of owner clear
// set-user-ID. The owner is COMMAND's user, whose id is another number here if the file system is
// built outside of the container's user namespace (inner_namespaces.h).
void finish_new_file(const Options& options, int file, const Option& option, unsigned mode) {
  UserIds ids;
  if (options.identity.user == nullptr || !parse_user(options.identity.user, ids)) {
    return check(sys::fchmod(file, mode), option.name, option.second);
  }
  if (options.needs_no_outer()) {
    ids.uid = mapped_id(options.identity.uid_map, ids.uid);
    ids.gid = mapped_id(options.identity.gid_map, ids.gid);
  }
  check(sys::fchown(file, ids.uid, ids.gid), option.name, option.second);
  check(sys::fchmod(file, mode), option.name, option.second);
}

// The descriptor is a memfd that host/ has filled, so reading it does not block.
void copy_given_data(const Option& option, int file) {
  constexpr size_t kAtOnce = 0x7ffff000;  // the most that sendfile(2) takes
  const int data = parse_descriptor(option.value);
  check(sys::rewind(data), option.name, option.value);
  while (check(sys::sendfile(data, file, kAtOnce), option.name, option.second) != 0) {
  }
}

// A FIFO would block, and a device could do anything with the data.
void require_regular(int file, const Option& option) {
  if (type_of(file, option.name, option.second) != S_IFREG) {
    fail(option.name, option.second, kNotRegular);
  }
}

// Unmounts the mount whose root is `mount`. Does not use a path, because a path could be hidden.
void detach(int mount, const Option& option) {
  const Fd here = check(sys::open(".", O_PATH | O_DIRECTORY), option.name, "open");
  check(sys::fchdir(mount), option.name, "chdir");
  check(sys::unmount(".", MNT_DETACH), option.name, "unmount");
  check(sys::fchdir(here.get()), option.name, "chdir");
}

}  // namespace

void write_given_file(const Options& options, int root, const Option& option,
                      const MountModifiers& modifiers) {
  constexpr int kExisting = O_WRONLY | O_NONBLOCK | O_NOCTTY;
  auto opened = open_inside(root, option.second, kExisting);
  const bool is_new = opened.error() == ENOENT;
  if (is_new) {
    // No other user may open the file before it has its own mode.
    const MadeModes modes{.above = modifiers.mode_above(), .file = 0600};
    (void)open_target(root, option.second, Target::kFile, Make::kAll, option.name, modes);
    opened = open_inside(root, option.second, kExisting);
  }
  if (opened.error() == ENXIO) {
    fail(option.name, option.second, kNotRegular);  // a FIFO without a reader
  }
  const Fd file = check(static_cast<sys::Result<Fd>&&>(opened), option.name, option.second);
  require_regular(file.get(), option);
  check(sys::ftruncate(file.get(), 0), option.name, option.second);
  copy_given_data(option, file.get());
  if (is_new) finish_new_file(options, file.get(), option, modifiers.mode(0666));
}

Fd mount_given_data(const Options& options, int root, const Option& option,
                    const MountModifiers& modifiers) {
  const Fd memory = FileSystem(option.name, "tmpfs").mount(kNoSurprises);
  constexpr int kNewFile = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
  const Fd file =
      check(sys::openat(memory.get(), "data", kNewFile, 0600), option.name, option.second);
  copy_given_data(option, file.get());
  finish_new_file(options, file.get(), option, modifiers.mode(0600));
  // open_tree(2) can only copy a part of a mount that is attached.
  attach(memory.get(), root, option.name, option.second);
  Fd copy = check(sys::open_tree(memory.get(), "data", OPEN_TREE_CLONE), option.name, "data");
  detach(memory.get(), option);
  return copy;
}

Fd copy_of_given_tree(const Option& option, Extent extent) {
  const int fd = parse_descriptor(option.value);
  const stub::FdPath link(fd);
  char path[4096];
  const size_t size = check(sys::readlinkat(AT_FDCWD, link.c_str(), {path, sizeof path - 1}),
                            option.name, link.c_str())
                          .size();
  path[size] = '\0';
  if (path[0] != '/') fail(option.name, option.value, "not a directory or file that has a path");
  Fd copy = copy_of_tree(path, extent, option.name);
  struct statx given {};
  struct statx found {};
  check(sys::statx(fd, STATX_INO, given), option.name, option.value);
  check(sys::statx(copy.get(), STATX_INO, found), option.name, path);
  if (!sys::same_file(given, found)) {
    fail(option.name, path, "not the file of the descriptor");
  }
  return copy;
}

Fd receive_mount(int socket, const Option& option) {
  char byte = 0;
  sys::FdMessage message({&byte, 1}, -1);
  (void)check(message.receive(socket), option.name, option.value);
  Fd mount = message.take_fd();
  if (!mount.is_open()) fail(option.name, option.value, "no mount was received");
  return mount;
}

void close_given_files(const Options& options) {
  for_each_given(options, [](const Option& option, int fd) {
    if (fd > 2) {
      (void)sys::close(fd);
      return;
    }
    auto opened = sys::open("/dev/null", O_RDWR | O_NOCTTY);
    // A root can be without one, or it is nodev there (--ro-bind / /). Data is a file of our own.
    if (!opened && given_by(option.id) == Given::kData && sys::ftruncate(fd, 0)) return;
    const Fd null = check(static_cast<sys::Result<Fd>&&>(opened), option.name, "/dev/null");
    check(sys::dup3(null.get(), fd, 0), option.name, "dup3");
  });
}

}  // namespace nsrun

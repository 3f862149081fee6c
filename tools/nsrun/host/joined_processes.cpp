#include "tools/nsrun/host/joined_processes.h"

#include <linux/nsfs.h>

#include "stub/procfs.h"
#include "syscalls/ids.h"
#include "syscalls/memory.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/procfs.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

constexpr char kOption[] = "--join";

bool is_pid(const char* value) { return sys::parse_decimal(value, __INT_MAX__).valid; }

// A lookup below the directory of a process that has ended fails with one of these.
bool has_ended(sys::Errno error) { return error == ESRCH || error == ENOENT; }

// How many capabilities a set has. If the set has no gap, this is also the first number that is not
// in it.
constexpr unsigned count(Capabilities set) {
  unsigned result = 0;
  for (; set != 0; set &= set - 1) ++result;
  return result;
}

// If a set that the kernel shows has all capabilities that this kernel knows, returns
// kAllCapabilities. The process has given up none, so it may also have those of a newer kernel.
Capabilities kernel_capabilities(Capabilities shown) {
  const auto unknown = sys::prctl(PR_CAPBSET_READ, count(shown));
  return unknown.error() == EINVAL && (shown & (shown + 1)) == 0 ? kAllCapabilities : shown;
}

// Whether the list names a mount namespace, whose files may be those of an attacker.
bool has_mounts(Text list) {
  for (sys::Splitter items(list, ','); items.more();) {
    if (items.next().starts_with("mnt:")) return true;
  }
  return false;
}

// Whether the process is in the same namespace as nsrun.
bool is_ours(const JoinedProcesses::Process& process, const char* path, bool& is_known) {
  sys::FixedString<32> own;
  own << "/proc/self/" << path;
  struct statx ours {};
  struct statx theirs {};
  const auto asked = sys::statx(AT_FDCWD, own.c_str(), 0, STATX_INO, ours);
  is_known = !(asked.error() == ENOENT);  // otherwise the kernel does not have the type
  if (!is_known) return false;
  const auto found = sys::statx(process.directory.get(), path, 0, STATX_INO, theirs);
  if (!found && has_ended(found.error())) fail(kOption, process.pid, "the process has ended");
  if (!found) {
    if (found.error() == EACCES || found.error() == EPERM) {
      fail(kOption, process.pid,
           "the caller may not inspect it (another user's? of an nsrun --init, join a child)");
    }
    sys::ShortString name;
    name << "/proc/" << process.pid << "/" << path;
    fail(kOption, name.c_str(), found.error());
  }
  return asked && sys::same_file(ours, theirs);
}

}  // namespace

void JoinedProcesses::open(const Options& options) {
  if (options.namespaces.userns != nullptr) open_user_namespace(options.namespaces.userns);
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id != OptionId::kJoin) continue;
    if (is_pid(option.value)) {
      const bool all = sys::same(option.name, kOption);
      open_one(option.value, all ? sys::kAllNamespaces : options.namespaces.typed);
    } else if (has_mounts(Text::of(option.value))) {
      // No process is known there, so COMMAND gets the default set of a container.
      joined_.capabilities &= kDefaultCapabilities;
      joined_.mounts = true;
    }
  }
  open_parts(options.namespaces);
}

void JoinedProcesses::open_user_namespace(const char* option) {
  const int fd = parse_descriptor(option);
  const auto type = sys::ioctl(fd, NS_GET_NSTYPE, 0L);
  if (type.error() == EBADF) fail("--userns", option, "not an open file descriptor");
  if (!type || type.value() != CLONE_NEWUSER) {
    fail("--userns", option, "not of a user namespace (open /proc/PID/ns/user)");
  }
  struct statx ours {};
  struct statx theirs {};
  check(sys::statx(AT_FDCWD, "/proc/self/ns/user", 0, STATX_INO, ours), "--userns", option);
  check(sys::statx(fd, STATX_INO, theirs), "--userns", option);
  if (!sys::same_file(ours, theirs)) userns_ = option;
}

sys::Fd JoinedProcesses::open_part(const char* option, const char* name, int flags) const {
  if (count_ != 1) fail(option, nullptr, "wants one --join PID, or --target PID");
  const Process& process = processes_[0];
  return check(sys::openat(process.directory.get(), name, flags), option, process.pid);
}

// The kernel checks the permission now: ptrace(2), "Ptrace access mode checking".
void JoinedProcesses::open_parts(const NamespaceOptions& options) {
  if (options.join_environment) {
    joined_.environment = open_part("--join-env", "environ", O_RDONLY).release();
  }
  if (options.join_root) {
    joined_.root = open_part("--join-root", "root", O_PATH | O_DIRECTORY).release();
  }
  if (options.join_directory) {
    joined_.directory = open_part("--join-wd", "cwd", O_PATH | O_DIRECTORY).release();
  }
}

size_t JoinedProcesses::read_cgroups(sys::Span<unsigned char> text) const {
  const Fd file = open_part("--join-cgroup", "cgroup", O_RDONLY);
  return check(sys::read_fully(file.get(), text), "--join-cgroup", processes_[0].pid);
}

void JoinedProcesses::open_one(const char* pid, unsigned types) {
  if (count_ == kMost) fail(kOption, pid, "more than 8 processes");
  Process& process = processes_[count_++];
  process.pid = pid;
  process.types = types;
  const Fd procfs = require_procfs();
  auto opened = stub::open_proc_file(procfs.get(), pid, O_PATH | O_DIRECTORY);
  if (opened.error() == ENOENT) fail(kOption, pid, "there is no such process");
  process.directory = check(static_cast<sys::Result<Fd>&&>(opened), kOption, pid);
  read_status(process);
  bool is_known = false;
  if ((types & CLONE_NEWNS) != 0 && !is_ours(process, "ns/mnt", is_known)) joined_.mounts = true;
  if (sys::geteuid() != 0) open_outer_user_namespaces(process);
}

// A sandbox, such as one of bwrap(1) or nsrun, can have two user namespaces, one inside the other,
// and the outer one may own its other namespaces. An ordinary user can join these only from inside
// that outer one. Root can do it from outside.
void JoinedProcesses::open_outer_user_namespaces(const Process& process) {
  struct statx ours {};
  struct statx theirs {};
  check(sys::statx(AT_FDCWD, "/proc/self/ns/user", 0, STATX_INO, ours), kOption, process.pid);
  const auto opened = sys::openat(process.directory.get(), "ns/user", O_RDONLY);
  if (!opened) return;  // joining it fails later, with the reason
  const Fd own = opened.value();
  for (int inner = own.get();; inner = outer_[outer_count_++].get()) {
    const auto outer = sys::ioctl(inner, NS_GET_PARENT, 0L);
    if (!outer) return;  // it is not inside our user namespace
    Fd fd(outer.value());
    check(sys::statx(fd.get(), STATX_INO, theirs), kOption, process.pid);
    if (sys::same_file(ours, theirs)) return;
    if (outer_count_ == kMostOuter) fail(kOption, process.pid, "user namespaces too deep");
    outer_[outer_count_] = static_cast<Fd&&>(fd);
  }
}

void JoinedProcesses::read_status(const Process& process) {
  constexpr size_t kMostBytes = size_t{1} << 20;  // one line may list 65536 groups
  sys::Mapping memory;
  check(memory.map_private(kMostBytes), "mmap", kOption);
  const auto opened = sys::openat(process.directory.get(), "status", O_RDONLY);
  if (!opened && has_ended(opened.error())) fail(kOption, process.pid, "the process has ended");
  const Fd status = check(static_cast<const sys::Result<Fd>&>(opened), kOption, process.pid);
  const auto size = sys::read_fully(status.get(), memory.bytes());
  if (!size && has_ended(size.error())) fail(kOption, process.pid, "the process has ended");
  check(size, kOption, process.pid);
  bool found = false;
  sys::Splitter lines({reinterpret_cast<char*>(memory.data()), size.value()}, '\n');
  while (lines.more()) {
    const Text line = lines.next();
    Capabilities value = 0;
    if (sys::take_hexadecimal(line, "CapBnd:\t", value)) {
      joined_.capabilities &= kernel_capabilities(value);
      found = true;
    } else if (sys::take_hexadecimal(line, "NoNewPrivs:\t", value)) {
      joined_.no_new_privs = joined_.no_new_privs || value != 0;
    }
  }
  if (!found) fail(kOption, process.pid, "/proc does not tell its bounding set");
}

void JoinedProcesses::append_paths(const Options& options, sys::StringBuilder& list) const {
  size_t index = 0;
  const auto add_user_namespace = [&](int64_t fd) {
    list << (list.text().empty() ? "" : ",") << "user:/proc/self/fd/" << fd;
  };
  if (userns_ != nullptr) add_user_namespace(parse_descriptor(userns_));
  for (size_t i = outer_count_; i != 0; --i) add_user_namespace(outer_[i - 1].get());
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id != OptionId::kJoin) continue;
    if (!is_pid(option.value)) {
      list << (list.text().empty() ? "" : ",") << option.value;
      continue;
    }
    const Process& process = processes_[index++];
    for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
      if ((process.types & type.flag) == 0) continue;
      sys::FixedString<16> path;
      path << "ns/" << type.name;
      bool is_known = false;
      const bool ours = is_ours(process, path.c_str(), is_known);
      if (ours || !is_known) continue;
      list << (list.text().empty() ? "" : ",") << type.name << ":/proc/self/fd/"
           << process.directory.get() << "/" << path.text();
    }
  }
}

void JoinedProcesses::keep_open() const {
  for (const Process& process : processes()) {
    check(sys::fcntl(process.directory.get(), F_SETFD), "fcntl", kOption);
  }
  for (size_t i = 0; i < outer_count_; ++i) {
    check(sys::fcntl(outer_[i].get(), F_SETFD), "fcntl", kOption);
  }
  const int parts[] = {joined_.environment, joined_.root, joined_.directory};
  for (const int fd : parts) {
    if (fd != 0) check(sys::fcntl(fd, F_SETFD), "fcntl", kOption);
  }
}

void JoinedProcesses::append(sys::StringBuilder& text) const {
  text << static_cast<int64_t>(joined_.capabilities >> 32) << ","
       << static_cast<int64_t>(joined_.capabilities & 0xffffffff) << ","
       << (joined_.no_new_privs ? 1 : 0) << "," << (joined_.mounts ? 1 : 0) << ","
       << joined_.environment << "," << joined_.root << "," << joined_.directory;
  for (const Process& process : processes()) text << "," << process.directory.get();
  for (size_t i = 0; i < outer_count_; ++i) text << "," << outer_[i].get();
  if (userns_ != nullptr && parse_descriptor(userns_) > 2) text << "," << userns_;
}

}  // namespace nsrun

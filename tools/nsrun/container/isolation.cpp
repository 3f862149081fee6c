#include "tools/nsrun/container/isolation.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "arch/abi.h"
#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/keys.h"
#include "syscalls/mount.h"
#include "tools/nsrun/command_line/given.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/is_terminal.h"

namespace nsrun {

void leave_session_keyring() {
  const auto joined = sys::join_new_session_keyring();
  if (joined.error() == ENOSYS || joined.error() == EPERM) return;
  if (joined.error() == EDQUOT) {
    fail("session keyring", nullptr,
         "the key quota is used up (kernel.keys.maxkeys, maxbytes; or use "
         "--keep-keyring)");
  }
  check(joined, "session keyring");
}

namespace {

// The lowest descriptor from `first` on that must stay open; all ones if there is none.
unsigned next_kept(const Options& options, int init_pipe, int mounts, unsigned first) {
  unsigned next = ~0U;
  const auto keep = [&](int fd) {
    const auto number = static_cast<unsigned>(fd);
    if (fd >= 0 && number >= first && number < next) next = number;
  };
  keep(init_pipe);
  keep(mounts);
  for_each_given(options, [&](const Option& /*option*/, int fd) { keep(fd); });
  return next;
}

// For kernels before Linux 5.9, which lack close_range(2). Descriptors above the limit can exist
// only if the limit was higher when they were opened.
void close_each(unsigned first, unsigned last) {
  sys::ResourceLimits limits{};
  constexpr unsigned kOpenFiles = 7;  // RLIMIT_NOFILE
  check(sys::get_resource_limits(kOpenFiles, limits), "prlimit64", "nofile");
  for (uint64_t fd = first; fd <= last && fd < limits.soft; ++fd) {
    (void)sys::close(static_cast<int>(fd));
  }
}

}  // namespace

void close_descriptors(const Options& options, int init_pipe, int mounts) {
  unsigned first = 3;
  for (;;) {
    const unsigned kept = next_kept(options, init_pipe, mounts, first);
    const unsigned last = kept == ~0U ? kept : kept - 1;
    const bool any = kept != first;
    if (any && !sys::close_range(first, last)) close_each(first, last);
    if (kept == ~0U) return;
    first = kept + 1;
  }
}

namespace {

bool is_null(int fd) {
  constexpr unsigned kMajor = 1;
  constexpr unsigned kMinor = 3;
  struct statx status {};
  return sys::statx(fd, STATX_TYPE, status) && (status.stx_mode & S_IFMT) == S_IFCHR &&
         status.stx_rdev_major == kMajor && status.stx_rdev_minor == kMinor;
}

}  // namespace

void take_null_from_container() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (!is_null(stream)) continue;
    const auto opened = sys::open("/dev/null", O_RDWR | O_NOFOLLOW | O_NOCTTY);
    if (!opened) return;  // the container has something else there
    const sys::Fd null = opened.value();
    if (is_null(null.get())) check(sys::dup3(null.get(), stream, 0), "dup3", "/dev/null");
  }
}

void make_null_streams_read_only() {
  for (int stream = 0; stream <= 2; ++stream) {
    if (!is_null(stream)) continue;
    // Opened by path, because the stream's own mount belongs to the caller's mount namespace.
    const auto copied = sys::open_tree(AT_FDCWD, "/dev/null", OPEN_TREE_CLONE);
    if (!copied) return;
    const sys::Fd copy = copied.value();
    const auto done = sys::mount_setattr(copy.get(), "", AT_EMPTY_PATH, {.set = MOUNT_ATTR_RDONLY});
    const auto opened = sys::open(stub::FdPath(copy.get()).c_str(), O_RDWR | O_NOCTTY);
    if (!done || !opened) return;
    const sys::Fd null = opened.value();
    if (is_null(null.get())) check(sys::dup3(null.get(), stream, 0), "dup3", "/dev/null");
  }
}

namespace {

// Builds a classic BPF program, instruction by instruction (seccomp(2)).
class FilterBuilder {
 public:
  void load(unsigned offset) { add(BPF_LD | BPF_W | BPF_ABS, offset); }
  /// Skips `skipped` instructions if the loaded value is not `value`.
  void unless_equal_skip(unsigned value, unsigned char skipped) {
    add(BPF_JMP | BPF_JEQ | BPF_K, value, 0, skipped);
  }
  void end_with(unsigned verdict) { add(BPF_RET | BPF_K, verdict); }

  sys::Result<int> install() const {
    const sock_fprog program{static_cast<unsigned short>(size_),
                             const_cast<sock_filter*>(instructions_)};
    return sys::prctl(PR_SET_SECCOMP, static_cast<unsigned long>(SECCOMP_MODE_FILTER),
                      reinterpret_cast<unsigned long>(&program));
  }

 private:
  void add(unsigned code, unsigned operand, unsigned char if_true = 0, unsigned char if_false = 0) {
    instructions_[size_++] = {static_cast<unsigned short>(code), if_true, if_false, operand};
  }

  static constexpr size_t kForEachAbi = 9;
  sock_filter instructions_[kForEachAbi * sizeof arch::kAbis / sizeof arch::kAbis[0] + 1];
  size_t size_ = 0;
};

// The kernel only looks at the lower half of the ioctl's number (CVE-2019-10063).
constexpr unsigned kIoctlNumber = offsetof(seccomp_data, args[1]) +
                                  (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(unsigned) : 0);

}  // namespace

void forbid_typing_into_terminal() {
  if (!is_terminal(0) && !is_terminal(1) && !is_terminal(2)) return;
  FilterBuilder filter;
  constexpr unsigned kRefuse = SECCOMP_RET_ERRNO | EPERM;
  for (const arch::Abi& abi : arch::kAbis) {
    filter.load(offsetof(seccomp_data, arch));
    filter.unless_equal_skip(abi.audit_arch, 7);
    filter.load(offsetof(seccomp_data, nr));
    filter.unless_equal_skip(abi.ioctl, 5);
    filter.load(kIoctlNumber);
    filter.unless_equal_skip(TIOCSTI, 1);
    filter.end_with(kRefuse);
    filter.unless_equal_skip(TIOCLINUX, 1);
    filter.end_with(kRefuse);
  }
  filter.end_with(SECCOMP_RET_ALLOW);
  const auto installed = filter.install();
  if (installed.error() == EINVAL) return;  // a kernel without seccomp filters
  check(installed, "seccomp", "terminal");
}

}  // namespace nsrun

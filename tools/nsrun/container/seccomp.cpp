#include "tools/nsrun/container/seccomp.h"

#include <linux/seccomp.h>

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

SeccompFilter::SeccompFilter(const Options& options) {
  if (options.rights.seccomp == nullptr) return;
  constexpr size_t kInstruction = 8;             // struct sock_filter, <linux/filter.h>
  constexpr size_t kMost = 4096 * kInstruction;  // BPF_MAXINSNS
  const int fd = parse_descriptor(options.rights.seccomp);
  check(instructions_.map_private(kMost + 1), "mmap", "--seccomp");
  size_ = check(sys::read_fully(fd, instructions_.bytes()), "--seccomp", options.rights.seccomp);
  if (size_ > kMost) fail("--seccomp", options.rights.seccomp, "more than 4096 instructions");
  if (size_ == 0 || size_ % kInstruction != 0) {
    fail("--seccomp", options.rights.seccomp, "not a filter");
  }
  (void)sys::close(fd);
}

void SeccompFilter::install() const {
  if (size_ == 0) return;
  // struct sock_fprog, <linux/filter.h>.
  const struct {
    unsigned short length;
    const void* filter;
  } program = {static_cast<unsigned short>(size_ / 8), instructions_.data()};
  check(sys::prctl(PR_SET_SECCOMP, static_cast<unsigned long>(SECCOMP_MODE_FILTER),
                   reinterpret_cast<unsigned long>(&program)),
        "--seccomp");
}

}  // namespace nsrun

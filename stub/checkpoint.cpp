// Linked only into the test build (NSEXEC_CHECKPOINTS).
#include "stub/checkpoint.h"

#include "syscalls/file.h"
#include "syscalls/sockets.h"

namespace stub {

namespace {

bool is_wanted(const Job& job, const char* name) {
  return sys::same(job.stack.variable("_NSEXEC_CHECKPOINT"), name);
}

}  // namespace

void checkpoint(const Job& job, const char* name) {
  if (!is_wanted(job, name)) return;
  const char* cursor = job.stack.variable("_NSEXEC_CHECKPOINT_FD");
  const sys::Number fd = sys::take_decimal(cursor, __INT_MAX__);
  if (!fd.valid) return;
  unsigned char go = 0;
  (void)sys::send_fully(static_cast<int>(fd.value), sys::Text::of(name));
  (void)sys::read(static_cast<int>(fd.value), {&go, 1});
}

sys::Result<void> clone_and_exit(const Job& job, const char* name, unsigned long flags,
                                 sys::Pid* parent_tid) {
  if (!is_wanted(job, name)) return sys::clone_and_exit(flags, parent_tid);
  if ((flags & CLONE_VM) != 0) return sys::Errno{EINVAL};
  const sys::Result<sys::Pid> child = sys::clone(flags, parent_tid);
  if (!child) return child.error();
  if (child.value() == 0) return {};
  checkpoint(job, name);
  sys::exit(0);
}

}  // namespace stub

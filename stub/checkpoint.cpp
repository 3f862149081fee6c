// Linked into the test build alone (NSEXEC_CHECKPOINTS).
#include "stub/checkpoint.h"

#include "syscalls/file.h"
#include "syscalls/sockets.h"

namespace stub {

void checkpoint(const Job& job, const char* name) {
  if (!sys::same(job.stack.variable("_NSEXEC_CHECKPOINT"), name)) return;
  const char* cursor = job.stack.variable("_NSEXEC_CHECKPOINT_FD");
  const sys::Number fd = sys::take_decimal(cursor, __INT_MAX__);
  if (!fd.valid) return;
  unsigned char go = 0;
  (void)sys::send_fully(static_cast<int>(fd.value), sys::Text::of(name));
  (void)sys::read(static_cast<int>(fd.value), {&go, 1});
}

}  // namespace stub

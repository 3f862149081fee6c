#include "stub/libc_thread.h"

namespace stub {

void LibcThread::remember() {
  // PR_GET_TID_ADDRESS: Linux 3.5 with CONFIG_CHECKPOINT_RESTORE, which distributions have.
  if (!sys::prctl(PR_GET_TID_ADDRESS, &tid_address_) || tid_address_ == nullptr) return;
  // glibc's address is that of the tid itself, musl's that of a lock, which must not be touched.
  holds_tid_ = *tid_address_ == sys::gettid();
  (void)sys::get_robust_list(robust_list_);
}

void LibcThread::restore() const {
  if (tid_address_ == nullptr) return;
  const sys::Pid tid = sys::set_tid_address(tid_address_);
  if (holds_tid_) *tid_address_ = tid;
  (void)sys::set_robust_list(robust_list_);
}

}  // namespace stub

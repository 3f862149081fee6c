#include "stub/libc_thread.h"

#include "arch/thread.h"

namespace stub {

void LibcThread::remember() {
  // PR_GET_TID_ADDRESS: Linux 3.5 with CONFIG_CHECKPOINT_RESTORE, which distributions have.
  if (!sys::prctl(PR_GET_TID_ADDRESS, &tid_address_)) return;
  absent_ = tid_address_ == nullptr;
  if (absent_) return;
  // glibc registers the address of the tid. musl registers the address of a lock, which is 0 and
  // must stay 0.
  const sys::Pid tid = sys::gettid();
  stored_tid_ = *tid_address_ == tid ? tid_address_ : arch::musl_tid(tid);
  (void)sys::get_robust_list(robust_list_);
}

void LibcThread::restore() const {
  if (tid_address_ == nullptr) return;
  const sys::Pid tid = sys::set_tid_address(tid_address_);
  if (stored_tid_ != nullptr) *stored_tid_ = tid;
  (void)sys::set_robust_list(robust_list_);
}

}  // namespace stub

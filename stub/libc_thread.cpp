#include "stub/libc_thread.h"

#include "arch/thread.h"

namespace stub {

namespace {

/// The place where musl 1.2 stores the tid of the calling thread, or null if there is no such
/// descriptor. There must be a single thread, and libc must have set the thread pointer.
///
/// struct pthread begins with self, dtv, prev, next, sysinfo, canary, tid (musl,
/// src/internal/pthread_impl.h). Where it ends at the thread pointer, dtv and canary are not there
/// but at its end, and its size depends on musl's version. With a single thread self, prev and next
/// all point to the descriptor itself. This check rules out other objects.
int* musl_tid(int tid) {
  using Word = unsigned long;
  constexpr size_t kPrevious = arch::kThreadEndsAtPointer ? 1 : 2;
  constexpr size_t kTid = arch::kThreadEndsAtPointer ? 4 : 6;
  const auto is_thread = [](const Word* at) {
    const auto address = reinterpret_cast<Word>(at);
    return at[0] == address && at[kPrevious] == address && at[kPrevious + 1] == address;
  };
  auto* thread = reinterpret_cast<Word*>(arch::thread_pointer() - arch::kThreadEnd);
  if constexpr (arch::kThreadEndsAtPointer) {
    constexpr int kMostWords = 64;
    const Word* const lowest = thread - kMostWords;
    do {
      if (--thread < lowest) return nullptr;
    } while (!is_thread(thread));
  } else if (!is_thread(thread)) {
    return nullptr;
  }
  int* stored = reinterpret_cast<int*>(thread + kTid);
  return *stored == tid ? stored : nullptr;
}

}  // namespace

void LibcThread::remember() {
  // PR_GET_TID_ADDRESS: Linux 3.5 with CONFIG_CHECKPOINT_RESTORE, which distributions have.
  if (!sys::prctl(PR_GET_TID_ADDRESS, &tid_address_)) return;
  absent_ = tid_address_ == nullptr;
  if (absent_) return;
  // glibc registers the address of the tid. musl registers the address of a lock, which is 0 and
  // must stay 0.
  const sys::Pid tid = sys::gettid();
  stored_tid_ = *tid_address_ == tid ? tid_address_ : musl_tid(tid);
  (void)sys::get_robust_list(robust_list_);
}

void LibcThread::restore() const {
  if (tid_address_ == nullptr) return;
  const sys::Pid tid = sys::set_tid_address(tid_address_);
  if (stored_tid_ != nullptr) *stored_tid_ = tid;
  (void)sys::set_robust_list(robust_list_);
}

}  // namespace stub

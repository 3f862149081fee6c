#include "tools/nsrun/host/children.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

void Children::start(sys::Pid stage0, sys::Pid container) {
  stage0_ = stage0;
  container_ = container;
  container_is_known_ = container != 0;
}

void Children::know(sys::Pid stage1, sys::Pid container) {
  stage1_ = stage1;
  container_ = container;
  container_is_known_ = true;
}

Child Children::note_end(const sys::ChildStatus& ended) {
  if (ended.pid == stage0_) {
    stage0_ = 0;
    set_up_ = ended.as_shell() == 0;
    if (!ended.exited()) complain("stage 0", nullptr, "killed");
    if (ended_by_ != 0 && container_ != 0) (void)sys::kill(container_, SIGKILL);
    return Child::kStage0;
  }
  if (ended.pid == stage1_) {
    stage1_ = 0;
    return Child::kStage1;
  }
  if (ended.pid != container_) return Child::kAdopted;
  container_ = 0;
  const bool by_us = ended_by_ != 0 && ended.signaled() && ended.signal() == SIGKILL;
  exit_status_ = by_us ? 128 + ended_by_ : ended.as_shell();
  return Child::kContainer;
}

bool Children::reap(Child child) {
  const sys::Pid pid = child == Child::kStage0   ? stage0_
                       : child == Child::kStage1 ? stage1_
                                                 : container_;
  if (pid == 0) return false;
  const auto ended = sys::wait(pid, WNOHANG);
  if (!ended) fail("wait4", "the container", ended.error());
  if (ended.value().pid == 0) return false;
  (void)note_end(ended.value());
  return true;
}

Child Children::reap_adopted() {
  // Only when the pids of our own children are known. Before that, their status would be lost.
  if (!is_first_process_ || !container_is_known_) return Child::kNone;
  const auto ended = sys::wait(-1, WNOHANG);
  if (!ended || ended.value().pid == 0) return Child::kNone;
  return note_end(ended.value());
}

void Children::end_by(int signal) {
  if (container_ == 0) return;
  if (ended_by_ == 0) ended_by_ = signal;
  if (stage0_ == 0) (void)sys::kill(container_, SIGKILL);
}

void Children::kill() const {
  if (stage0_ != 0) (void)sys::kill(stage0_, SIGKILL);
  if (container_ != 0) (void)sys::kill(container_, SIGKILL);
}

void Children::abandon() {
  set_up_ = false;
  kill();
}

}  // namespace nsrun

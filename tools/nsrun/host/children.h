// The processes that nsrun has started, and how they end.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/common/exit_status.h"

namespace nsrun {

enum class Child : unsigned char { kNone, kStage0, kStage1, kContainer, kAdopted };

/// Stages 0 and 1, where there are stages, and the container's first process, which is stage 2.
class Children {
 public:
  /// What is known when they are started: 0 for what there is not, or is not known yet.
  void start(sys::Pid stage0, sys::Pid container);
  /// What the pid line tells.
  void know(sys::Pid stage1, sys::Pid container);

  /// The container's first process; 0: not known yet, or it has ended.
  [[nodiscard]] sys::Pid container() const { return container_; }
  [[nodiscard]] bool container_is_known() const { return container_is_known_; }
  [[nodiscard]] bool any() const { return stage0_ != 0 || stage1_ != 0 || container_ != 0; }

  /// Whether that one has ended since.
  [[nodiscard]] bool reap(Child child);
  /// As the first process of a pid namespace: the next of those that nobody else reaps, which may
  /// be one of ours. kNone: there is none.
  [[nodiscard]] Child reap_adopted();

  /// Ends the container as if the signal had ended its first process. Not before stage 0 has ended,
  /// which would say that something had gone wrong.
  void end_by(int signal);
  /// Ends them.
  void kill() const;
  /// They are to end, since something that the container was to have cannot be had.
  void abandon();
  /// What nsrun ends with: as the command ended, or 125 if the container was not set up.
  [[nodiscard]] int exit_status() const { return set_up_ ? exit_status_ : kExitOwnError; }
  [[nodiscard]] bool set_up() const { return set_up_; }

 private:
  Child note_end(const sys::ChildStatus& ended);

  // 0 also when they are reaped. The number may then be another process's.
  sys::Pid stage0_ = 0;
  sys::Pid stage1_ = 0;
  sys::Pid container_ = 0;
  bool container_is_known_ = false;
  bool set_up_ = true;
  int ended_by_ = 0;  // the signal
  int exit_status_ = kExitOwnError;
  const bool is_first_process_ = sys::getpid() == 1;
};

}  // namespace nsrun

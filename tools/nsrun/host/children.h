// The processes that nsrun has started, and how they end.
#pragma once

#include "syscalls/process.h"
#include "tools/nsrun/common/exit_status.h"

namespace nsrun {

enum class Child : unsigned char { kNone, kStage0, kStage1, kContainer, kAdopted };

/// Stages 0 and 1, if there are stages, and the container's first process, which is then stage 2.
class Children {
 public:
  /// The pids that are known at the start. 0: there is no such process, or its pid is not known
  /// yet.
  void start(sys::Pid stage0, sys::Pid container);
  /// The pids from the pid line.
  void know(sys::Pid stage1, sys::Pid container);

  /// The container's first process. 0: its pid is not known yet, or it has ended.
  [[nodiscard]] sys::Pid container() const { return container_; }
  [[nodiscard]] bool container_is_known() const { return container_is_known_; }
  [[nodiscard]] bool any() const { return stage0_ != 0 || stage1_ != 0 || container_ != 0; }

  /// Reaps that child if it has ended. Returns whether it did.
  [[nodiscard]] bool reap(Child child);
  /// If nsrun is the first process of a pid namespace: reaps one more child that has ended, an
  /// orphan or one of our own. kNone: there is none.
  [[nodiscard]] Child reap_adopted();

  /// Ends the container as if the signal had ended its first process. Waits for stage 0 to end
  /// first: stage 0 would report the end of the container as an error.
  void end_by(int signal);
  /// Kills stage 0 and the container.
  void kill() const;
  /// Kills them because the container lacks something that an option asks for.
  void abandon();
  /// nsrun's exit status: that of the command, or 125 if the container was not set up.
  [[nodiscard]] int exit_status() const { return set_up_ ? exit_status_ : kExitOwnError; }
  [[nodiscard]] bool set_up() const { return set_up_; }

 private:
  Child note_end(const sys::ChildStatus& ended);

  // 0 after the process is reaped, because another process may then get the same pid.
  sys::Pid stage0_ = 0;
  sys::Pid stage1_ = 0;
  sys::Pid container_ = 0;
  bool container_is_known_ = false;
  bool set_up_ = true;
  int ended_by_ = 0;  // the signal of end_by()
  int exit_status_ = kExitOwnError;
  const bool is_first_process_ = sys::getpid() == 1;
};

}  // namespace nsrun

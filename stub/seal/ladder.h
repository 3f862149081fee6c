// The ladder: which strategy seals the running binary.
#pragma once

#include "stub/stage.h"

namespace stub {

/// Ways to make sure that nobody can write to the running binary, in the order of choice.
enum class SealStrategy : uint8_t {
  kNone = 0,       ///< the end of a list
  kDetachedMount,  ///< Linux 5.12, CAP_SYS_ADMIN; no memory, no trace on the host
  kChildMount,     ///< the same for ordinary users, by a user namespace
  kOverlay,        ///< Linux 5.2, CAP_SYS_ADMIN, overlayfs
  kBindMount,      ///< CAP_SYS_ADMIN; touches the host's mount table
  kReflink,        ///< btrfs, xfs, bcachefs; a writable directory
  kMemfd,          ///< Linux 3.17; the binary's size in memory
  kTmpfile,        ///< Linux 3.11; the binary's size on disk
  kUnlinkedFile,   ///< any kernel; the binary's size on disk
  kUnsealed,       ///< last in a list: rather run unsealed than not at all
};

/// Returns where the binary is sealed already, or where the list lets it run unsealed. Otherwise
/// executes it once more from something that nobody can write to, by the first strategy of the list
/// that works; where none does, that is fatal, with the errno of each.
class Ladder : Stage {
 public:
  Ladder(Job& job, sys::Span<const SealStrategy> order) : Stage(job), order_(order) {}
  void run();

 private:
  [[nodiscard]] sys::Errno execute(int fd) const;

  sys::Span<const SealStrategy> order_;
};

}  // namespace stub

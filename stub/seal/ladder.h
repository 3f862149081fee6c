// The ladder: which strategy seals the running binary.
#pragma once

#include "stub/stage.h"

namespace stub {

/// Makes sure that nobody can write to the running binary, through /proc/PID/exe or otherwise
/// (CVE-2019-5736): docs/sealing.md.
class Ladder : Stage {
 public:
  explicit Ladder(Job& job) : Stage(job) {}

  /// Returns where the binary is sealed already, or where the embedder's list lets it run
  /// unsealed. Otherwise executes it once more from something that nobody can write to, by the
  /// first strategy of the list that works; where none does, that is fatal, with the errno of each.
  void run() const;

 private:
  [[nodiscard]] sys::Errno execute_by(unsigned strategy) const;
};

}  // namespace stub

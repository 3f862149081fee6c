// Tries the sealing strategies in order.
#pragma once

#include "stub/stage.h"

namespace stub {

/// Makes sure that no process can write to the running binary, through /proc/PID/exe or otherwise
/// (CVE-2019-5736): docs/sealing.md.
class Ladder : Stage {
 public:
  explicit Ladder(Job& job) : Stage(job) {}

  /// Returns if the binary is sealed already, or if the embedder's list lets it run unsealed.
  /// Otherwise executes it again from a file that no process can write to, by the first strategy of
  /// the list that works. If none works, that is fatal, with the errno of each.
  void run() const;

 private:
  [[nodiscard]] sys::Errno execute_by(unsigned strategy) const;
};

}  // namespace stub

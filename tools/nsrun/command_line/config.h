// /etc/nsrun.conf: one container a line. docs/man/nsrun.1 has its grammar.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What to do when a container has ended.
enum class Restart : unsigned char { kOnce, kAlways, kOnFailure };

/// What to do when all have ended for good.
enum class Finally : unsigned char { kPowerOff, kReboot, kStay };

/// The container of one line.
struct ContainerConfig {
  const char* name = nullptr;
  Restart restart = Restart::kOnce;
  const char* const* argv = nullptr;  ///< "nsrun", its options, the command, NULL
};

/// A parsed file. It owns the memory that the texts and argument vectors point into.
class Config {
 public:
  static constexpr size_t kMostContainers = 64;

  /// Called for each wrong line.
  using Complain = void (*)(const char* file, unsigned line, const char* reason);

  /// Reads and parses the file. Calls `complain` for each wrong line, leaves that line out, and
  /// returns how many there were. Fails with the errors of open(2), or with EFBIG if the file is
  /// too large.
  sys::Result<size_t> read(const char* path, Complain complain);
  /// Parses a text, which must end with a NUL. Changes it in place.
  size_t parse(sys::Span<char> text, const char* path, Complain complain);

  [[nodiscard]] Finally finally() const { return finally_; }
  [[nodiscard]] size_t size() const { return size_; }
  [[nodiscard]] const ContainerConfig& operator[](size_t index) const { return containers_[index]; }

 private:
  const char* take_line(const char** words, size_t count);

  Finally finally_ = Finally::kPowerOff;
  size_t size_ = 0;
  ContainerConfig containers_[kMostContainers];
  sys::Mapping text_;
  sys::Mapping words_;
};

}  // namespace nsrun

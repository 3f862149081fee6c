// /etc/nsrun.conf: one container a line. docs/man/nsrun.1 has its grammar.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What to do when a container has ended.
enum class Restart : unsigned char { kOnce, kAlways, kOnFailure };

/// What to do when all have ended for good.
enum class Finally : unsigned char { kPowerOff, kReboot, kStay };

/// A line's container.
struct ContainerConfig {
  const char* name = nullptr;
  Restart restart = Restart::kOnce;
  const char* const* argv = nullptr;  ///< "nsrun", its options, the command, NULL
};

/// A parsed file. Texts and argument vectors point into memory of its own.
class Config {
 public:
  static constexpr size_t kMostContainers = 64;

  /// What a line that is wrong is told with.
  using Complain = void (*)(const char* file, unsigned line, const char* reason);

  /// Reads and parses the file. Lines that are wrong are complained about and left out; gives how
  /// many. ENOENT and the like: as open(2) says it.
  sys::Result<size_t> read(const char* path, Complain complain);
  /// The same of a text, which is taken apart where it stands and must end with a NUL.
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

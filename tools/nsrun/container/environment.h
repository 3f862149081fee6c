// The environment of the command.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/boundary.h"

namespace nsrun {

/// What the command sees of the environment: the caller's, changed as the options say, without the
/// variables between nsrun's two sides and the stub. The entries are valid as long as this is.
class CommandEnvironment {
 public:
  /// `now`: CLOCK_REALTIME nanoseconds, for --report.
  CommandEnvironment(const stub::InitialStack& stack, const Options& options,
                     const Handover& handover, int64_t now);

  /// Sets PWD to the working directory, as bwrap does: a shell believes one that leads there.
  void tell_directory();

  [[nodiscard]] const char* const* entries() const { return entries_; }
  /// The value; null where there is none.
  [[nodiscard]] const char* find(sys::Text name) const;

 private:
  [[nodiscard]] size_t index(sys::Text name) const;
  void remove(sys::Text name);
  void apply(const Option& option);
  void add(const char* entry);
  void read_joined(int fd);
  [[nodiscard]] sys::Text joined_text() const {
    return {reinterpret_cast<const char*>(joined_.data()), joined_size_};
  }
  void add_report(const Handover& handover, int64_t now);

  sys::FixedString<48> setup_;
  sys::FixedString<96> sealed_;
  sys::Mapping joined_;  // --join-env, with a NUL at its end
  size_t joined_size_ = 0;
  sys::Mapping memory_;
  char* texts_ = nullptr;  // where the next text of ours goes
  const char** entries_ = nullptr;
  char* pwd_ = nullptr;  // kPwdSize bytes
  size_t count_ = 0;
};

}  // namespace nsrun

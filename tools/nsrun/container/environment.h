// The environment of the command.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/boundary.h"

namespace nsrun {

/// The environment that the command gets: the caller's, changed as the options say, without the
/// variables that nsrun and the stub use between themselves. The entries are valid as long as this
/// object.
class CommandEnvironment {
 public:
  /// `now`: CLOCK_REALTIME nanoseconds, for --report.
  CommandEnvironment(const stub::InitialStack& stack, const Options& options,
                     const Handover& handover, int64_t now);

  /// Sets PWD to the working directory, as bwrap does: a shell trusts PWD if it leads there.
  void tell_directory();

  [[nodiscard]] const char* const* entries() const { return entries_; }
  /// The value of a variable; null if there is none.
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
  sys::Mapping joined_;  // the text for --join-env, with a NUL at its end
  size_t joined_size_ = 0;
  sys::Mapping memory_;
  char* texts_ = nullptr;  // where the next text for --setenv goes
  const char** entries_ = nullptr;
  char* pwd_ = nullptr;  // kPwdSize bytes
  size_t count_ = 0;
};

}  // namespace nsrun

// Environment variables by which nsrun passes information to itself when it executes itself again.
#pragma once

#include "stub/initial_stack.h"
#include "syscalls/memory.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/common/signals.h"
#include "tools/nsrun/host/joined_processes.h"

namespace nsrun {

/// The caller's environment, with variables of nsrun's own in front.
class ExtendedEnvironment {
 public:
  ExtendedEnvironment(const stub::InitialStack& stack, sys::Span<const char* const> additions);

  [[nodiscard]] const char* const* entries() const {
    return reinterpret_cast<const char* const*>(memory_.data());
  }

 private:
  sys::Mapping memory_;
};

/// "NSRUN_OUTSIDE=…": the namespaces of nsrun itself, to compare with those of the container
/// (--report).
void append_outside(sys::StringBuilder& outside, const Options& options);

/// The environment of stage 0: what the stub and the container need to know.
class InitEnvironment {
 public:
  InitEnvironment(const stub::InitialStack& stack, const Options& options, int64_t start,
                  int init_pipe, int log_pipe, const InheritedSignals& inherited,
                  const JoinedProcesses& joined, int mounts);

  [[nodiscard]] const char* const* of_sealed() const { return all_.entries(); }
  [[nodiscard]] const char* const* of_unsealed() const { return all_.entries() + 1; }

 private:
  sys::FixedString<48> init_pipe_;
  sys::FixedString<48> log_pipe_;
  sys::FixedString<48> start_;
  sys::FixedString<64> signals_;
  sys::FixedString<320> joined_;
  sys::FixedString<512> outside_;
  sys::FixedString<32> mounts_;
  const char* additions_[9];
  ExtendedEnvironment all_;
};

}  // namespace nsrun

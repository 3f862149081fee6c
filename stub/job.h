// The state of one start. It is passed along, so the stub has no global variables.
#pragma once

#include "stub/bootstrap.h"
#include "stub/environment.h"
#include "stub/initial_stack.h"
#include "stub/libc_thread.h"
#include "stub/log.h"
#include "syscalls/memory.h"

namespace stub {

struct Job {
  Job(InitialStack initial_stack, const Config& embedder_config)
      : config(embedder_config),
        dialect(dialect_of(embedder_config)),
        stack(initial_stack),
        environment(read_environment(initial_stack)),
        log(environment.log_pipe, environment.log_level) {}

  /// Whether the requested namespaces include all of `flags`.
  [[nodiscard]] bool creates(unsigned flags) const {
    return (bootstrap.clone_flags & flags) == flags;
  }
  [[nodiscard]] bool joins() const { return bootstrap.namespace_count != 0; }

  const Config& config;
  const Dialect& dialect;
  const InitialStack stack;
  const Environment environment;
  Log log;
  bool hidden = false;            ///< the stages are not dumpable
  bool shown_for_maps = false;    ///< except while the id maps are written
  bool shown_at_the_end = false;  ///< and except at the program's entry
  LibcThread libc_thread;         ///< the registration of a libc that ran before the stub
  sys::Mapping message;           ///< owns the message that `bootstrap` points into, if it is large
  alignas(4) unsigned char small_message[512];
  Bootstrap bootstrap{};
};

}  // namespace stub

// The one object that is passed along: everything the flow knows, and nothing global.
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

  /// Whether the namespaces asked for hold all of `flags`.
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
  bool shown_for_maps = false;    ///< but for the time in which the id maps are written
  bool shown_at_the_end = false;  ///< and at the program's entry
  LibcThread libc_thread;         ///< what a libc that started before us must not lose
  sys::Mapping message;           ///< owns what `bootstrap` points into, if that is not small
  alignas(4) unsigned char small_message[512];
  Bootstrap bootstrap{};
};

}  // namespace stub

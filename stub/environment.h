// The environment variables that the parent sets. docs/protocol.md, "How the parent starts the
// stub".
#pragma once

#include "stub/initial_stack.h"
#include "syscalls/text.h"

namespace stub {

/// The stub's own variables, read and checked. All other variables belong to the program.
struct Environment {
  int init_pipe = -1;               ///< _LIBCONTAINER_INITPIPE; -1: not an init process
  int log_pipe = -1;                ///< _LIBCONTAINER_LOGPIPE; -1: none
  int log_level = 5;                ///< _LIBCONTAINER_LOGLEVEL; 5: debug
  const char* state_directory;      ///< _LIBCONTAINER_STATEDIR; absolute
  const char* mount_fds;            ///< _LIBCONTAINER_MOUNT_FDS (dialect runc-1.1)
  bool cloned_binary = false;       ///< _LIBCONTAINER_CLONED_BINARY is set
  const char* malformed = nullptr;  ///< the first malformed "NAME=VALUE"; null: none
};

/// Whether the process was started to become a container's init. Always false in a program that
/// runs with more privileges than its caller (AT_SECURE of getauxval(3)). Makes no system call.
bool is_init_process(const InitialStack& stack);

/// Reads all variables; ignores them under AT_SECURE. Makes no system call.
Environment read_environment(const InitialStack& stack);

}  // namespace stub

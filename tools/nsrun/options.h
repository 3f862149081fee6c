// The command line.
#pragma once

#include "syscalls/namespaces.h"
#include "syscalls/text.h"

namespace nsrun {

/// What --help prints.
const char* help_text();

/// Exit statuses of nsrun's own, as docker and env(1) have them.
inline constexpr int kExitOwnError = 125;
inline constexpr int kExitCannotExecute = 126;
inline constexpr int kExitNotFound = 127;

/// A parsed command line. Texts point into argv.
struct Options {
  unsigned create = 0;            ///< CLONE_NEW*: namespaces to create
  bool create_given = false;      ///< --ns was there
  const char* join = nullptr;     ///< PID, or TYPE:PATH,…
  const char* uid_map = nullptr;  ///< INSIDE:OUTSIDE:COUNT,…
  const char* gid_map = nullptr;
  const char* rootfs = nullptr;
  const char* hostname = nullptr;
  const char* oom_score_adj = nullptr;
  const char* monotonic_offset = nullptr;  ///< seconds
  const char* boottime_offset = nullptr;
  unsigned char seal = 0;  ///< NSEXEC_SEAL_*; 0: the stub's own order
  bool verbose = false;
  bool report = false;
  bool help = false;
  bool version = false;
  const char* const* command = nullptr;  ///< NULL-terminated; null: none given

  /// The namespaces to create, before the user's privileges are looked at.
  [[nodiscard]] unsigned namespaces_to_create() const {
    return create_given || join != nullptr ? create : sys::kAllNamespaces;
  }

  /// What is wrong with the command line: the option, its value, why. Null: nothing.
  const char* wrong_option = nullptr;
  const char* wrong_value = nullptr;
  const char* wrong_reason = nullptr;
};

/// Reads the command line. Checks what can be checked without asking the kernel.
Options parse_options(const char* const* argv);

}  // namespace nsrun

// The interface between the two sides of nsrun. host/ starts the container and watches it with the
// caller's privileges. container/ runs in the container's first process, which may be attacked.
#pragma once

#include "arch/syscall.h"
#include "stub/initial_stack.h"
#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/common/signals.h"

namespace nsrun {

/// What the container's first process is about to do. It sends each step to its parent as one byte.
enum class Step : char {
  kNone = '\n',
  kUserNamespace = 'u',  ///< the user namespace exists; the parent writes its maps
  kFileSystem = 'f',
  kAnnounce = 'n',
  kDirectory = 'd',
  kTerminal = 't',
  kLockFile = 'l',  ///< sent together with the file's descriptor
  kExecute = 'x',
  kNotExecuted = '!',
};

/// What container/ must know about the namespaces and the process that it joined.
struct Joined {
  Capabilities capabilities = kAllCapabilities;  ///< limits the default set of COMMAND
  bool no_new_privs = false;                     ///< the joined process has no_new_privs set
  bool mounts = false;  ///< a mount namespace was joined, so no path can be trusted
  // Descriptors for --join-env, --join-root and --join-wd. 0: the option was not given.
  int environment = 0;
  int root = 0;
  int directory = 0;

  /// Reads the text that JoinedProcesses wrote, which may be "". If the joined user namespace does
  /// not map this process's ids, takes the first ids that it maps. Closes the fds in the text that
  /// are of no further use.
  void read(const char* variable);
};

/// What the container's first process gets from its parent.
struct Handover {
  /// For a process that the parent cloned. `start` is when nsrun started: CLOCK_REALTIME,
  /// microseconds.
  Handover(int socket, int64_t nsrun_start, const InheritedSignals& signals)
      : init_pipe(socket), start(nsrun_start), inherited(signals) {}
  /// For a process that the stub started: reads the environment, and from the parent how the binary
  /// was sealed.
  Handover(const stub::InitialStack& stack, const Options& options);

  /// Waits until the parent has written the id maps, if it has not done so yet. Then becomes root
  /// of the container's user namespace, or the id that takes root's place there (Options::own_uid).
  void become_root(const Options& options);

  /// Whether this process must be dumpable, so that another process of its user namespace can write
  /// to its files below /proc. If a process is not dumpable, these files belong to the host's root
  /// (proc(5)). The stub leaves an ordinary user's process not dumpable if it has joined a
  /// namespace.
  [[nodiscard]] bool needs_dumpable(const Options& options) const;

  /// Tells the parent the next step, if the parent needs to know it.
  void tell(const Options& options, Step step) const;

  /// If Options::announces(): tells the parent that all namespaces exist, and waits for its answer.
  /// A program that gets the pid may look at this process, which may end soon after it executes
  /// COMMAND.
  void announce(const Options& options) const;

  int init_pipe;                  ///< a socket, close-on-exec: closes when the set-up ends
  bool by_stages = false;         ///< the stub has created the namespaces that must exist first
  bool is_root = true;            ///< false: become_root() has work to do
  int log_pipe = -1;              ///< -1: none
  int mounts = -1;                ///< a socket for the mounts of --bind-idmap (id_mapped_binds.h)
  int64_t start;                  ///< when nsrun started: CLOCK_REALTIME, microseconds
  sys::FixedString<512> outside;  ///< "NSRUN_OUTSIDE=…"
  sys::FixedString<96> seal;      ///< how the binary was sealed
  InheritedSignals inherited;     ///< the signal settings to restore for COMMAND
  Joined joined;                  ///< what this process has joined
  bool has_terminal = false;      ///< standard input is a terminal of the container's own
};

/// Runs the container's first process: creates the namespaces that it was not born in, sets the
/// container up and executes COMMAND. This is the only function of container/ that host/ and main()
/// call.
[[noreturn]] void run_container(const stub::InitialStack& stack, const Options& options,
                                Handover& handover);

/// The parent sends this after it has reported the container's pid. The container waits for it.
NSEXEC_SHARED constexpr char kAnnounced[] = "!";

/// A process can enter these namespaces only by being created in them.
inline constexpr unsigned kBornIn = CLONE_NEWPID | CLONE_NEWTIME;

/// Environment variables between host/ and container/, and between nsrun and its sealed copy.
NSEXEC_SHARED constexpr char kSealedAlready[] = "_LIBCONTAINER_CLONED_BINARY";
NSEXEC_SHARED constexpr char kSealed[] = "_LIBCONTAINER_CLONED_BINARY=1";
NSEXEC_SHARED constexpr char kCallerVariable[] = "NSRUN_CALLER";
NSEXEC_SHARED constexpr char kStartVariable[] = "NSRUN_START_US";
NSEXEC_SHARED constexpr char kSignalsVariable[] = "NSRUN_SIGNALS";
NSEXEC_SHARED constexpr char kJoinedVariable[] = "NSRUN_JOINED";
NSEXEC_SHARED constexpr char kOutsideVariable[] = "NSRUN_OUTSIDE";
NSEXEC_SHARED constexpr char kMountsVariable[] = "NSRUN_MOUNTS";
NSEXEC_SHARED constexpr char kSetupVariable[] = "NSRUN_SETUP_US";
NSEXEC_SHARED constexpr char kSealedVariable[] = "NSRUN_SEALED";

}  // namespace nsrun

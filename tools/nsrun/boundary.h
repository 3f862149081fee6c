// All that passes between nsrun's two sides: host/, which starts the container and watches it with
// the caller's privileges, and container/, the container's first process, which may be attacked.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/common/signals.h"

namespace nsrun {

/// What the container's first process is about to do, as it tells its parent: a byte each.
enum class Step : char {
  kNone = '\n',
  kUserNamespace = 'u',  ///< the user namespace is there whose maps the parent writes
  kFileSystem = 'f',
  kAnnounce = 'n',
  kDirectory = 'd',
  kTerminal = 't',
  kLockFile = 'l',  ///< with the file's descriptor
  kExecute = 'x',
  kNotExecuted = '!',
};

/// What the container's side has to know of what it has joined.
struct Joined {
  Capabilities capabilities = kAllCapabilities;  ///< at most these, unless told otherwise
  bool no_new_privs = false;                     ///< a process that is joined has it
  bool mounts = false;  ///< a mount namespace is joined: no path can be trusted
  // Descriptors of the process that is joined, on request; 0: none.
  int environment = 0;
  int root = 0;
  int directory = 0;

  /// From the variable that JoinedProcesses has written, or "". Where a user namespace has been
  /// joined that does not map the ids which this process has, it takes the first ones that are
  /// mapped. Closes the fds that the variable names.
  void read(const char* variable);
};

/// What the container's first process has from its parent.
struct Handover {
  /// Cloned by the parent. `start` is nsrun's own: CLOCK_REALTIME, microseconds.
  Handover(int socket, int64_t nsrun_start, const InheritedSignals& signals)
      : init_pipe(socket), start(nsrun_start), inherited(signals) {}
  /// Behind the stub: from the environment, and how it is sealed from the parent.
  Handover(const stub::InitialStack& stack, const Options& options);

  /// Waits until the parent has written the id maps, if that is not done yet, and becomes root of
  /// the container's user namespace, or who is there in root's place (Options::own_uid).
  void become_root(const Options& options);

  /// Whether this process must be dumpable for a process of its user namespace to write to its
  /// files below /proc. Those of a process that is not dumpable belong to the host's root
  /// (proc(5)): the stub leaves an ordinary user's process so where it has joined something.
  [[nodiscard]] bool needs_dumpable(const Options& options) const;

  /// Tells the parent what comes next, where it wants to know.
  void tell(const Options& options, Step step) const;

  /// Where somebody is to be told the container's pid: has the parent tell it, now that all
  /// namespaces are there, and waits for that. They may look at the process, and it may end as soon
  /// as it runs the command.
  void announce(const Options& options) const;

  int init_pipe;                  ///< a socket, close-on-exec: its end is that of the set-up
  bool by_stages = false;         ///< the stub has made all namespaces that are to be there first
  bool is_root = true;            ///< false: become_root() has something to do
  int log_pipe = -1;              ///< -1: none
  int mounts = -1;                ///< a socket: the mounts of --bind-idmap (id_mapped_binds.h)
  int64_t start;                  ///< as above
  sys::FixedString<512> outside;  ///< "NSRUN_OUTSIDE=…"
  sys::FixedString<96> seal;      ///< how the binary was sealed
  InheritedSignals inherited;     ///< what the command is to find
  Joined joined;                  ///< what it has joined
  bool has_terminal = false;      ///< a terminal of its own is its standard input
};

/// The container's first process: creates the namespaces that it was not born in, sets the
/// container up and becomes the command. All that host/ and main() call of container/.
[[noreturn]] void run_container(const stub::InitialStack& stack, const Options& options,
                                Handover& handover);

/// What the parent sends when all have been told the container's pid, and the container waits for.
inline constexpr char kAnnounced[] = "!";

/// Those that only a process that is born in them is in.
inline constexpr unsigned kBornIn = CLONE_NEWPID | CLONE_NEWTIME;

/// Environment variables between the two, and between nsrun and itself, sealed.
inline constexpr char kSealedAlready[] = "_LIBCONTAINER_CLONED_BINARY";
inline constexpr char kSealed[] = "_LIBCONTAINER_CLONED_BINARY=1";
inline constexpr char kCallerVariable[] = "NSRUN_CALLER";
inline constexpr char kStartVariable[] = "NSRUN_START_US";
inline constexpr char kSignalsVariable[] = "NSRUN_SIGNALS";
inline constexpr char kJoinedVariable[] = "NSRUN_JOINED";
inline constexpr char kOutsideVariable[] = "NSRUN_OUTSIDE";
inline constexpr char kMountsVariable[] = "NSRUN_MOUNTS";
inline constexpr char kSetupVariable[] = "NSRUN_SETUP_US";
inline constexpr char kSealedVariable[] = "NSRUN_SEALED";

}  // namespace nsrun

// nsrun's two sides: the parent, which starts the container, and the real entry point, which is
// the container's first process.
#pragma once

#include "stub/initial_stack.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/common/signals.h"
#include "tools/nsrun/host/joined.h"

namespace nsrun {

/// The parent: makes the container, by a clone of its own, or as a parent of the stub's: then it
/// starts this program again as an init process and speaks the wire protocol. Forwards signals, and
/// ends as the command ended.
[[noreturn]] void run_parent(const stub::InitialStack& stack, const Options& options);

/// What the container's first process is about to do, as it tells its parent: a byte each.
enum class Step : char {
  kNone = '\n',
  kUserNamespace = 'u',  ///< the user namespace is there whose maps the parent writes
  kFileSystem = 'f',
  kAnnounce = 'n',
  kDirectory = 'd',
  kTerminal = 't',
  kExecute = 'x',
  kNotExecuted = '!',
};

/// What the container's first process has from its parent.
struct Handover {
  /// Cloned by the parent. `start` is nsrun's own: CLOCK_REALTIME, microseconds.
  Handover(int socket, int64_t nsrun_start, const InheritedSignals& signals)
      : init_pipe(socket), start(nsrun_start), inherited(signals) {}
  /// Behind the stub: from the environment, and how it is sealed from the parent.
  Handover(const stub::InitialStack& stack, const Options& options);

  /// Waits until the parent has written the id maps, if that is not done yet, and becomes root of
  /// the container's user namespace.
  void become_root();

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
  int64_t start;                  ///< as above
  sys::FixedString<512> outside;  ///< "NSRUN_OUTSIDE=…"
  sys::FixedString<96> seal;      ///< how the binary was sealed
  InheritedSignals inherited;     ///< what the command is to find
  Joined joined;                  ///< what it has joined
};

/// In the container's first process: creates the namespaces that are to be there before the file
/// system is built, but for those that it was born in, and for the user namespace.
void create_first_namespaces(const Options& options, Handover& handover);

/// In the container's first process: creates these namespaces (CLONE_NEW*), or all but the cgroup
/// namespace where the container may have none. Ends nsrun on an error.
void create_namespaces(const Options& options, unsigned flags);

/// The container's first process, with the namespaces made and joined: sets the container up and
/// becomes the command.
[[noreturn]] void run_container(const stub::InitialStack& stack, const Options& options,
                                Handover& handover);

/// What the parent sends when all have been told the container's pid, and the container waits for.
inline constexpr char kAnnounced[] = "!";

/// Those that only a process that is born in them is in.
inline constexpr unsigned kBornIn = CLONE_NEWPID | CLONE_NEWTIME;

/// Environment variables between the two, and between nsrun and itself, sealed.
inline constexpr char kSealed[] = "_LIBCONTAINER_CLONED_BINARY=1";
inline constexpr char kStartVariable[] = "NSRUN_START_US";
inline constexpr char kSignalsVariable[] = "NSRUN_SIGNALS";
inline constexpr char kJoinedVariable[] = "NSRUN_JOINED";
inline constexpr char kOutsideVariable[] = "NSRUN_OUTSIDE";
inline constexpr char kSetupVariable[] = "NSRUN_SETUP_US";
inline constexpr char kSealedVariable[] = "NSRUN_SEALED";

}  // namespace nsrun

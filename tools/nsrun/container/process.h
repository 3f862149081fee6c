// What the options make of the process that becomes the command.
#pragma once

#include "syscalls/memory.h"
#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Host and domain name, resource limits, niceness. While all capabilities are there.
void set_limits_and_names(const Options& options);

/// Capabilities, groups, ids, no_new_privs, in the order in which each is still allowed. Nothing of
/// the caller's inheritable capabilities is left (CVE-2022-29162).
void set_identity(const Options& options, const Joined& joined);

/// --seccomp: the filter, read from its fd, which is closed.
class SeccompFilter {
 public:
  /// Reads it, if there is one to read.
  explicit SeccompFilter(const Options& options);
  /// From here on only what it allows. The last thing before execve(2).
  void install() const;

 private:
  sys::Mapping instructions_;
  size_t size_ = 0;
};

/// --init: forks. Returns in the child, which is to become the command. The parent stays as the
/// container's first process: it reaps all that comes to it, passes signals on to the child, those
/// too that have come meanwhile, and ends as the child ends. The child has a session of its own,
/// with stdin as its controlling terminal where --tty is.
void become_init(const Options& options, Handover& handover);

/// Without --init: ends with status 128+n where signal n has come while the container was set up
/// and would end the command. The kernel would drop it as soon as it is unblocked: it gives the
/// first process of a pid namespace no signal whose action is the default one.
void end_by_pending_signal(const InheritedSignals& inherited);

/// --die-with-parent: SIGKILL when the process on the other side of `socket`, the parent, ends;
/// also if it already has.
void die_with_parent(int socket);

}  // namespace nsrun

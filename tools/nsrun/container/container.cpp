#include "syscalls/mount.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"
#include "tools/nsrun/container/environment.h"
#include "tools/nsrun/container/execute.h"
#include "tools/nsrun/container/execute_failure.h"
#include "tools/nsrun/container/file_system.h"
#include "tools/nsrun/container/given_files.h"
#include "tools/nsrun/container/init.h"
#include "tools/nsrun/container/isolation.h"
#include "tools/nsrun/container/landlock.h"
#include "tools/nsrun/container/lock_files.h"
#include "tools/nsrun/container/namespaces.h"
#include "tools/nsrun/container/process.h"
#include "tools/nsrun/container/seccomp.h"
#include "tools/nsrun/container/terminal.h"
#include "tools/nsrun/container/user_namespaces.h"

namespace nsrun {

namespace {

// Whether the working directory is below our root. Not inlined, because it needs much stack.
[[gnu::noinline]] bool is_inside_root(const char* what, const char* object) {
  char path[4096];
  path[0] = '\0';
  check(sys::getcwd({path, sizeof path}), what, object);
  return path[0] == '/';
}

// CVE-2024-21626: a path such as /proc/self/fd/7 must not lead out of the container's own root, or
// out of a joined mount namespace.
void enter_directory(const Options& options) {
  check(sys::chdir(options.files.chdir), "--chdir", options.files.chdir);
  if (!options.has_root() && !options.namespaces.joins) return;
  if (!is_inside_root("getcwd", options.files.chdir)) {
    fail("--chdir", options.files.chdir, "outside of the root");
  }
}

// --join-root, --join-wd. Closes both descriptors.
void enter_places(const Joined& joined) {
  if (joined.root != 0) {
    check(sys::fchdir(joined.root), "--join-root", "fchdir");
    check(sys::chroot("."), "--join-root", "chroot");
    (void)sys::close(joined.root);
  }
  if (joined.directory == 0) return;
  check(sys::fchdir(joined.directory), "--join-wd", "fchdir");
  (void)sys::close(joined.directory);
  if (!is_inside_root("--join-wd", "getcwd")) fail("--join-wd", nullptr, "outside of the root");
}

void open_terminal(const Options& options, Handover& handover) {
  UserIds ids;
  // The terminal's owner is COMMAND's user, who may not be root if the user namespace does not map
  // id 0.
  ids.uid = options.lacks_root() ? options.own_uid.inside : 0;
  if (options.identity.user != nullptr) (void)parse_user(options.identity.user, ids);
  handover.tell(options, Step::kTerminal);
  handover.has_terminal = take_terminal(handover.init_pipe, ids.uid, handover.joined.mounts,
                                        options.process.tty_may_lack);
  if (handover.has_terminal && !options.process.init) control_terminal();
}

// Keyring, terminal, identity: after this the process has the rights that the command will have.
void give_up_privileges(const Options& options, const Handover& handover) {
  if (!options.rights.keep_keyring) leave_session_keyring();
  // A seccomp filter and Landlock rules need no_new_privs, or else all capabilities. So they are
  // installed either after no_new_privs is set or before capabilities are dropped.
  const bool new_privs = options.rights.new_privs;
  const auto restrict = [&] {
    if (!handover.has_terminal) forbid_typing_into_terminal();
    if (options.rights.landlock) restrict_files(options);
  };
  if (new_privs) restrict();
  set_identity(options, handover.joined);
  const RightsOptions& rights = options.rights;
  if (rights.disable_userns || rights.assert_userns_disabled) assert_no_user_namespaces();
  if (!new_privs) restrict();
}

}  // namespace

void run_container(const stub::InitialStack& stack, const Options& options, Handover& handover) {
  // 1. Create the namespaces that the file system needs.
  create_first_namespaces(options, handover);
  const int64_t now = sys::nanoseconds(CLOCK_REALTIME);
  if (handover.log_pipe >= 0) (void)sys::close(handover.log_pipe);

  // 2. Fetch what comes from outside: directories, variables and filters.
  enter_places(handover.joined);
  CommandEnvironment environment(stack, options, handover, now);
  const SeccompFilters filters(options);
  if ((options.has_root() || options.namespaces.joins) && !options.rights.keep_fds) {
    close_descriptors(options, handover.init_pipe, handover.mounts);
  }

  if (options.files.assembled && options.caller_is_root) make_null_streams_read_only();

  // 3. Build the file system and create the other namespaces. Then the parent may report the pid.
  handover.tell(options, Step::kFileSystem);
  make_file_system(options, handover, environment.find("HOME"));
  close_given_files(options);
  if (handover.mounts >= 0) (void)sys::close(handover.mounts);
  if (options.has_root()) take_null_from_container();
  send_lock_files(options, handover);
  handover.announce(options);

  // 4. Do what needs all capabilities: names, limits, the directory, the terminal.
  set_limits_and_names(options);
  if (options.files.chdir != nullptr) {
    handover.tell(options, Step::kDirectory);
    enter_directory(options);
  }
  if (options.files.assembled) environment.tell_directory();
  if (options.process.tty) open_terminal(options, handover);

  // 5. Take COMMAND's identity and rights. Then decide which process ends with which.
  give_up_privileges(options, handover);
  if (options.process.die_with_parent) die_with_parent(handover.init_pipe);
  if (options.process.init) become_init(options, handover);

  // 6. Execute the command.
  handover.tell(options, Step::kExecute);
  if (!options.process.init) end_by_pending_signal(handover.inherited);
  handover.inherited.restore();
  filters.install();
  // A filter may kill a process that sends or reads.
  const bool is_filtered = options.rights.seccomp != nullptr;
  const char* const name = options.command[0];
  // The list is on the initial stack, which this process may write to.
  if (options.process.argv0 != nullptr) {
    const_cast<const char*&>(options.command[0]) = options.process.argv0;
  }
  const sys::Errno error = execute(name, options.command, environment, !is_filtered);
  if (is_filtered) {
    complain("execute", name, error);
  } else {
    // The parent's time limit must still apply here, because files of a joined container may block.
    explain_failure(options, name, environment, error);
    handover.tell(options, Step::kNotExecuted);
  }
  sys::exit(error == ENOENT || error == ENOTDIR ? kExitNotFound : kExitCannotExecute);
}

}  // namespace nsrun

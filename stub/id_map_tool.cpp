// newuidmap(1), newgidmap(1): privileged programs that write id maps for their caller.
#include "stub/id_map.h"
#include "stub/stages.h"
#include "syscalls/memory.h"
#include "syscalls/poll.h"
#include "syscalls/signals.h"

namespace stub {

using sys::Fd;
using sys::Pid;

namespace {

// Shared between stage 0 and the tool's process until it executes the tool.
struct Shared {
  sys::Errno exec_error;
  const char* argv[];
};

}  // namespace

// tool pid inside outside count …, for all lines of the map.
void Stage0::run_id_map_tool(const char* tool, char* map) const {
  // Three more: the tool, the pid and the NULL.
  const size_t most_arguments = most_numbers(sys::length(map)) + 3;
  sys::Mapping memory;
  check(memory.map_shared(sizeof(Shared) + most_arguments * sizeof(char*)), "mmap", tool);
  auto* shared = reinterpret_cast<Shared*>(memory.data());
  sys::ShortString pid;
  pid << stage1_;
  shared->argv[0] = tool;
  shared->argv[1] = pid.c_str();
  take_numbers(map, shared->argv + 2);

  // If the parent ignores SIGCHLD, the kernel would reap the tool before its status can be read.
  check(sys::reset_signal(SIGCHLD), "rt_sigaction");
  const Pid child = check(sys::clone(SIGCHLD), "clone", tool);
  if (child == 0) {
    job_.log.restore_signals();
    const char* const no_environment = nullptr;
    shared->exec_error = sys::execve(tool, shared->argv, &no_environment);
    sys::exit(kExitFailed);
  }
  const bool undisturbed = wait_for_tool(child);
  const sys::ChildStatus ended = check(sys::wait(child), "wait4", tool);
  if (!(shared->exec_error == 0)) fail("execve", tool, shared->exec_error);
  if (!undisturbed) fail("wait for", tool, sys::Errno{ECANCELED});
  if (ended.as_shell() != 0) {
    sys::ShortString status;
    status << "exit status " << ended.as_shell();
    fail("id map tool", tool, status.c_str());
  }
}

// Whether the tool ended before the parent and stage 1 did. Otherwise the tool is killed. Without
// pidfds (before Linux 5.3) nothing is watched.
bool Stage0::wait_for_tool(Pid child) const {
  const sys::Result<Fd> opened = sys::pidfd_open(child);
  if (!opened) return true;
  const Fd pidfd = opened.value();
  sys::PollEntry entries[] = {
      {pidfd.get(), POLLIN, 0}, {job_.environment.init_pipe, 0, 0}, {channel_.fd(), 0, 0}};
  check(sys::poll({entries, 3}), "poll");
  if (entries[0].revents != 0) return true;
  (void)sys::pidfd_send_signal(pidfd.get(), SIGKILL);
  return false;
}

}  // namespace stub

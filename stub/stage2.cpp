#include "stub/stages.h"
#include "syscalls/ids.h"
#include "syscalls/namespaces.h"
#include "syscalls/sockets.h"

namespace stub {

// Stage 2, in order:
//  1. Sends the pids of stage 1 and of itself to the parent.
//  2. Becomes a session leader and root of its user namespace.
//  3. Creates the cgroup namespace, in dialects that want it this late.
//  4. Becomes as dumpable as it was before, if it has joined nothing. Otherwise makes sure that the
//     new ids have not made it dumpable (/proc/sys/fs/suid_dumpable).
//  5. Tells stage 0 that the set-up is complete. Stage 0 exits 0, which tells the parent.
//  6. Releases the stub's fds and memory, and restores the signal mask.
void Stage2::run() {
  enter(2);
  checkpoint(job_, "stage2:started");
  send_pid_line();
  checkpoint(job_, "stage2:pids-sent");
  set_ids();
  create_cgroup_namespace();
  checkpoint(job_, "stage2:set-up");
  set_dumpable(job_.shown_at_the_end);
  tell(Message::kReady, "stage 0");
  checkpoint(job_, "stage2:ready-sent");
  give_back();
}

void Stage2::send_pid_line() {
  sys::ShortString line;
  const bool old = job_.dialect.pid_line_2019;
  line << (old ? "{\"pid\": " : "{\"stage1_pid\":") << (old ? stage2_ : stage1_);
  line << (old ? ", \"pid_first\": " : ",\"stage2_pid\":") << (old ? stage1_ : stage2_) << "}\n";
  check(sys::send_fully(job_.environment.init_pipe, line.text()), "send to init pipe");
}

void Stage2::set_ids() const {
  check(sys::setsid(), "setsid");
  check_root(sys::setuid(0), "setuid 0");
  check_root(sys::setgid(0), "setgid 0");
  if (job_.bootstrap.setgroups && !job_.bootstrap.rootless) {
    check(sys::setgroups({}), "setgroups (none)");
  }
}

void Stage2::create_cgroup_namespace() const {
  using Cgroup = Dialect::CgroupNamespace;
  if (!job_.creates(CLONE_NEWCGROUP)) return;
  if (job_.dialect.cgroup_namespace == Cgroup::kWithTheOthers) return;
  if (job_.dialect.cgroup_namespace == Cgroup::kLastWhenToldTo) {
    unsigned char byte = 0;
    check(sys::read(job_.environment.init_pipe, {&byte, 1}), "read init pipe");
    if (byte != kCreateCgroupNamespace) {
      fail("create cgroup namespace", nullptr, "no byte 0x80");
    }
  }
  check(sys::unshare(CLONE_NEWCGROUP), "unshare cgroup");
}

// The destructors of the channel and the message release the rest when the stack unwinds.
void Stage2::give_back() const {
  job_.libc_thread.restore();
  job_.log.restore_signals();
}

}  // namespace stub

#include "stub/stages.h"
#include "syscalls/ids.h"
#include "syscalls/namespaces.h"
#include "syscalls/sockets.h"

namespace stub {

// Stage 2, in order:
//  1. Tells the parent the pids of stage 1 and of itself.
//  2. Becomes a session leader and root of its user namespace.
//  3. Creates the cgroup namespace, where the dialect wants it as late as this.
//  4. Becomes as dumpable as the process was before, if it has joined nothing. Otherwise it makes
//  sure
//     that other ids have not made it dumpable (/proc/sys/fs/suid_dumpable).
//  5. Tells stage 0 that all went well; stage 0 exits 0, which is the parent's verdict.
//  6. Leaves nothing of the stub behind: fds, memory, signal mask.
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
    constexpr unsigned char kCreateCgroupNamespace = 0x80;
    unsigned char byte = 0;
    check(sys::read(job_.environment.init_pipe, {&byte, 1}), "read init pipe");
    if (byte != kCreateCgroupNamespace) {
      fail("create cgroup namespace", nullptr, "no byte 0x80");
    }
  }
  check(sys::unshare(CLONE_NEWCGROUP), "unshare cgroup");
}

// What is ours besides, the channel and the message, ends with its owners on the way back.
void Stage2::give_back() const {
  job_.libc_thread.restore();
  job_.log.restore_signals();
}

}  // namespace stub

#include "stub/stages.h"
#include "syscalls/file.h"
#include "syscalls/ids.h"
#include "syscalls/namespaces.h"

namespace stub {

// Stage 1, in order:
//  1. Opens every namespace to join, then joins them all: once in, the paths mean something else.
//  2. Creates the user namespace and waits until stage 0 has written its maps.
//  3. Creates the other namespaces in one call: they belong to the new user namespace.
//  4. Has the time namespace's offsets set, before anybody is in it.
//  5. Has the mount sources opened, from outside, in the new mount namespace.
//  6. Creates stage 2: only a new process is in the new pid and time namespaces.
void Stage1::run() {
  enter(1);
  checkpoint(job_, "stage1:started");
  if (job_.joins()) join_namespaces();
  if (job_.creates(CLONE_NEWUSER)) create_user_namespace();
  create_other_namespaces();
  checkpoint(job_, "stage1:unshared");
  if (is_given(job_.bootstrap.time_offsets)) ask(Message::kSetTimeOffsets);
  receive_mount_sources();
  create_stage2();
}

void Stage1::join_one(OpenNamespace& entry, bool may_be_refused) const {
  const auto joined = sys::setns(entry.fd.get(), entry.flag);
  if (may_be_refused && joined.error() == EPERM) return;
  check(joined, "setns", entry.text);
  entry.fd.reset();
  if (entry.flag == CLONE_NEWUSER) become_root();
}

// Other ids make a process as dumpable as /proc/sys/fs/suid_dumpable says (prctl(2)), which may
// be 1.
void Stage1::become_root() const {
  check_root(sys::setresuid(0, 0, 0), "setresuid 0");
  set_dumpable(false);
}

void Stage1::join_others(sys::Span<OpenNamespace> namespaces, bool may_be_refused) const {
  for (OpenNamespace& entry : namespaces) {
    if (entry.fd.is_open() && entry.flag != CLONE_NEWUSER) join_one(entry, may_be_refused);
  }
}

// Which namespaces we may join before a user namespace and which only as its root depends on who
// owns them, and the kernel alone knows: what it refuses is tried again. Of several user
// namespaces, which are then inside each other, each may own some of the others.
void Stage1::join_namespaces() const {
  OpenNamespace entries[kMostNamespacePaths];
  const sys::Span<OpenNamespace> namespaces{entries, job_.bootstrap.namespace_count};

  NamespacePath wanted = job_.bootstrap.namespace_paths;
  for (OpenNamespace& entry : namespaces) {
    entry.text = wanted.text;
    entry.flag = wanted.flag();
    // O_NONBLOCK: a FIFO in the place of a namespace is an error, not a wait without end.
    entry.fd = check(sys::openat(AT_FDCWD, wanted.path(), O_RDONLY | O_NONBLOCK | O_NOCTTY),
                     "open namespace", wanted.text);
    wanted = wanted.next();
  }
  checkpoint(job_, "stage1:opened");

  join_others(namespaces, true);
  for (OpenNamespace& entry : namespaces) {
    if (entry.flag != CLONE_NEWUSER) continue;
    join_one(entry, false);
    join_others(namespaces, true);
  }
  join_others(namespaces, false);
  checkpoint(job_, "stage1:joined");
}

void Stage1::create_user_namespace() const {
  check(sys::unshare(CLONE_NEWUSER), "unshare user");
  checkpoint(job_, "stage1:unshared-user");
  // The map files of a process that is not dumpable belong to root (proc(5)), and stage 0 may be
  // somebody else.
  if (job_.shown_for_maps) set_dumpable(true);
  ask(Message::kMapIds);
  // Where ids are about to change the kernel itself takes dumpability away, and so for good.
  if ((sys::geteuid() | sys::getegid()) != 0) job_.shown_at_the_end = false;
  become_root();
  checkpoint(job_, "stage1:mapped");
}

void Stage1::create_other_namespaces() const {
  unsigned flags = job_.bootstrap.clone_flags & ~unsigned{CLONE_NEWUSER};
  if (job_.dialect.cgroup_namespace != Dialect::CgroupNamespace::kWithTheOthers) {
    flags &= ~unsigned{CLONE_NEWCGROUP};
  }
  if (flags == 0) return;
  sys::Result<void> unshared;
  // Before Linux 4.3 (commit 12c641ab8270) a reader of /proc/PID made this EINVAL for a moment.
  for (int tries = 0; tries < 6; ++tries) {
    unshared = sys::unshare(flags);
    if (unshared || !(unshared.error() == EINVAL)) break;
  }
  sys::ShortString names;
  sys::append_names(names, flags);
  check(unshared, "unshare", names.c_str() + 1);
  debug("unshared", names.c_str());
}

void Stage1::receive_mount_sources() const {
  const char* source = job_.bootstrap.mount_sources;
  const char* fds = job_.environment.mount_fds;
  if (source == nullptr) return;
  tell(Message::kOpenMountSources, "stage 0");
  for (; source != job_.bootstrap.mount_sources_end; source += sys::length(source) + 1) {
    const int reserved = static_cast<int>(next_mount_fd(fds).value);
    if (reserved < 0) continue;
    char answer = 0;
    sys::FdMessage message({&answer, 1}, -1);
    check(message.receive(channel_.fd()), "recvmsg", source);
    expect_done(static_cast<Message>(answer));
    check(sys::dup3(message.take_fd().get(), reserved, O_CLOEXEC), "dup3", source);
  }
  checkpoint(job_, "stage1:sources-received");
}

void Stage1::ask(Message request) const {
  tell(request, "stage 0");
  expect_done(listen());
}

void Stage1::expect_done(Message answer) const {
  if (answer == Message::kFailed) end_as_told();
  if (answer != Message::kDone) fail_alone("stage 0");
}

// Stage 2 itself tells the parent both pids, and for that must know its own as the parent sees it:
// not what getpid says in a new pid namespace, but what clone says here. The kernel stores that
// number (CLONE_PARENT_SETTID) before the child runs for the first time, in memory that both
// share, so no message and no wake-up is needed, and the parent has the pids before the real entry
// point can say anything.
//
// This process has nothing left to do, so that stage 2 can have its memory instead of a copy,
// where nothing stands against it. Otherwise one page is shared.
void Stage1::create_stage2() {
  constexpr char kCreated[] = "stage1:created-stage2";
  constexpr unsigned long kFlags = CLONE_PARENT | CLONE_PARENT_SETTID;
  checkpoint(job_, "stage1:creating-stage2");
  sys::Pid stage2 = 0;
  sys::Result<void> created = sys::Errno{EINVAL};
  if (may_give_memory()) created = clone_and_exit(job_, kCreated, kFlags | CLONE_VM, &stage2);
  // Only if it is CLONE_VM that is refused: a new pid namespace whose first process could not be
  // created takes no second one (ENOMEM), and the errno that counts is the first.
  if (created.error() == EINVAL) {
    sys::Mapping page;
    check(page.map_shared(sizeof(sys::Pid)), "mmap");
    auto* shared = reinterpret_cast<sys::Pid*>(page.data());
    created = clone_and_exit(job_, kCreated, kFlags, shared);
    stage2 = *shared;
  }
  check(created, "clone stage 2");
  Stage2(job_, static_cast<Channel&&>(channel_), own_, stage2).run();
}

// Whom it gives CLONE_VM the kernel takes for a thread, and forgets a libc's restartable sequences
// (rseq(2)), by which glibc knows its processor. And a time namespace belongs to the memory
// (time_namespaces(7)).
bool Stage1::may_give_memory() const {
  return job_.libc_thread.is_absent() && !job_.creates(CLONE_NEWTIME);
}

}  // namespace stub

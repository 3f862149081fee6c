#include "stub/stages.h"
#include "syscalls/file.h"
#include "syscalls/ids.h"
#include "syscalls/namespaces.h"

namespace stub {

// Stage 1, in order:
//  1. Opens every namespace to join, and then joins them all. After joining, the paths would mean
//     something else.
//  2. Creates the user namespace and waits until stage 0 has written its maps.
//  3. Creates the other namespaces in one call, so that they belong to the new user namespace.
//  4. Has stage 0 set the time namespace's offsets, which must happen before a process is in it.
//  5. Has stage 0 open the mount sources in the new mount namespace.
//  6. Creates stage 2, because only a new process is in the new pid and time namespaces.
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
  // Ends "type:path" behind the type. The message is this process's own copy, and nobody reads this
  // part of it again.
  const_cast<char*>(entry.path)[-1] = '\0';
  debug("joined ", entry.text, entry.path);
}

// A change of ids sets dumpable to /proc/sys/fs/suid_dumpable (prctl(2)), which may be 1.
void Stage1::become_root() const {
  check_root(sys::setresuid(0, 0, 0), "setresuid 0");
  set_dumpable(false);
}

void Stage1::join_others(sys::Span<OpenNamespace> namespaces, bool may_be_refused) const {
  for (OpenNamespace& entry : namespaces) {
    if (entry.fd.is_open() && entry.flag != CLONE_NEWUSER) join_one(entry, may_be_refused);
  }
}

// The owner of a namespace decides whether it can be joined before a user namespace, or only as
// root of one. Only the kernel knows the owner, so a refused join is tried again later. If there
// are several user namespaces, each may own some of the others.
void Stage1::join_namespaces() const {
  OpenNamespace entries[kMostNamespacePaths];
  const sys::Span<OpenNamespace> namespaces{entries, job_.bootstrap.namespace_count};

  NamespacePath wanted = job_.bootstrap.namespace_paths;
  for (OpenNamespace& entry : namespaces) {
    entry.text = wanted.text;
    entry.flag = wanted.flag();
    // O_NONBLOCK: a FIFO in place of a namespace file is then an error and does not block.
    entry.path = wanted.path();
    entry.fd = check(sys::open(entry.path, O_RDONLY | O_NONBLOCK | O_NOCTTY), "open namespace",
                     wanted.text);
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
  // The map files of a process that is not dumpable belong to root (proc(5)), and stage 0 may not
  // be root.
  if (job_.shown_for_maps) set_dumpable(true);
  ask(Message::kMapIds);
  // If the ids change later, the kernel makes the process not dumpable, and it stays so.
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
  // Before Linux 4.3 (commit 12c641ab8270) this failed with EINVAL while another process read
  // /proc/PID.
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
  if (!kHasMountSources || source == nullptr) return;
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
  // Stage 0 has left this mount namespace again. If that failed after the last fd, the start would
  // fail although stage 2 runs the program.
  expect_done(listen());
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

// Stage 2 sends both pids to the parent, so it needs its own pid as the parent sees it. In a new
// pid namespace getpid returns another number. The kernel stores the right one
// (CLONE_PARENT_SETTID) in shared memory before the child first runs. So no message and no wake-up
// is needed, and the parent gets the pids before the program can write to the init pipe.
//
// This process has nothing left to do. So stage 2 takes over its memory instead of a copy, if that
// is possible. Otherwise one page is shared.
void Stage1::create_stage2() {
  constexpr char kCreated[] = "stage1:created-stage2";
  constexpr unsigned long kFlags = CLONE_PARENT | CLONE_PARENT_SETTID;
  checkpoint(job_, "stage1:creating-stage2");
  sys::Pid stage2 = 0;
  sys::Result<void> created = sys::Errno{EINVAL};
  if (may_give_memory()) created = clone_and_exit(job_, kCreated, kFlags | CLONE_VM, &stage2);
  // Try again only if CLONE_VM was refused. If the first process of a new pid namespace could not
  // be created, a second attempt fails with ENOMEM and would hide the first errno.
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

// With CLONE_VM the kernel clears the child's rseq registration (rseq(2)), which glibc's
// sched_getcpu relies on. And a time namespace is a property of the address space, so the child
// would not enter it (time_namespaces(7)).
bool Stage1::may_give_memory() const {
  return job_.libc_thread.is_absent() && !job_.creates(CLONE_NEWTIME);
}

}  // namespace stub

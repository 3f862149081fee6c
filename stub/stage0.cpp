#include "stub/procfs.h"
#include "stub/stages.h"
#include "syscalls/namespaces.h"

namespace stub {

using sys::Fd;

void Stage0::run() {
  enter(0);
  checkpoint(job_, "stage0:created-stage1");
  for (;;) {
    const Message message = listen();
    if (message == Message::kMapIds) {
      map_ids();
    } else if (message == Message::kSetTimeOffsets) {
      set_time_offsets();
    } else if (kHasMountSources && message == Message::kOpenMountSources) {
      open_mount_sources();
    } else if (message == Message::kReady) {
      checkpoint(job_, "stage0:ready");
      sys::exit(kExitDone);
    } else if (message == Message::kFailed) {
      end_as_told();
    } else {
      fail_alone("stages 1 and 2");
    }
  }
}

void Stage0::done() { tell(Message::kDone, "stage 1"); }

void Stage0::map_ids() {
  checkpoint(job_, "stage0:mapping");
  const Bootstrap& wanted = job_.bootstrap;
  if (wanted.rootless && !wanted.setgroups) deny_setgroups();
  write_map("uid_map", wanted.uid_map, wanted.uid_map_tool);
  write_map("gid_map", wanted.gid_map, wanted.gid_map_tool);
  debug("wrote the id maps");
  checkpoint(job_, "stage0:mapped");
  done();
}

// user_namespaces(7): without privileges the kernel refuses gid_map until setgroups is denied for
// good. Before Linux 3.19 there is neither the file nor the rule.
void Stage0::deny_setgroups() const {
  write_proc(ProcessFile(stage1_, "setgroups").c_str(), "deny", ENOENT);
}

void Stage0::write_map(const char* file_name, const char* map, const char* tool) const {
  if (!is_given(map)) return;
  const ProcessFile file(stage1_, file_name);
  const int tolerated = is_given(tool) ? EPERM : kNoErrno;
  // This changes our own copy of the message, which is not used after the tool.
  if (!write_proc(file.c_str(), map, tolerated)) run_id_map_tool(tool, const_cast<char*>(map));
}

void Stage0::set_time_offsets() {
  const ProcessFile file(stage1_, "timens_offsets");
  write_proc(file.c_str(), job_.bootstrap.time_offsets);
  checkpoint(job_, "stage0:offsets-set");
  done();
}

void Stage0::open_mount_sources() {
  constexpr const char* kOurs = "/proc/self/ns/mnt";
  const ProcessFile file(stage1_, "ns/mnt");
  const Fd procfs = open_procfs();
  const Fd ours = check(open_proc_namespace(procfs.get(), kOurs + kProc), "open", kOurs);
  const Fd theirs =
      check(open_proc_namespace(procfs.get(), file.below_proc()), "open", file.c_str());

  check(sys::setns(theirs.get(), CLONE_NEWNS), "setns", file.c_str());
  const char* source = job_.bootstrap.mount_sources;
  for (; source != job_.bootstrap.mount_sources_end; source += sys::length(source) + 1) {
    if (*source == '\0') continue;
    const Fd fd = check(sys::open(source, O_PATH), "open mount source", source);
    char done = static_cast<char>(Message::kDone);
    check(sys::FdMessage({&done, 1}, fd.get()).send(channel_.fd()), "sendmsg", source);
  }
  check(sys::setns(ours.get(), CLONE_NEWNS), "setns", kOurs);
  checkpoint(job_, "stage0:sources-sent");
  done();
}

}  // namespace stub

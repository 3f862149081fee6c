#include "stub/stage.h"

#include "stub/procfs.h"
#include "syscalls/errno_names.h"

namespace stub {

using sys::Fd;

long Stage::check_answer(long answer, const char* call, const char* object) const {
  if (sys::is_error(answer)) fail(call, object, sys::Errno{static_cast<int>(-answer)});
  return answer;
}

void Stage::check_root(sys::Result<void> became, const char* call) const {
  if (!(became.error() == EINVAL)) check(became, call);
}

void Stage::fail(const char* what, const char* object, const char* reason) const {
  // If the peer has failed, it is the cause of this failure, and has written the one record.
  const auto last = channel_.receive(MSG_DONTWAIT);
  if (last && last.value() == Message::kFailed) end_as_told();
  {
    Record record(job_.log, LogLevel::kFatal);
    record << what;
    if (object != nullptr) record << " " << object;
    record << ": " << reason;
  }
  end_and_tell();
}

void Stage::fail(const char* call, const char* object, sys::Errno error) const {
  fail(call, object, sys::ErrnoText(error).c_str());
}

void Stage::fail(const Malformed& malformed) const {
  sys::ShortString what;
  what << "bootstrap message: " << malformed.field << ":";
  sys::ShortString number;
  number << malformed.number;
  fail(what.c_str(), malformed.text != nullptr ? malformed.text : number.c_str(), malformed.reason);
}

void Stage::end_and_tell() const {
  (void)channel_.send(Message::kFailed);  // EBADF before there is a peer
  sys::exit(kExitFailed);
}

Fd Stage::open_procfs() const { return check(stub::open_procfs(), "open", "/proc"); }

void Stage::debug(const char* what, const char* detail, const char* path) const {
  Record record(job_.log, LogLevel::kDebug);
  record << what << detail;
  if (path != nullptr) record << " namespace " << path;
}

void Stage::fail_alone(const char* who) const { fail(who, nullptr, "ended without a word"); }

void Stage::tell(Message message, const char* who) const {
  check(channel_.send(message), "sendto", who);
}

Message Stage::listen() const { return check(channel_.receive(), "read socketpair"); }

bool Stage::write_proc(const char* file, const char* value, int tolerated) const {
  const Fd procfs = open_procfs();
  const sys::Result<Fd> opened = open_proc_file(procfs.get(), file + kProc, O_WRONLY);
  if (opened.error() == tolerated) return false;
  const Fd fd = check(opened, "open", file);
  const auto written = sys::write(fd.get(), sys::Text::of(value));
  if (written.error() == tolerated) return false;
  check(written, "write", file);
  return true;
}

void Stage::set_dumpable(bool dumpable) const {
  if (!job_.hidden) return;
  check(sys::prctl(PR_SET_DUMPABLE, int{dumpable}), "prctl PR_SET_DUMPABLE");
}

void Stage::enter(int stage) const {
  job_.log.enter_stage(stage);
  const char* name = job_.config.process_names[stage];
  if (name[0] != '\0') (void)sys::prctl(PR_SET_NAME, name);
}

}  // namespace stub

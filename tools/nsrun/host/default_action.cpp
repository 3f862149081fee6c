#include "tools/nsrun/host/default_action.h"

#include "tools/nsrun/host/container_files.h"

namespace nsrun {

using sys::SignalSet;
using sys::Text;

namespace {

// The signals in /proc/PID/status that do not have their default action: proc_pid_status(5).
class Status {
 public:
  /// Takes one line of the file.
  void take(Text line) {
    uint64_t bits = 0;
    const bool is_one = sys::take_hexadecimal(line, "SigBlk:\t", bits) ||
                        sys::take_hexadecimal(line, "SigIgn:\t", bits) ||
                        sys::take_hexadecimal(line, "SigCgt:\t", bits);
    if (!is_one) return;
    set_.bits |= bits;
    ++lines_;
  }
  [[nodiscard]] bool leaves(int signal) const { return lines_ == 3 && !set_.has(signal); }

 private:
  SignalSet set_;
  int lines_ = 0;
};

// The list of groups may be longer than any buffer. Only the beginning of a line is needed.
void read_lines(int file, Status& status) {
  sys::ShortString line;
  unsigned char bytes[1024];
  for (;;) {
    const auto size = sys::read(file, {bytes, sizeof bytes});
    if (!size || size.value() == 0) return;
    Text rest(reinterpret_cast<const char*>(bytes), size.value());
    while (rest.contains('\n')) {
      const size_t end = rest.find('\n');
      line << rest.first(end);
      status.take(line.text());
      line.clear();
      rest = rest.from(end + 1);
    }
    line << rest;
  }
}

}  // namespace

bool ends_new_command(const InheritedSignals& inherited, int signal) {
  if (!ends_by_default(signal) || !inherited.unblocked().has(signal)) return false;
  const auto action = sys::signal_action(signal);
  return action && action.value().handler != sys::SignalAction::kIgnore;
}

bool drops_signal(sys::Pid pid, int signal) {
  if (!ends_by_default(signal)) return false;
  auto procfs = stub::open_procfs();
  if (!procfs) return false;
  const sys::Fd root = procfs.value();
  const sys::Pid shown = pid_in(root.get(), pid);
  if (shown == 0) return false;
  auto opened =
      stub::open_proc_file(root.get(), stub::ProcessFile(shown, "status").below_proc(), O_RDONLY);
  if (!opened) return false;
  const sys::Fd file = opened.value();
  Status status;
  read_lines(file.get(), status);
  return status.leaves(signal);
}

}  // namespace nsrun

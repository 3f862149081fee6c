#include "tools/nsrun/container/lock_files.h"

#include "syscalls/file.h"
#include "syscalls/sockets.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

void send_lock_files(const Options& options, const Handover& handover) {
  if (!options.process.locks) return;
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id != OptionId::kLockFile) continue;
    const sys::Fd file =
        check(sys::open(option.value, O_RDONLY | O_NONBLOCK | O_NOCTTY), option.name, option.value);
    char step = static_cast<char>(Step::kLockFile);
    check(sys::FdMessage({&step, 1}, file.get()).send(handover.init_pipe), option.name, "sendmsg");
  }
}

}  // namespace nsrun

#include "tools/nsrun/host/lock_files.h"

#include "syscalls/file.h"

namespace nsrun {

sys::Errno LockFiles::take(const Options& options, sys::Fd file) {
  int index = 0;
  for (OptionReader reader(options.argv); reader.next();) {
    if (reader.option().id != OptionId::kLockFile) continue;
    if (index++ == count_) name_ = reader.option().value;
  }
  ++count_;
  struct flock lock {};
  lock.l_type = F_RDLCK;
  const auto locked = sys::fcntl(file.get(), F_SETLK, reinterpret_cast<long>(&lock));
  if (!locked) return locked.error();
  (void)file.release();  // closing it would release the lock
  return {};
}

}  // namespace nsrun

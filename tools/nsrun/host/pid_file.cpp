#include "tools/nsrun/host/pid_file.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr char kOption[] = "--pid-file";

// Opens the directory of the file. Not inlined, because it needs much stack.
[[gnu::noinline]] sys::Fd open_directory(const char* path, Text directory) {
  sys::Path text(directory.empty() ? Text(".") : directory);
  if (text.truncated()) fail(kOption, path, sys::Errno{ENAMETOOLONG});
  return check(sys::open(text.c_str(), O_PATH | O_DIRECTORY), kOption, path);
}

}  // namespace

void PidFile::open(const char* path) {
  const Text all = Text::of(path);
  size_t start = all.size();
  while (start > 0 && all[start - 1] != '/') --start;
  name_ << all.from(start);
  if (name_.truncated()) fail(kOption, path, sys::Errno{ENAMETOOLONG});
  if (name_.text().empty() || name_.text() == "." || name_.text() == "..") {
    fail(kOption, path, "is a directory");
  }
  directory_ = open_directory(path, all.first(start));
  struct statx status {};
  const auto found =
      sys::statx(directory_.get(), name_.c_str(), AT_SYMLINK_NOFOLLOW, STATX_TYPE, status);
  if (!found && !(found.error() == ENOENT)) fail(kOption, path, found.error());
  if (found && (status.stx_mode & S_IFMT) != S_IFREG) {
    const bool is_link = (status.stx_mode & S_IFMT) == S_IFLNK;
    fail(
        kOption, path,
        is_link ? "is a symbolic link, which is not followed" : "exists and is not a regular file");
  }
  check(sys::faccessat(directory_.get(), ".", W_OK | X_OK), kOption, path);
}

sys::Result<void> PidFile::write(sys::Pid pid) {
  sys::ShortString line;
  line << pid << "\n";
  constexpr int kNewFile = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
  sys::ShortString name;
  sys::Result<sys::Fd> made = sys::Errno{EEXIST};
  // A process that had this pid and was killed may have left such a file behind.
  for (int i = 0; i < 100 && made.error() == EEXIST; ++i) {
    name.clear();
    name << ".nsrun-" << sys::getpid() << "-" << i;
    made = sys::openat(directory_.get(), name.c_str(), kNewFile, 0644);
  }
  if (!made) return made.error();
  const sys::Fd file = made.value();
  auto done = write_waiting(file.get(), line.text());
  struct statx status {};
  if (done) done = sys::statx(file.get(), STATX_INO, status);
  if (done) done = sys::renameat(directory_.get(), name.c_str(), directory_.get(), name_.c_str());
  if (!done) {
    (void)sys::unlinkat(directory_.get(), name.c_str());
    return done;
  }
  written_ = true;
  inode_ = status.stx_ino;
  return {};
}

void PidFile::remove() const {
  if (!written_) return;
  struct statx status {};
  const auto found =
      sys::statx(directory_.get(), name_.c_str(), AT_SYMLINK_NOFOLLOW, STATX_INO, status);
  if (found && status.stx_ino == inode_) (void)sys::unlinkat(directory_.get(), name_.c_str());
}

}  // namespace nsrun

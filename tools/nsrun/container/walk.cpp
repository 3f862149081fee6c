#include "tools/nsrun/container/walk.h"

#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "tools/nsrun/common/mapped.h"

namespace nsrun {

using sys::Errno;
using sys::Fd;
using sys::Text;

namespace {

constexpr int kStep = O_PATH | O_NOFOLLOW;

class Walk {
 public:
  Walk(int root, Wanted wanted) : root_(root), wanted_(wanted) {}
  sys::Result<Fd> go(const char* path);

 private:
  using Name = sys::FixedString<256>;  // NAME_MAX and a NUL

  void give_up(Errno error) {
    if (error_ == 0) error_ = error;
  }
  bool take_name(Name& name);
  [[nodiscard]] bool is_last() const;
  void make(const char* name);
  void go_on(const Name& name);
  void enter(Fd directory, const Name& name);
  void go_back();
  void start_at_root();
  void follow(const Fd& link);

  static constexpr unsigned kMostLinks = 40;  // the kernel's MAXSYMLINKS

  const int root_;
  const Wanted wanted_;
  Errno error_;
  unsigned links_ = 0;
  Fd reached_;
  sys::Path done_;  // the path from the root to it, without symlinks and ".."
  sys::Path rest_;  // the path that is still to be walked
  size_t at_ = 0;   // the position in `rest_`
  sys::Path scratch_;
};

// Takes the next name of the rest. Returns false if there is none.
bool Walk::take_name(Name& name) {
  const Text rest = rest_.text();
  while (at_ < rest.size() && rest[at_] == '/') ++at_;
  const Text from = rest.from(at_);
  const Text taken = from.first(from.find('/'));
  at_ += taken.size();
  name.clear();
  name << taken;
  if (name.truncated()) give_up({ENAMETOOLONG});
  return !taken.empty();
}

bool Walk::is_last() const {
  for (const char c : rest_.text().from(at_)) {
    if (c != '/') return false;
  }
  return true;
}

void Walk::make(const char* name) {
  const bool last = is_last();
  sys::Result<void> made;
  if (last && wanted_.target == Target::kFile) {
    constexpr int kNewFile = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY;
    const auto file = sys::openat(reached_.get(), name, kNewFile, wanted_.modes.file);
    const Fd closed = file ? file.value() : Fd();
    made = file ? sys::Result<void>() : file.error();
  } else {
    made = sys::mkdirat(reached_.get(), name, last ? wanted_.modes.directory : wanted_.modes.above);
  }
  // EEXIST: another process has created it in the meantime.
  if (!made && !(made.error() == EEXIST)) give_up(made.error());
}

void Walk::enter(Fd directory, const Name& name) {
  done_ << "/" << name.text();
  if (done_.truncated()) give_up({ENAMETOOLONG});
  reached_ = static_cast<Fd&&>(directory);
}

void Walk::start_at_root() {
  const auto opened = sys::openat(root_, ".", kStep | O_DIRECTORY);
  if (!opened) return give_up(opened.error());
  reached_ = opened.value();
  done_.clear();
}

// "..": walks again from the root, and does not use the directory's own "..". If another process
// has moved the directory, its ".." may lead out of the root.
void Walk::go_back() {
  scratch_.clear();
  scratch_ << done_.text();
  size_t end = scratch_.text().size();
  while (end > 0 && scratch_.text()[end - 1] != '/') --end;
  start_at_root();
  for (sys::Splitter names(scratch_.text().first(end), '/'); error_ == 0 && names.more();) {
    const Name name(names.next());
    if (name.text().empty()) continue;
    const auto next = sys::openat(reached_.get(), name.c_str(), kStep | O_DIRECTORY);
    if (!next) return give_up(next.error());
    enter(next.value(), name);
  }
}

void Walk::follow(const Fd& link) {
  if (++links_ > kMostLinks) return give_up({ELOOP});
  char target[4096];
  const auto read = sys::readlinkat(link.get(), "", {target, sizeof target});
  if (!read) return give_up(read.error());
  scratch_.clear();
  scratch_ << read.value() << rest_.text().from(at_);
  if (scratch_.truncated()) return give_up({ENAMETOOLONG});
  rest_.clear();
  rest_ << scratch_.text();
  at_ = 0;
  if (rest_.text().starts_with("/")) start_at_root();
}

void Walk::go_on(const Name& name) {
  if (name.text() == ".") return;
  if (name.text() == "..") return go_back();
  auto opened = sys::openat(reached_.get(), name.c_str(), kStep);
  if (opened.error() == ENOENT && wanted_.make) {
    make(name.c_str());
    opened = sys::openat(reached_.get(), name.c_str(), kStep);
  }
  if (!opened) return give_up(opened.error());
  Fd step = opened.value();
  struct statx status {};
  const auto asked = sys::statx(step.get(), STATX_TYPE, status);
  if (!asked) return give_up(asked.error());
  const unsigned type = status.stx_mode & S_IFMT;
  if (type == S_IFLNK) return follow(step);
  const bool may_be_file = is_last() && wanted_.target == Target::kFile;
  if (type != S_IFDIR && !may_be_file) return give_up({ENOTDIR});
  enter(static_cast<Fd&&>(step), name);
}

sys::Result<Fd> Walk::go(const char* path) {
  rest_ << path;
  if (rest_.truncated()) give_up({ENAMETOOLONG});
  start_at_root();
  for (Name name; error_ == 0 && take_name(name);) go_on(name);
  if (!(error_ == 0)) return error_;
  return sys::Result<Fd>::of(reached_.release());
}

}  // namespace

sys::Result<Fd> walk(int root, const char* path, Wanted wanted) {
  // Too large for the stack (mapped.h).
  sys::Mapping memory;
  const auto mapped = memory.map_private(sizeof(Walk));
  if (!mapped) return mapped.error();
  return (new (memory.data(), InMapping{}) Walk(root, wanted))->go(path);
}

}  // namespace nsrun

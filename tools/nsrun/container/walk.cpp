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
  Walk(int root, const char* path, Wanted wanted, const char* option)
      : root_(root), path_(path), option_(option), wanted_(wanted) {}
  Fd go();

 private:
  using Name = sys::FixedString<256>;  // NAME_MAX and a NUL

  [[noreturn]] void give_up(int number) const { fail(option_, path_, Errno{number}); }
  bool take_name(Name& name);
  [[nodiscard]] bool is_last() const;
  Fd step_to(const char* name);
  void make(const char* name);
  void enter(Fd directory, const Name& name);
  void go_back();
  void start_at_root();
  void follow(const Fd& link);

  static constexpr unsigned kMostLinks = 40;  // the kernel's MAXSYMLINKS

  const int root_;
  const char* const path_;
  const char* const option_;
  const Wanted wanted_;
  unsigned links_ = 0;
  Fd reached_;
  sys::Path done_;  // the way to it from the root, without symlinks and ".."
  sys::Path rest_;  // what is still to be walked
  size_t at_ = 0;   // where in it
  sys::Path scratch_;
};

// The next name of the rest; false: there is none.
bool Walk::take_name(Name& name) {
  const Text rest = rest_.text();
  while (at_ < rest.size() && rest[at_] == '/') ++at_;
  const Text from = rest.from(at_);
  const Text taken = from.first(from.find('/'));
  at_ += taken.size();
  name.clear();
  name << taken;
  if (name.truncated()) give_up(ENAMETOOLONG);
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
    if (file) {
      const Fd closed = file.value();
    } else {
      made = file.error();
    }
  } else {
    made = sys::mkdirat(reached_.get(), name, last ? wanted_.modes.directory : wanted_.modes.above);
  }
  // EEXIST: somebody else has made it meanwhile.
  if (!made && !(made.error() == EEXIST)) give_up(made.error().number);
}

Fd Walk::step_to(const char* name) {
  auto next = sys::openat(reached_.get(), name, kStep);
  if (next.error() == ENOENT && wanted_.make) {
    make(name);
    next = sys::openat(reached_.get(), name, kStep);
  }
  if (!next) give_up(next.error().number);
  return next.value();
}

void Walk::enter(Fd directory, const Name& name) {
  done_ << "/" << name.text();
  if (done_.truncated()) give_up(ENAMETOOLONG);
  reached_ = static_cast<Fd&&>(directory);
}

void Walk::start_at_root() {
  constexpr int kDirectory = kStep | O_DIRECTORY;
  reached_ = check(sys::openat(root_, ".", kDirectory), option_, path_);
  done_.clear();
}

// "..": by the way from the root, and not by the directory's own "..", which leads out of the root
// where somebody has moved that directory.
void Walk::go_back() {
  scratch_.clear();
  scratch_ << done_.text();
  size_t end = scratch_.text().size();
  while (end > 0 && scratch_.text()[end - 1] != '/') --end;
  const Text parent = scratch_.text().first(end > 0 ? end - 1 : 0);
  start_at_root();
  for (sys::Splitter names(parent, '/'); names.more();) {
    const Name name(names.next());
    if (name.text().empty()) continue;
    auto next = sys::openat(reached_.get(), name.c_str(), kStep | O_DIRECTORY);
    if (!next) give_up(next.error().number);
    enter(next.value(), name);
  }
}

void Walk::follow(const Fd& link) {
  if (++links_ > kMostLinks) give_up(ELOOP);
  char target[4096];
  const Text to = check(sys::readlinkat(link.get(), "", {target, sizeof target}), option_, path_);
  scratch_.clear();
  scratch_ << to << rest_.text().from(at_);
  if (scratch_.truncated() || to.size() == sizeof target) give_up(ENAMETOOLONG);
  rest_.clear();
  rest_ << scratch_.text();
  at_ = 0;
  if (rest_.text().starts_with("/")) start_at_root();
}

Fd Walk::go() {
  rest_ << path_;
  if (rest_.truncated()) give_up(ENAMETOOLONG);
  start_at_root();
  for (Name name; take_name(name);) {
    if (name.text() == ".") continue;
    if (name.text() == "..") {
      go_back();
      continue;
    }
    Fd step = step_to(name.c_str());
    struct statx status {};
    check(sys::statx(step.get(), "", AT_EMPTY_PATH, STATX_TYPE, status), option_, path_);
    const unsigned type = status.stx_mode & S_IFMT;
    if (type == S_IFLNK) {
      follow(step);
    } else if (type == S_IFDIR) {
      enter(static_cast<Fd&&>(step), name);
    } else if (is_last() && wanted_.target == Target::kFile) {
      return step;
    } else {
      give_up(ENOTDIR);
    }
  }
  return static_cast<Fd&&>(reached_);
}

}  // namespace

Fd walk(int root, const char* path, Wanted wanted, const char* option) {
  // Too large for the stack (mapped.h).
  sys::Mapping memory;
  check(memory.map_private(sizeof(Walk)), option, path);
  return (new (memory.data(), InMapping{}) Walk(root, path, wanted, option))->go();
}

}  // namespace nsrun

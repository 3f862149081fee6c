#include "tools/nsrun/container/overlay.h"

#include "syscalls/file.h"

namespace nsrun {

using sys::Fd;
using sys::Text;

namespace {

bool is_initial_user_namespace() {
  constexpr uint64_t kInitial = 0xEFFFFFFD;  // PROC_USER_INIT_INO, <linux/proc_ns.h>
  struct statx status {};
  const auto asked = sys::statx(AT_FDCWD, "/proc/self/ns/user", 0, STATX_INO, status);
  return asked && status.stx_ino == kInitial;
}

// The layers below, topmost first, as overlayfs takes them. By their fds: the option's value may be
// at most 255 characters, and a path may hold what means something else there.
class LowerLayers {
 public:
  LowerLayers(const Option& option, Text layers);
  [[nodiscard]] const char* value() const { return value_.c_str(); }

 private:
  static constexpr int kMost = 16;
  Fd fds_[kMost];
  sys::FixedString<512> value_;
};

LowerLayers::LowerLayers(const Option& option, Text layers) {
  int count = 0;
  for (sys::Splitter rest(layers, ':'); rest.more();) {
    const sys::Path path(rest.next());
    if (count == kMost) fail(option.name, option.value, "more than 16 layers");
    fds_[count] =
        check(sys::openat(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY), option.name, path.c_str());
    value_ << (count == 0 ? "" : ":") << "/proc/self/fd/" << fds_[count].get();
    ++count;
  }
}

// The layer that is written to, and overlayfs's directory beside it.
struct UpperLayer {
  sys::Path upper;
  sys::Path work;
  Fd thrown_away;

  void take(const Option& option, sys::Splitter& parts) {
    upper << parts.next();
    if (!parts.more()) fail(option.name, option.value, "UPPER wants WORK");
    work << parts.next();
  }
  // A file system of its own, below the overlay: before Linux 6.6 a layer must be attached.
  void make(const Option& option, int place) {
    thrown_away = FileSystem(option.name, "tmpfs").mount(kNoSurprises);
    attach(thrown_away.get(), place, option.name, option.second);
    const int tmp = thrown_away.get();
    check(sys::mkdirat(tmp, "upper", 0755), option.name, "upper");
    check(sys::mkdirat(tmp, "work", 0700), option.name, "work");
    upper << "/proc/self/fd/" << tmp << "/upper";
    work << "/proc/self/fd/" << tmp << "/work";
  }
};

}  // namespace

Fd mount_overlay(const Option& option, int place) {
  sys::Splitter parts(Text::of(option.value), ',');
  const LowerLayers lower(option, parts.next());
  UpperLayer upper;
  if (parts.more()) {
    upper.take(option, parts);
  } else {
    upper.make(option, place);
  }
  FileSystem overlay(option.name, "overlay");
  overlay.set("lowerdir", lower.value());
  overlay.set("upperdir", upper.upper.c_str()).set("workdir", upper.work.c_str());
  // Its notes are extended attributes of a kind that only the host's root may write.
  if (!is_initial_user_namespace()) overlay.set_flag("userxattr");
  Fd mount = overlay.mount(MOUNT_ATTR_NODEV);
  attach(mount.get(), place, option.name, option.second);
  return mount;
}

}  // namespace nsrun

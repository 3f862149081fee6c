#include "tools/nsrun/container/overlay.h"

#include "stub/procfs.h"
#include "syscalls/file.h"
#include "syscalls/memory.h"

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

// Splits "LOWER:LOWER,UPPER,WORK".
class LayerReader {
 public:
  explicit LayerReader(const Option& option) : option_(option), cursor_(option.value) {}

  /// The next path. `separator` is the character after it: ":", "," or the NUL.
  void take(sys::Path& path, char& separator) {
    path.clear();
    for (; *cursor_ != '\0' && *cursor_ != ':' && *cursor_ != ','; ++cursor_) {
      const char next = cursor_[1];
      if (*cursor_ == '\\' && (next == ':' || next == ',' || next == '\\')) ++cursor_;
      path << Text(cursor_, 1);
    }
    if (path.truncated()) fail(option_.name, option_.value, sys::Errno{ENAMETOOLONG});
    separator = *cursor_;
    if (separator != '\0') ++cursor_;
  }

 private:
  const Option& option_;
  const char* cursor_;
};

constexpr size_t kMostLayers = 500;  // overlayfs's own limit

Fd open_layer(const char* path, const char* option) {
  return check(sys::open(path, O_PATH | O_DIRECTORY), option, path);
}

// The lower layers, topmost first. They are passed by their fds: an option's value can have at most
// 255 characters, and a path may contain characters that have a special meaning there.
class LowerLayers {
 public:
  LowerLayers(FileSystem& overlay, const char* option) : overlay_(overlay), option_(option) {}
  LowerLayers(const LowerLayers&) = delete;
  LowerLayers& operator=(const LowerLayers&) = delete;
  ~LowerLayers() {
    if (back_.is_open()) check(sys::fchdir(back_.get()), "chdir", "working directory");
  }

  void add(const char* path);
  /// Call it after all layers are added, and before the upper one is set. The object must live
  /// until the overlay is mounted.
  void finish();

 private:
  static constexpr size_t kMostAtOnce = 80;    // layers in the value of one option
  static constexpr size_t kMostAbsolute = 12;  // layers in it, if their paths are absolute

  void append(const Fd& layer);

  FileSystem& overlay_;
  const char* const option_;
  size_t count_ = 0;
  Fd fds_[kMostAtOnce];
  Fd back_;  // the working directory
};

void LowerLayers::add(const char* path) {
  if (count_ == kMostLayers) fail(option_, path, "more than 500 layers");
  Fd layer = open_layer(path, option_);
  if (count_ < kMostAtOnce) {
    fds_[count_] = static_cast<Fd&&>(layer);
  } else {
    for (size_t i = 0; count_ == kMostAtOnce && i < count_; ++i) append(fds_[i]);
    append(layer);
  }
  ++count_;
}

// Needs Linux 6.8. An older kernel fails here, or with EINVAL when it mounts.
void LowerLayers::append(const Fd& layer) {
  overlay_.set("lowerdir+", stub::FdPath(layer.get()).c_str());
}

void LowerLayers::finish() {
  if (count_ > kMostAtOnce) return;
  sys::FixedString<256> all;
  for (size_t i = 0; i < count_; ++i) {
    all << (i == 0 ? "" : ":") << (count_ <= kMostAbsolute ? "/proc/self/fd/" : "")
        << fds_[i].get();
  }
  if (all.truncated()) {
    for (size_t i = 0; i < count_; ++i) append(fds_[i]);
    return;
  }
  if (count_ > kMostAbsolute) {
    back_ = check(sys::open(".", O_PATH | O_DIRECTORY), "open", "working directory");
    check(sys::chdir("/proc/self/fd"), "chdir", "/proc/self/fd");
  }
  overlay_.set("lowerdir", all.c_str());
}

// The upper layer, which is written to, and the work directory that overlayfs needs beside it.
struct UpperLayer {
  Fd upper;
  Fd work;

  void open(const char* option, const char* upper_path, const char* work_path) {
    upper = open_layer(upper_path, option);
    work = open_layer(work_path, option);
  }
  // Creates both in a new file system, attached below the overlay: before Linux 6.6 a layer must be
  // attached.
  void make(const char* option, int place, const char* path) {
    const Fd tmp = FileSystem(option, "tmpfs").mount(kNoSurprises);
    attach(tmp.get(), place, option, path);
    const auto open_new = [&](const char* name, unsigned mode) {
      check(sys::mkdirat(tmp.get(), name, mode), option, name);
      return check(sys::openat(tmp.get(), name, O_PATH | O_DIRECTORY), option, name);
    };
    upper = open_new("upper", 0755);
    work = open_new("work", 0700);
  }
  void set(FileSystem& overlay) const {
    if (!upper.is_open()) return;
    const auto set_one = [&](const char* key, const Fd& fd) {
      overlay.set(key, stub::FdPath(fd.get()).c_str());
    };
    set_one("upperdir", upper);
    set_one("workdir", work);
  }
};

// "LOWER:LOWER,UPPER,WORK".
[[gnu::noinline]] void take_layers(const Option& option, LowerLayers& lower, UpperLayer& upper,
                                   int place) {
  LayerReader reader(option);
  sys::Path path;
  char separator = ':';
  while (separator == ':') {
    reader.take(path, separator);
    lower.add(path.c_str());
  }
  if (separator == '\0') return upper.make(option.name, place, option.second);
  sys::Path work;
  reader.take(path, separator);
  if (separator != ',') fail(option.name, option.value, "UPPER wants WORK");
  reader.take(work, separator);
  upper.open(option.name, path.c_str(), work.c_str());
}

// The --overlay-src options right before that option. The last one is on top.
void take_sources(const Options& options, const Option& of, LowerLayers& lower) {
  sys::Mapping memory;
  check(memory.map_private(of.sources * sizeof(char*)), "mmap", of.name);
  auto* const sources = reinterpret_cast<const char**>(memory.data());
  OptionReader reader(options.argv);
  while (reader.next() && reader.option().value != of.value) {
    const Option& option = reader.option();
    if (option.id == OptionId::kOverlaySrc && option.sources < of.sources) {
      sources[option.sources] = option.value;
    }
  }
  for (unsigned left = of.sources; left > 0; --left) lower.add(sources[left - 1]);
}

}  // namespace

Fd mount_overlay(const Options& options, const Option& option, int place, const char* path) {
  FileSystem overlay(option.name, "overlay");
  LowerLayers lower(overlay, option.name);
  UpperLayer upper;
  if (option.sources == 0) {
    take_layers(option, lower, upper, place);
  } else {
    take_sources(options, option, lower);
    if (option.id == OptionId::kOverlay) upper.open(option.name, option.value, option.second);
    if (option.id == OptionId::kTmpOverlay) upper.make(option.name, place, path);
  }
  lower.finish();
  upper.set(overlay);
  // overlayfs keeps its notes in extended attributes. Those of the usual kind can only be written
  // by root of the initial user namespace.
  if (!is_initial_user_namespace()) overlay.set_flag("userxattr");
  const unsigned read_only = option.id == OptionId::kRoOverlay ? MOUNT_ATTR_RDONLY : 0;
  Fd mount = overlay.mount(MOUNT_ATTR_NODEV | read_only);
  attach(mount.get(), place, option.name, path);
  return mount;
}

Fd mount_overlay_on_lower(const Options& options, const Option& option) {
  sys::Path lower;
  char separator = '\0';
  LayerReader(option).take(lower, separator);
  const Fd place = open_layer(lower.c_str(), option.name);
  return mount_overlay(options, option, place.get(), option.second);
}

}  // namespace nsrun

// The root of the container while its file system is built.
#pragma once

#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// What of the memory a tmpfs may take, by default. The kernel's own default is half of it for each
/// one, so that two of them could take all.
inline constexpr char kTmpfsSize[] = "25%";

class Root {
 public:
  /// Takes what the options say: --rootfs, the overlay on /, an empty file system in memory, or the
  /// host's root as it is.
  void take(const Options& options, bool has_mount_setattr);

  /// The open directory that paths inside are resolved from.
  [[nodiscard]] int get() const { return fd_.get(); }
  /// Whether it is the container's own, and not the host's.
  [[nodiscard]] bool is_own() const { return is_own_; }

  /// Before a mount on "/": unmounts the root that is there, and returns what to put the new one
  /// on.
  sys::Fd make_room();
  /// The mount that has been put there is the root from now on.
  void become(sys::Fd mount, const char* option);

  /// Moves into the root by pivot_root(2); the old one lies on top of it.
  void enter(const Options& options) const;

 private:
  void take_directory(const char* path);
  void take_overlay(const Options& options);
  void take_empty();
  void restrict_own(const Options& options, bool has_mount_setattr) const;

  sys::Fd fd_;
  bool is_own_ = false;
  const char* place_ = nullptr;  ///< what an assembled root is mounted on; null: there is none yet
};

}  // namespace nsrun

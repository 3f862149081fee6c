// The root of the container while its file system is built.
#pragma once

#include "arch/syscall.h"
#include "tools/nsrun/command_line/options.h"
#include "tools/nsrun/container/mounts.h"

namespace nsrun {

/// The share of the memory that a tmpfs may take by default. The kernel's own default is half of
/// the memory for each, so two of them could take all of it.
NSEXEC_SHARED constexpr char kTmpfsSize[] = "25%";

class Root {
 public:
  /// Takes the root that the options give: --rootfs, the overlay on /, an empty file system in
  /// memory, or the host's root as it is.
  void take(const Options& options, bool has_mount_setattr);

  /// The open directory from which paths inside the container are resolved.
  [[nodiscard]] int get() const { return fd_.get(); }
  /// Whether the root is the container's own, and not the host's.
  [[nodiscard]] bool is_own() const { return is_own_; }

  /// Call it before a mount on "/": unmounts the current root, if any, and returns the directory on
  /// which to attach the new one.
  sys::Fd make_room();
  /// Makes `mount`, which is attached there, the root.
  void become(sys::Fd mount, const char* option);

  /// Moves into the root by pivot_root(2). The old root is then mounted on top of it.
  void enter(const Options& options) const;

 private:
  void take_directory(const char* path);
  void take_overlay(const Options& options);
  void take_empty();
  void restrict_own(const Options& options, bool has_mount_setattr) const;

  sys::Fd fd_;
  bool is_own_ = false;
  const char* place_ = nullptr;  ///< what an assembled root is mounted on; null if there is none
                                 ///< yet
};

}  // namespace nsrun

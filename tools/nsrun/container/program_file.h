// A file that could not be executed, and what its first bytes say about that.
#pragma once

#include "syscalls/file.h"

namespace nsrun {

/// Reads the beginning of a file that may be the container's, and so may be anything: only a
/// regular file is opened, without waiting for it, and nothing of it is believed.
class ProgramFile {
 public:
  explicit ProgramFile(const char* path);

  /// Why it could not be found; 0: it is there.
  [[nodiscard]] sys::Errno missing() const { return missing_; }
  /// Why it could not be read; 0: it could, or nobody has tried, since it is no regular file.
  [[nodiscard]] sys::Errno unreadable() const { return unreadable_; }
  [[nodiscard]] bool is_directory() const { return (mode_ & S_IFMT) == S_IFDIR; }
  [[nodiscard]] bool is_regular() const { return (mode_ & S_IFMT) == S_IFREG; }
  /// Whether anybody may execute it.
  [[nodiscard]] bool has_execute_permission() const { return (mode_ & 0111) != 0; }
  [[nodiscard]] bool is_on_noexec_mount() const { return noexec_; }

  /// Whether its first line is text, so that it can be a script. So is an empty file.
  [[nodiscard]] bool is_text() const;
  [[nodiscard]] bool is_elf() const;

  /// The machine of an ELF file.
  struct Machine {
    unsigned short number = 0;  ///< EM_*, <linux/elf-em.h>
    bool own_byte_order = false;
  };
  [[nodiscard]] Machine machine() const;

  /// What the kernel runs the file with: of a script's first line, or the ELF file's PT_INTERP.
  /// Appends nothing if there is none.
  void append_interpreter(sys::StringBuilder& out) const;

 private:
  template <class Integer>
  [[nodiscard]] Integer at(size_t offset) const;
  void append_interpreter_of_script(sys::StringBuilder& out) const;
  void append_interpreter_of_elf(sys::StringBuilder& out) const;

  static constexpr size_t kHead = 256;  // BINPRM_BUF_SIZE: the kernel looks at no more of a script

  sys::Errno missing_;
  sys::Errno unreadable_;
  unsigned mode_ = 0;
  bool noexec_ = false;
  sys::Fd file_;
  size_t size_ = 0;
  unsigned char head_[kHead];
};

}  // namespace nsrun

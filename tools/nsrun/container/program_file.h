// A file that could not be executed, and what its first bytes say about the reason.
#pragma once

#include "syscalls/file.h"

namespace nsrun {

/// Reads the beginning of a file that may be the container's, and so may be anything. Opens only a
/// regular file, does not block, and trusts none of its contents.
class ProgramFile {
 public:
  explicit ProgramFile(const char* path);

  /// Why the file was not found; 0: it was found.
  [[nodiscard]] sys::Errno missing() const { return missing_; }
  /// Why the file could not be read; 0: it was read, or it is no regular file and so was not
  /// opened.
  [[nodiscard]] sys::Errno unreadable() const { return unreadable_; }
  [[nodiscard]] bool is_directory() const { return (mode_ & S_IFMT) == S_IFDIR; }
  [[nodiscard]] bool is_regular() const { return (mode_ & S_IFMT) == S_IFREG; }
  /// Whether any user may execute it.
  [[nodiscard]] bool has_execute_permission() const { return (mode_ & 0111) != 0; }
  [[nodiscard]] bool is_on_noexec_mount() const { return noexec_; }

  /// Whether its first line is text, so that it can be a script. An empty file counts as text.
  [[nodiscard]] bool is_text() const;
  [[nodiscard]] bool is_elf() const;

  /// The machine of an ELF file.
  struct Machine {
    unsigned short number = 0;  ///< EM_*, <linux/elf-em.h>
    bool own_byte_order = false;
  };
  [[nodiscard]] Machine machine() const;

  /// Appends the interpreter that the kernel runs the file with: from a script's first line, or
  /// from the ELF file's PT_INTERP. Appends nothing if there is none.
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

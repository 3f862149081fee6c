// Files: open, read, write, status, and what sealing and launching do to them.
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"

namespace sys {

/// open(2) relative to `dir` (AT_FDCWD for the working directory); always O_CLOEXEC.
inline Result<Fd> openat(int dir, const char* path, int flags, unsigned mode = 0) {
  return call_again<Fd>(__NR_openat, dir, path, flags | O_CLOEXEC | arch::kLargeFile, mode);
}

/// The same from the working directory.
inline Result<Fd> open(const char* path, int flags) { return openat(AT_FDCWD, path, flags); }

/// openat2(2), Linux 5.6: openat under the RESOLVE_* rules of <linux/openat2.h>. EXDEV, ELOOP: the
/// rules forbid the path. EAGAIN (a rename raced with it) is retried here. ENOSYS: an older kernel.
inline Result<Fd> openat2(int dir, const char* path, int flags, uint64_t resolve,
                          unsigned mode = 0) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.mode = mode;
  how.resolve = resolve;
  for (;;) {
    Result<Fd> fd = call_again<Fd>(__NR_openat2, dir, path, &how, sizeof how);
    if (fd || !(fd.error() == EAGAIN)) return fd;
  }
}

/// read(2): reads up to `buffer.size` bytes; returns 0 at the end of the file.
inline Result<size_t> read(int fd, Span<unsigned char> buffer) {
  return call_again<size_t>(__NR_read, fd, buffer.data, buffer.size);
}

/// Reads until the buffer is full or the file ends, and returns the number of bytes.
inline Result<size_t> read_fully(int fd, Span<unsigned char> buffer) {
  size_t done = 0;
  while (done < buffer.size) {
    const Result<size_t> count = read(fd, buffer.from(done));
    if (!count) return count.error();
    if (count.value() == 0) break;
    done += count.value();
  }
  return done;
}

/// write(2), called once: may write less than asked.
inline Result<size_t> write(int fd, Text text) {
  return call_again<size_t>(__NR_write, fd, text.data(), text.size());
}

/// Writes all bytes, in as many calls as needed.
inline Result<void> write_fully(int fd, Text text) {
  while (!text.empty()) {
    const Result<size_t> count = write(fd, text);
    if (!count) return count.error();
    text = text.from(count.value());
  }
  return {};
}

/// pread(2) of up to `buffer.size` bytes.
inline Result<size_t> pread(int fd, Span<unsigned char> buffer, int64_t offset) {
  long answer;
  do {
    answer = arch::pread(fd, detail::word(buffer.data), detail::word(buffer.size), offset);
  } while (answer == -EINTR);
  return Result<size_t>::of(answer);
}

/// lseek(2) to the beginning. ESPIPE: a pipe, a socket or a terminal.
inline Result<void> rewind(int fd) { return call<void>(__NR_lseek, fd, 0, 0); }

/// readlink(2): the link's text, truncated to the buffer, without a NUL.
inline Result<Text> readlinkat(int dir, const char* path, Span<char> buffer) {
  const Result<size_t> size = call<size_t>(__NR_readlinkat, dir, path, buffer.data, buffer.size);
  if (!size) return size.error();
  return Text(buffer.data, size.value());
}

/// What stat(2) gives, as this machine's kernel has it.
using FileStatus = arch::FileStatus;

/// fstatat(2): stat(2) and fstat(2), on any kernel. `flags` are AT_*.
inline Result<void> stat(int dir, const char* path, int flags, FileStatus& status) {
  return call<void>(arch::kFstatat, dir, path, &status, flags);
}

/// Whether both describe the same file: same device, same inode.
inline bool same_file(const FileStatus& a, const FileStatus& b) {
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled both
  return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/// Whether both have the same size and time of last change.
inline bool same_change(const FileStatus& a, const FileStatus& b) {
  // NOLINTNEXTLINE(clang-analyzer-core.*): the kernel has filled both
  return a.st_size == b.st_size && change_seconds(a) == change_seconds(b) &&
         change_nanoseconds(a) == change_nanoseconds(b);
}

/// statx(2), Linux 4.11. `mask` is STATX_*, `flags` AT_*.
inline Result<void> statx(int dir, const char* path, int flags, unsigned mask,
                          struct statx& status) {
  return call<void>(__NR_statx, dir, path, flags, mask, &status);
}

/// The same of an open file.
inline Result<void> statx(int fd, unsigned mask, struct statx& status) {
  return statx(fd, "", AT_EMPTY_PATH, mask, status);
}

/// Whether two statx results describe the same file: same device, same inode.
constexpr bool same_file(const struct statx& a, const struct statx& b) {
  return a.stx_ino == b.stx_ino && a.stx_dev_major == b.stx_dev_major &&
         a.stx_dev_minor == b.stx_dev_minor;
}

/// struct statfs of statfs(2), as this machine's kernel has it.
using FileSystem = arch::FileSystem;

/// fstatfs(2): the file system that `fd` is on; f_type is its magic number (<linux/magic.h>).
inline Result<void> fstatfs(int fd, FileSystem& status) {
  return Result<void>::of(arch::fstatfs(fd, detail::word(&status)));
}
/// statfs(2): the same, by path.
inline Result<void> statfs(const char* path, FileSystem& status) {
  return Result<void>::of(arch::statfs(detail::word(path), detail::word(&status)));
}

/// dup3(2): makes `to` a copy of `from`; flags are 0 or O_CLOEXEC. EBUSY: a race with open.
inline Result<void> dup3(int from, int to, int flags) {
  return call_again<void>(__NR_dup3, from, to, flags);
}

/// fcntl(2) with an integer argument.
inline Result<int> fcntl(int fd, int command, long argument = 0) {
  return call<int>(arch::kFcntl, fd, command, argument);
}

/// ioctl(2) with an integer or pointer argument.
template <class Argument>
inline Result<int> ioctl(int fd, unsigned long request, Argument argument) {
  return call<int>(__NR_ioctl, fd, request, argument);
}

/// close_range(2), Linux 5.9: closes every fd from `first` to `last`, both included.
inline Result<void> close_range(unsigned first, unsigned last, unsigned flags = 0) {
  return call<void>(__NR_close_range, first, last, flags);
}

/// Owns the two ends of a pipe2(2).
struct Pipe {
  Fd reader;
  Fd writer;

  /// `flags` are O_CLOEXEC and O_NONBLOCK. Call it once.
  Result<void> open(int flags) {
    int ends[2] = {-1, -1};
    const auto made = call<void>(__NR_pipe2, ends, flags);
    reader = Fd(ends[0]);
    writer = Fd(ends[1]);
    return made;
  }
};

/// memfd_create(2), Linux 3.17. EINVAL: the kernel does not know a flag. EACCES: vm.memfd_noexec
/// forbids it (6.3).
inline Result<Fd> memfd_create(const char* name, unsigned flags) {
  return call<Fd>(__NR_memfd_create, name, flags);
}

inline Result<void> mkdirat(int dir, const char* path, unsigned mode) {
  return call<void>(__NR_mkdirat, dir, path, mode);
}
inline Result<void> unlinkat(int dir, const char* path, int flags = 0) {
  return call<void>(__NR_unlinkat, dir, path, flags);
}
/// renameat2(2) without flags, Linux 3.15: replaces `to` if it exists. Not every machine has
/// renameat.
inline Result<void> renameat(int from_dir, const char* from, int to_dir, const char* to) {
  return call<void>(__NR_renameat2, from_dir, from, to_dir, to, 0);
}
inline Result<void> symlinkat(const char* target, int dir, const char* path) {
  return call<void>(__NR_symlinkat, target, dir, path);
}
/// fchmodat(2): follows symlinks.
inline Result<void> fchmodat(int dir, const char* path, unsigned mode) {
  return call<void>(__NR_fchmodat, dir, path, mode);
}
inline Result<void> fchmod(int fd, unsigned mode) { return call<void>(__NR_fchmod, fd, mode); }
/// fchown(2); an id of all ones is left unchanged.
inline Result<void> fchown(int fd, unsigned uid, unsigned gid) {
  return call<void>(arch::kFchown, fd, uid, gid);
}
inline Result<void> ftruncate(int fd, int64_t size) {
  long answer;
  do {
    answer = arch::ftruncate(fd, size);
  } while (answer == -EINTR);
  return Result<void>::of(answer);
}
/// faccessat(2): whether the real ids may access `path` (X_OK and so on).
inline Result<void> faccessat(int dir, const char* path, int mode) {
  return call<void>(__NR_faccessat, dir, path, mode);
}

/// getxattr(2): whether the file has that extended attribute.
inline bool has_attribute(const char* path, const char* name) {
  return static_cast<bool>(call<size_t>(__NR_getxattr, path, name, nullptr, 0));
}

/// copy_file_range(2), Linux 4.5: copies up to `size` bytes from one file's position to the
/// other's. EXDEV: between file systems, before 5.3 or if they do not support it.
inline Result<size_t> copy_file_range(int from, int to, size_t size) {
  return call_again<size_t>(__NR_copy_file_range, from, nullptr, to, nullptr, size, 0);
}
/// sendfile(2): the same, to any file; at most 0x7ffff000 bytes a call.
inline Result<size_t> sendfile(int from, int to, size_t size) {
  return call_again<size_t>(__NR_sendfile, to, from, nullptr, size);
}

/// umask(2): returns the old mask. It cannot fail.
inline unsigned exchange_umask(unsigned mask) {
  return static_cast<unsigned>(raw(__NR_umask, mask));
}

inline Result<void> chdir(const char* path) { return call<void>(__NR_chdir, path); }
/// getcwd(2), the system call: the path and its NUL, which the returned size includes. The path
/// begins with "(unreachable)" if it is not below the root (Linux 2.6.36). ERANGE: the buffer is
/// too small.
inline Result<size_t> getcwd(Span<char> path) {
  return call<size_t>(__NR_getcwd, path.data, path.size);
}
inline Result<void> fchdir(int fd) { return call<void>(__NR_fchdir, fd); }

}  // namespace sys

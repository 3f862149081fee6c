#include "tools/nsrun/host/given_data.h"

#include "syscalls/file.h"
#include "syscalls/memory.h"
#include "tools/nsrun/command_line/given.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Fd;

namespace {

// A limit, because a pipe that never ends must not take all memory.
constexpr size_t kMost = size_t{1} << 30;

// Makes a memfd that cannot be executed, if the kernel supports that. The kernel may even require
// it (vm.memfd_noexec, Linux 6.3).
Fd make_memory(const Option& option) {
  auto made = sys::memfd_create("nsrun-data", MFD_NOEXEC_SEAL);
  if (made.error() == EINVAL) made = sys::memfd_create("nsrun-data", 0);
  return check(static_cast<sys::Result<Fd>&&>(made), option.name, "memfd_create");
}

// If the descriptor is non-blocking, waits until there is something to read.
size_t read_waiting(const Option& option, int fd, sys::Span<unsigned char> buffer) {
  for (;;) {
    const auto size = sys::read(fd, buffer);
    if (!(size.error() == EAGAIN)) return check(size, option.name, option.value);
    sys::PollEntry entry{fd, POLLIN, 0};
    check(sys::poll({&entry, 1}), option.name, "poll");
  }
}

void copy_data(const Option& option, int fd, int memory) {
  constexpr size_t kBuffer = 65536;
  sys::Mapping buffer;
  check(buffer.map_private(kBuffer), "mmap", option.name);
  size_t done = 0;
  for (;;) {
    const size_t size = read_waiting(option, fd, buffer.bytes());
    if (size == 0) return;
    done += size;
    if (done > kMost) fail(option.name, option.value, "more than 1 GiB of data");
    check(sys::write_fully(memory, {reinterpret_cast<const char*>(buffer.data()), size}),
          option.name, option.value);
  }
}

}  // namespace

void check_given_descriptors(const Options& options) {
  for_each_given(options, [](const Option& option, int fd) {
    check(sys::fcntl(fd, F_GETFD), option.name, option.value);
  });
}

void read_given_data(const Options& options) {
  for_each_given(options, [](const Option& option, int fd) {
    if (given_by(option.id) != Given::kData) return;
    const Fd memory = make_memory(option);
    copy_data(option, fd, memory.get());
    check(sys::rewind(memory.get()), option.name, "lseek");
    check(sys::dup3(memory.get(), fd, 0), option.name, option.value);
  });
}

void close_given_descriptors(const Options& options) {
  for_each_given(options, [](const Option& /*option*/, int fd) {
    if (fd > 2) (void)sys::close(fd);
  });
}

}  // namespace nsrun

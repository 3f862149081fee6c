#include "tools/nsrun/container/seccomp.h"

#include <linux/seccomp.h>

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

constexpr size_t kInstruction = 8;             // struct sock_filter, <linux/filter.h>
constexpr size_t kMost = 4096 * kInstruction;  // BPF_MAXINSNS

}  // namespace

// The filters are an array in memory that the kernel only provides when it is written to.
struct SeccompFilters::Filter {
  size_t size;
  const char* option;
  const char* fd;
  unsigned char instructions[kMost + 8];
};

SeccompFilters::SeccompFilters(const Options& options) {
  if (options.rights.seccomp == nullptr) return;
  size_t count = 0;
  for (OptionReader reader(options.argv); reader.next();) {
    if (reader.option().id == OptionId::kSeccomp) ++count;
  }
  check(memory_.map_private(count * sizeof(Filter)), "mmap", "--seccomp");
  auto* const filters = reinterpret_cast<Filter*>(memory_.data());
  for (OptionReader reader(options.argv); reader.next();) {
    if (reader.option().id == OptionId::kSeccomp) read(reader.option(), filters[count_++]);
  }
}

void SeccompFilters::read(const Option& option, Filter& filter) {
  const int fd = parse_descriptor(option.value);
  filter.option = option.name;
  filter.fd = option.value;
  filter.size =
      check(sys::read_fully(fd, {filter.instructions, kMost + 1}), option.name, option.value);
  if (filter.size > kMost) fail(option.name, option.value, "more than 4096 instructions");
  if (filter.size == 0 || filter.size % kInstruction != 0) {
    fail(option.name, option.value, "not a filter");
  }
  (void)sys::close(fd);
}

void SeccompFilters::install() const {
  const auto* const filters = reinterpret_cast<const Filter*>(memory_.data());
  for (size_t i = 0; i < count_; ++i) {
    const Filter& filter = filters[i];
    // struct sock_fprog, <linux/filter.h>.
    const struct {
      unsigned short length;
      const void* instructions;
    } program = {static_cast<unsigned short>(filter.size / kInstruction), filter.instructions};
    const auto installed =
        sys::prctl(PR_SET_SECCOMP, static_cast<unsigned long>(SECCOMP_MODE_FILTER),
                   reinterpret_cast<unsigned long>(&program));
    if (installed.error() == ENOMEM) {
      fail(filter.option, filter.fd, "too many instructions with those before it [ENOMEM]");
    }
    if (installed.error() == EINVAL) {
      fail(filter.option, filter.fd, "not a filter, or no CONFIG_SECCOMP_FILTER");
    }
    check(installed, filter.option, filter.fd);
  }
}

}  // namespace nsrun

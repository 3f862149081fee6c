#include "tools/nsrun/host/init_environment.h"

#include "syscalls/file.h"
#include "syscalls/namespaces.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

ExtendedEnvironment::ExtendedEnvironment(const stub::InitialStack& stack,
                                         sys::Span<const char* const> additions) {
  size_t count = additions.size;
  for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) ++count;
  check(memory_.map_private((count + 1) * sizeof(char*)), "mmap", "environment");
  auto* next = reinterpret_cast<const char**>(memory_.data());
  // The additions come first, because the first of two equal names counts.
  for (const char* addition : additions) *next++ = addition;
  for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) {
    *next++ = *entry;
  }
}

void append_outside(sys::StringBuilder& outside, const Options& options) {
  outside << kOutsideVariable << "=";
  for (const sys::NamespaceType& type : sys::kNamespaceTypes) {
    if (!options.reporting.report) break;
    char target[64];
    sys::FixedString<32> path;
    path << "/proc/self/ns/" << type.name;
    const auto link = sys::readlinkat(AT_FDCWD, path.c_str(), {target, sizeof target});
    if (link) outside << link.value() << " ";
  }
}

InitEnvironment::InitEnvironment(const stub::InitialStack& stack, const Options& options,
                                 int64_t start, int init_pipe, int log_pipe,
                                 const InheritedSignals& inherited, const JoinedProcesses& joined,
                                 int mounts)
    : additions_{kSealed,  // of_unsealed() leaves this one out
                 (init_pipe_ << "_LIBCONTAINER_INITPIPE=" << init_pipe).c_str(),
                 (log_pipe_ << "_LIBCONTAINER_LOGPIPE=" << log_pipe).c_str(),
                 (start_ << kStartVariable << "=" << start).c_str(),
                 (signals_ << kSignalsVariable << "=", inherited.append(signals_),
                  signals_.c_str()),
                 (joined_ << kJoinedVariable << "=", joined.append(joined_), joined_.c_str()),
                 (append_outside(outside_, options), outside_.c_str()),
                 (mounts_ << kMountsVariable << "=" << mounts).c_str(),
                 options.reporting.verbose || options.reporting.report
                     ? "_LIBCONTAINER_LOGLEVEL=5"
                     : "_LIBCONTAINER_LOGLEVEL=2"},
      all_(stack, {additions_, sizeof additions_ / sizeof additions_[0]}) {}

}  // namespace nsrun

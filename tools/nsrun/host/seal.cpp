#include "tools/nsrun/host/seal.h"

#include "stub/nsexec.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/host/init_environment.h"

namespace nsrun {

void execute_sealed(const stub::InitialStack& stack, const Options& options,
                    const char* const* environment) {
  if (options.seal > NSEXEC_SEAL_DETACHED_MOUNT) return;
  const auto sealed = stub::seal::mount_detached(stub::seal::kSelf);
  if (!sealed) return;
  const sys::Fd binary = sealed.value();
  (void)sys::execve(stub::seal::FdPath(binary.get()).c_str(), stack.argv(), environment);
}

bool seal_self(const stub::InitialStack& stack, const Options& options) {
  if (options.seal == NSEXEC_SEAL_NONE) return true;
  if (options.seal > NSEXEC_SEAL_DETACHED_MOUNT) return false;
  if (stack.find_variable("_LIBCONTAINER_CLONED_BINARY") != nullptr) {
    (void)sys::prctl(PR_SET_NAME, "nsrun");  // and not the number of the fd
    return stub::seal::proof(true) != nullptr;
  }
  sys::FixedString<48> start;
  start << kStartVariable << "=" << time_now();
  const char* const additions[] = {kSealed, start.c_str()};
  execute_sealed(stack, options, ExtendedEnvironment(stack, {additions, 2}).entries());
  return false;
}

int64_t time_now() { return sys::nanoseconds(CLOCK_REALTIME) / 1000; }

int64_t time_of_start(const stub::InitialStack& stack) {
  const char* cursor = stack.variable(kStartVariable);
  const sys::Number start = sys::take_decimal(cursor, __INT64_MAX__ / 100);
  return start.valid ? static_cast<int64_t>(start.value) : time_now();
}

}  // namespace nsrun

#include "tools/nsrun/host/seal.h"

#include "stub/nsexec.h"
#include "stub/seal/medium.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/host/init_environment.h"

namespace nsrun {

bool needs_no_seal() {
  sys::FileSystem file_system;
  return sys::statfs(stub::seal::kSelf, file_system) && stub::seal::is_read_only(file_system) &&
         stub::seal::is_read_only_medium(file_system);
}

sys::Fd seal_for_starts() {
  if (needs_no_seal()) return {};
  auto sealed = stub::seal::mount_detached(stub::seal::kSelf);
  return sealed ? sealed.value() : sys::Fd();
}

void execute_sealed(const stub::InitialStack& stack, const char* const* environment) {
  const auto sealed = stub::seal::mount_detached(stub::seal::kSelf);
  if (!sealed) return;
  const sys::Fd binary = sealed.value();
  (void)sys::execve(stub::FdPath(binary.get()).c_str(), stack.argv(), environment);
}

const char* seal_self(const stub::InitialStack& stack, const Options& options) {
  if (options.seal == NSEXEC_SEAL_NONE) return "none";
  if (options.seal > NSEXEC_SEAL_DETACHED_MOUNT) return nullptr;
  if (stack.find_variable(kSealedAlready) != nullptr) {
    (void)sys::prctl(PR_SET_NAME, "nsrun");  // the kernel has named it after the fd
    return stub::seal::proof(0, true);
  }
  if (needs_no_seal()) return stub::seal::kMedium;
  sys::FixedString<48> start;
  start << kStartVariable << "=" << time_now();
  sys::FixedString<32> caller;
  const bool tells_caller = options.process.die_with_parent;
  if (tells_caller) caller << kCallerVariable << "=" << sys::getppid();
  const char* const additions[] = {kSealed, start.c_str(), caller.c_str()};
  const size_t count = tells_caller ? 3 : 2;
  execute_sealed(stack, ExtendedEnvironment(stack, {additions, count}).entries());
  return nullptr;
}

int64_t time_now() { return sys::nanoseconds(CLOCK_REALTIME) / 1000; }

int64_t time_of_start(const stub::InitialStack& stack) {
  const char* cursor = stack.variable(kStartVariable);
  const sys::Number start = sys::take_decimal(cursor, __INT64_MAX__ / 100);
  return start.valid ? static_cast<int64_t>(start.value) : time_now();
}

}  // namespace nsrun

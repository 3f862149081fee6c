#include "tools/nsrun/host/seal.h"

#include "stub/nsexec.h"
#include "stub/seal/medium.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "tools/nsrun/boundary.h"
#include "tools/nsrun/host/init_environment.h"

namespace nsrun {

namespace {

// By the fd itself, because its path would be two more entries of /proc. By its path where that
// fails: under TOMOYO (in Debian's Linux 5.10) without a /dev/fd, as in an initramfs.
void execute(int fd, const char* const* argv, const char* const* environment) {
  (void)sys::execveat(fd, "", argv, environment, AT_EMPTY_PATH);
  (void)sys::execve(stub::FdPath(fd).c_str(), argv, environment);
}

}  // namespace

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
  execute(binary.get(), stack.argv(), environment);
}

void execute_sealed_once(const stub::InitialStack& stack, int sealed, const char* const* argv,
                         sys::Pid caller) {
  sys::FixedString<48> start;
  start << kStartVariable << "=" << time_now();
  sys::FixedString<32> told;
  told << kCallerVariable << "=" << caller;
  const char* const additions[] = {kSealed, start.c_str(), told.c_str()};
  execute(sealed, argv, ExtendedEnvironment(stack, {additions, 3}).entries());
}

const char* seal_self(const stub::InitialStack& stack, const Options& options) {
  if (options.seal == NSEXEC_SEAL_NONE) return "none";
  if (options.seal > NSEXEC_SEAL_DETACHED_MOUNT) return nullptr;
  if (stack.find_variable(kSealedAlready) != nullptr) {
    (void)sys::prctl(PR_SET_NAME, "nsrun");  // it may be named after the fd
    return stub::seal::proof(0, true);
  }
  if (needs_no_seal()) return stub::seal::kMedium;
  const auto sealed = stub::seal::mount_detached(stub::seal::kSelf);
  if (!sealed) return nullptr;
  const sys::Fd binary = sealed.value();
  execute_sealed_once(stack, binary.get(), stack.argv(), sys::getppid());
  return nullptr;
}

int64_t time_now() { return sys::nanoseconds(CLOCK_REALTIME) / 1000; }

int64_t time_of_start(const stub::InitialStack& stack) {
  const char* cursor = stack.variable(kStartVariable);
  const sys::Number start = sys::take_decimal(cursor, __INT64_MAX__ / 100);
  return start.valid ? static_cast<int64_t>(start.value) : time_now();
}

}  // namespace nsrun

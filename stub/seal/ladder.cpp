#include "stub/seal/ladder.h"

#include "stub/seal/names.h"
#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "syscalls/errno_names.h"

namespace stub {

using sys::Errno;
using sys::Fd;
using sys::Result;

namespace {

constexpr char kDefaultOrder[] = "\1\2\3\4\5\6\7";

Result<Fd> seal_by(unsigned strategy, const Job& job) {
  switch (strategy) {
    case NSEXEC_SEAL_DETACHED_MOUNT:
      return seal::detached_mount(job);
    case NSEXEC_SEAL_CHILD_MOUNT:
      return seal::detached_mount_by_child(job);
    case NSEXEC_SEAL_OVERLAY:
      return seal::overlay(job);
    case NSEXEC_SEAL_BIND_MOUNT:
      return seal::bind_mount(job);
    case NSEXEC_SEAL_REFLINK:
      return seal::reflink(job);
    case NSEXEC_SEAL_MEMFD:
      return seal::memfd(job);
    case NSEXEC_SEAL_TMPFILE:
      return seal::tmpfile(job);
    default:
      return Errno{EOPNOTSUPP};  // NSEXEC_SEAL_UNLINKED_FILE: see docs/sealing.md
  }
}

}  // namespace

void Ladder::run() const {
  const auto* order = reinterpret_cast<const char*>(job_.config.sealing);
  const bool copied = job_.environment.cloned_binary;
  // If no seal is wanted, no proof is needed.
  const char* proof = *order == NSEXEC_SEAL_NONE
                          ? nullptr
                          : seal::proof(static_cast<unsigned char>(*order), copied);
  if (proof != nullptr) return debug("sealed: ", proof);
  if (*order == 0) order = kDefaultOrder;
  char memory[512];  // fits eight names and eight errnos
  sys::StringBuilder failures({memory, sizeof memory});
  for (; *order != 0; ++order) {
    unsigned strategy = static_cast<unsigned char>(*order);
    // A number that stands for none of them must not let the binary run unsealed.
    if (strategy > NSEXEC_SEAL_VERITY) strategy = NSEXEC_SEAL_UNLINKED_FILE;
    const char* name = sys::entry(seal::names(), strategy);
    debug("sealing: ", name);
    if (strategy == NSEXEC_SEAL_NONE ||
        (strategy == NSEXEC_SEAL_VERITY && seal::has_unwritable_content())) {
      return;
    }
    // Do not seal a second time: if the proof keeps failing, this would never end.
    const Errno error = job_.environment.cloned_binary ? Errno{ELOOP} : execute_by(strategy);
    failures << " " << name << " " << sys::ErrnoText(error).c_str();
  }
  fail("seal", seal::kSelf, failures.c_str() + 1);
}

// Executes the fd with one more environment variable. By itself, because its path would be two more
// entries of /proc. By its path if that fails: TOMOYO (in Debian's Linux 5.10) needs a /dev/fd for
// the fd, and an initramfs has none.
Errno Ladder::execute_by(unsigned strategy) const {
  const Result<Fd> sealed = seal_by(strategy, job_);
  if (!sealed) return sealed.error();
  const Fd fd = sealed.value();
  const char* const* environment = job_.stack.environment();
  size_t count = 1;
  while (environment[count - 1] != nullptr) ++count;
  // The kernel limits arguments and environment to a quarter of the stack's limit.
  auto** entries = static_cast<const char**>(__builtin_alloca((count + 1) * sizeof(char*)));
  entries[0] = "_LIBCONTAINER_CLONED_BINARY=1";
  __builtin_memcpy(entries + 1, environment, count * sizeof(char*));
  job_.log.restore_signals();
  (void)sys::execveat(fd.get(), "", job_.stack.argv(), entries, AT_EMPTY_PATH);
  return sys::execve(FdPath(fd.get()).c_str(), job_.stack.argv(), entries);
}

}  // namespace stub

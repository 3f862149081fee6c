#include "stub/seal/ladder.h"

#include "stub/seal/proof.h"
#include "stub/seal/strategies.h"
#include "syscalls/errno_names.h"

namespace stub {

using sys::Errno;
using sys::Fd;
using sys::Result;

namespace {

// By SealStrategy. Padded: an array of pointers would want relocation.
constexpr char kNames[][16] = {
    "",        "detached-mount", "child-mount", "overlay",       "bind-mount",
    "reflink", "memfd",          "tmpfile",     "unlinked-file", "",
};

Result<Fd> seal_by(SealStrategy strategy, const Job& job) {
  switch (strategy) {
    case SealStrategy::kDetachedMount:
      return seal::detached_mount(job);
    case SealStrategy::kChildMount:
      return seal::detached_mount_by_child(job);
    case SealStrategy::kOverlay:
      return seal::overlay(job);
    case SealStrategy::kBindMount:
      return seal::bind_mount(job);
    case SealStrategy::kReflink:
      return seal::reflink(job);
    case SealStrategy::kMemfd:
      return seal::memfd(job);
    case SealStrategy::kTmpfile:
      return seal::tmpfile(job);
    default:
      return seal::unlinked_file(job);
  }
}

}  // namespace

void Ladder::run() {
  const char* proof = seal::proof(job_);
  if (proof != nullptr) {
    debug("sealed: ", proof);
    return;
  }
  sys::FixedString<256> failures;
  for (const SealStrategy strategy : order_) {
    if (strategy == SealStrategy::kUnsealed) return;
    // A second time would be without end: what was sealed and does not look so is not tried again.
    if (job_.environment.cloned_binary) break;
    const Result<Fd> sealed = seal_by(strategy, job_);
    Errno error = sealed.error();
    if (sealed) {
      const Fd fd = sealed.value();
      error = execute(fd.get());
    }
    const char* name = sys::errno_name(error);
    failures << " " << kNames[static_cast<unsigned>(strategy)] << " ";
    failures << (name == nullptr ? "?" : name);
  }
  fail("seal", seal::kSelf, failures.c_str());
}

// execveat(2) of the fd itself, with the environment and one variable more.
Errno Ladder::execute(int fd) const {
  const char* const* environment = job_.stack.environment();
  size_t count = 2;
  while (environment[count - 2] != nullptr) ++count;
  sys::Mapping memory;
  const auto mapped = memory.map_private(count * sizeof(char*));
  if (!mapped) return mapped.error();
  auto** entries = reinterpret_cast<const char**>(memory.data());
  entries[0] = "_LIBCONTAINER_CLONED_BINARY=1";
  for (size_t i = 1; i + 1 < count; ++i) entries[i] = environment[i - 1];
  job_.log.restore_signals();
  return sys::execveat(fd, "", job_.stack.argv(), entries, AT_EMPTY_PATH);
}

}  // namespace stub

#include "tools/nsrun/system/supervised.h"

#include "stub/seal/strategies.h"
#include "syscalls/file.h"
#include "tools/nsrun/host/seal.h"

namespace nsrun {

using sys::Fd;

namespace {

// Whether the options leave it to nsrun how its binary is sealed. Those of --args are not known
// yet.
bool takes_any_seal(const char* const* argv) {
  if (parse_options(argv).seal > NSEXEC_SEAL_DETACHED_MOUNT) return false;
  OptionReader reader(argv);
  while (reader.next()) {
    if (reader.option().id == OptionId::kArgs) return false;
  }
  return true;
}

}  // namespace

void Supervised::configure(const ContainerConfig& config, sys::Span<char> line) {
  config_ = &config;
  output_.configure(config.name, line);
}

void Supervised::become(int writer, const Starter& starter) const {
  (void)sys::prctl(PR_SET_PDEATHSIG, static_cast<unsigned long>(SIGKILL));
  const Fd null = check(sys::open("/dev/null", O_RDONLY), "open", "/dev/null");
  check(sys::dup3(null.get(), 0, 0), "dup3");
  check(sys::dup3(writer, 1, 0), "dup3");
  check(sys::dup3(writer, 2, 0), "dup3");
  starter.inherited.restore();
  if (starter.sealed >= 0 && takes_any_seal(config_->argv)) {
    execute_sealed_once(starter.stack, starter.sealed, config_->argv, starter.supervisor);
  }
  fail("execve", stub::seal::kSelf,
       sys::execve(stub::seal::kSelf, config_->argv, starter.stack.environment()));
}

void Supervised::start(const Starter& starter) {
  next_start_ = kNever;
  started_ = sys::nanoseconds(CLOCK_MONOTONIC);
  sys::Pipe pipe;
  check(pipe.open(O_CLOEXEC), config_->name, "pipe2");
  pid_ = check(sys::clone(SIGCHLD), config_->name, "clone");
  if (pid_ == 0) become(pipe.writer.get(), starter);
  output_.start(static_cast<Fd&&>(pipe.reader));
  check(sys::fcntl(output_.get(), F_SETFL, O_NONBLOCK), config_->name, "fcntl");
}

void Supervised::ended(const sys::ChildStatus& child, bool stopping) {
  output_.print_rest();
  pid_ = 0;
  status_ = child.as_shell();
  const bool again = config_->restart == Restart::kAlways ||
                     (config_->restart == Restart::kOnFailure && status_ != 0);
  sys::ShortString said;
  said << "ended with status " << status_;
  if (again && !stopping) {
    const int64_t now = sys::nanoseconds(CLOCK_MONOTONIC);
    if (now - started_ >= kLongEnough) back_off_ = kFirstBackOff;
    next_start_ = now + back_off_;
    said << ", starts again in " << back_off_ / 1'000'000 << " ms";
    back_off_ = back_off_ * 2 < kLongestBackOff ? back_off_ * 2 : kLongestBackOff;
  }
  if (status_ != 0 || next_start_ != kNever) complain(config_->name, nullptr, said.c_str());
}

}  // namespace nsrun

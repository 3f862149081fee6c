#include "tools/nsrun/host/program_output.h"

#include "syscalls/file.h"
#include "syscalls/signals.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

[[noreturn]] void become(const char* const* argv, int output) {
  (void)sys::signal_mask(SIG_SETMASK, {});             // otherwise Ctrl-C would not reach it
  const auto null = sys::open("/dev/null", O_WRONLY);  // nsrun reports errors itself
  if (null) (void)sys::dup3(null.value().get(), 2, 0);
  const char* const no_environment = nullptr;
  if (sys::dup3(output, 1, 0)) (void)sys::execve(argv[0], argv, &no_environment);
  sys::exit(kExitNotFound);
}

}  // namespace

size_t output_of(const char* const* argv, sys::Span<unsigned char> memory) {
  sys::Pipe pipe;
  check(pipe.open(O_CLOEXEC), "pipe2", argv[0]);
  const auto child =
      check(sys::clone_to_execute([&] { become(argv, pipe.writer.get()); }), "clone", argv[0]);
  pipe.writer.reset();
  const auto size = sys::read_fully(pipe.reader.get(), memory);
  pipe.reader.reset();  // a program that prints without end gets SIGPIPE
  const auto ended = sys::wait(child);
  const bool good = size && size.value() < memory.size && ended && ended.value().as_shell() == 0;
  return good ? size.value() : 0;
}

}  // namespace nsrun

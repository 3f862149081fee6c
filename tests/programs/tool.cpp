// Stands in for newuidmap(1). Writes how it was called to PATH.args, where PATH is its own path,
// and ends as PATH.status says: with that exit status, or never for "hang".
#include "stub/initial_stack.h"
#include "syscalls/file.h"
#include "syscalls/poll.h"
#include "syscalls/process.h"

extern "C" [[noreturn]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  sys::Path file;
  file << stack.argv()[0] << ".args";
  const auto args = sys::openat(AT_FDCWD, file.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0666);
  int64_t variables = 0;
  while (stack.environment()[variables] != nullptr) ++variables;
  sys::FixedString<16384> line;
  for (size_t i = 0; i < stack.argc(); ++i) line << (i == 0 ? "" : " ") << stack.argv()[i];
  line << "\nenvironment " << variables << "\n";
  if (!args || !sys::write_fully(args.get(), line.text())) sys::exit(90);

  char text[8] = {};
  sys::Path status;
  status << stack.argv()[0] << ".status";
  const auto opened = sys::openat(AT_FDCWD, status.c_str(), O_RDONLY);
  if (!opened) sys::exit(0);
  (void)sys::read(opened.get(), {reinterpret_cast<unsigned char*>(text), sizeof text - 1});
  while (text[0] == 'h') (void)sys::poll({nullptr, 0});
  const char* cursor = text;
  sys::exit(static_cast<int>(sys::take_decimal(cursor, 255).value));
}

#include "stub/environment.h"
#include "tools/nsrun/error.h"
#include "tools/nsrun/nsrun.h"

#ifndef NSEXEC_VERSION
#define NSEXEC_VERSION "unknown"
#endif

namespace nsrun {

namespace {

[[noreturn]] void print_and_exit(const char* text) {
  const bool printed = static_cast<bool>(sys::write_fully(1, sys::Text::of(text)));
  sys::exit(printed ? 0 : kExitOwnError);
}

}  // namespace

}  // namespace nsrun

/// Called by arch/<arch>/program.S, twice in a container's life: as the parent, and behind the
/// stub as the container's first process. The command line is the same.
extern "C" [[noreturn]] void program_main(const unsigned long* initial_stack) {
  const stub::InitialStack stack(initial_stack);
  const nsrun::Options options = nsrun::parse_options(stack.argv());
  if (options.wrong_reason != nullptr) {
    const sys::FixedString<4096> option(sys::Text::of(options.wrong_option));
    nsrun::fail(option.c_str(), options.wrong_value, options.wrong_reason);
  }
  if (options.help) nsrun::print_and_exit(nsrun::help_text());
  if (options.version) nsrun::print_and_exit("nsrun " NSEXEC_VERSION "\n");
  if (options.command == nullptr) nsrun::fail("COMMAND", nullptr, "missing (see nsrun --help)");
  if (stub::is_init_process(stack)) nsrun::run_container(stack, options);
  nsrun::run_parent(stack, options);
}

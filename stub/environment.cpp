#include "stub/environment.h"

#include <linux/auxvec.h>

namespace stub {

namespace {

// What all names begin with.
constexpr char kPrefix[] = "_LIBCONTAINER_";
constexpr char kInitPipe[] = "INITPIPE";

// A variable that is unset or empty leaves `value` alone.
void read_number(const InitialStack& stack, const char* name, int& value,
                 Environment& environment) {
  const char* text = stack.variable(name, kPrefix);
  if (*text == '\0') return;
  const sys::Number number = sys::parse_decimal(text, __INT_MAX__);
  if (number.valid) {
    value = static_cast<int>(number.value);
  } else if (environment.malformed == nullptr) {
    environment.malformed = text - sizeof kPrefix - sys::length(name);
  }
}

// As secure_getenv(3): a program that runs with more privilege than its caller takes no path from
// its caller.
const char* state_directory(const InitialStack& stack) {
  const char* directory = stack.variable("STATEDIR", kPrefix);
  return *directory != '/' || stack.auxiliary_value(AT_SECURE) != 0 ? "/tmp" : directory;
}

}  // namespace

bool is_init_process(const InitialStack& stack) {
  return *stack.variable(kInitPipe, kPrefix) != '\0';
}

Environment read_environment(const InitialStack& stack) {
  Environment environment{
      .state_directory = state_directory(stack),
      .mount_fds = stack.variable("MOUNT_FDS", kPrefix),
      .cloned_binary = stack.find_variable("CLONED_BINARY", kPrefix) != nullptr,
  };
  read_number(stack, kInitPipe, environment.init_pipe, environment);
  read_number(stack, "LOGPIPE", environment.log_pipe, environment);
  read_number(stack, "LOGLEVEL", environment.log_level, environment);
  return environment;
}

}  // namespace stub

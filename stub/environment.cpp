#include "stub/environment.h"

#include <linux/auxvec.h>

namespace stub {

namespace {

constexpr char kInitPipe[] = "_LIBCONTAINER_INITPIPE";

// A variable that is unset or empty leaves `value` alone.
void read_number(const InitialStack& stack, const char* name, int& value,
                 Environment& environment) {
  const char* text = stack.variable(name);
  if (*text == '\0') return;
  const sys::Number number = sys::parse_decimal(text, __INT_MAX__);
  if (number.valid) {
    value = static_cast<int>(number.value);
  } else if (environment.malformed_name == nullptr) {
    environment.malformed_name = name;
    environment.malformed_value = text;
  }
}

// As secure_getenv(3): a program that runs with more privilege than its caller takes no path from
// its caller.
const char* state_directory(const InitialStack& stack) {
  const char* directory = stack.variable("_LIBCONTAINER_STATEDIR");
  return *directory != '/' || stack.auxiliary_value(AT_SECURE) != 0 ? "/tmp" : directory;
}

}  // namespace

bool is_init_process(const InitialStack& stack) { return *stack.variable(kInitPipe) != '\0'; }

Environment read_environment(const InitialStack& stack) {
  Environment environment{
      .state_directory = state_directory(stack),
      .mount_fds = stack.variable("_LIBCONTAINER_MOUNT_FDS"),
      .cloned_binary = stack.find_variable("_LIBCONTAINER_CLONED_BINARY") != nullptr,
  };
  read_number(stack, kInitPipe, environment.init_pipe, environment);
  read_number(stack, "_LIBCONTAINER_LOGPIPE", environment.log_pipe, environment);
  read_number(stack, "_LIBCONTAINER_LOGLEVEL", environment.log_level, environment);
  return environment;
}

}  // namespace stub

#include "stub/environment.h"

#include <linux/auxvec.h>

namespace stub {

namespace {

// The prefix of all names.
constexpr char kPrefix[] = "_LIBCONTAINER_";
constexpr char kInitPipe[] = "INITPIPE";

// Returns null if the variable is not set. Also in a program that runs with more privileges than
// its caller (a set-user-ID program, for example), because there the caller sets them: as in
// secure_getenv(3).
const char* find_variable(const InitialStack& stack, const char* name) {
  return stack.auxiliary_value(AT_SECURE) != 0 ? nullptr : stack.find_variable(name, kPrefix);
}

// The same, but "" for null.
const char* variable(const InitialStack& stack, const char* name) {
  const char* value = find_variable(stack, name);
  return value == nullptr ? "" : value;
}

// If the variable is unset or empty, `value` is not changed.
void read_number(const InitialStack& stack, const char* name, int& value,
                 Environment& environment) {
  const char* text = variable(stack, name);
  if (*text == '\0') return;
  const sys::Number number = sys::parse_decimal(text, __INT_MAX__);
  if (number.valid) {
    value = static_cast<int>(number.value);
  } else if (environment.malformed == nullptr) {
    environment.malformed = text - sizeof kPrefix - sys::length(name);
  }
}

// A relative path would depend on the working directory.
const char* state_directory(const InitialStack& stack) {
  const char* directory = variable(stack, "STATEDIR");
  return *directory != '/' ? "/tmp" : directory;
}

}  // namespace

bool is_init_process(const InitialStack& stack) { return *variable(stack, kInitPipe) != '\0'; }

Environment read_environment(const InitialStack& stack) {
  Environment environment{
      .state_directory = state_directory(stack),
      .mount_fds = variable(stack, "MOUNT_FDS"),
      .cloned_binary = find_variable(stack, "CLONED_BINARY") != nullptr,
  };
  read_number(stack, kInitPipe, environment.init_pipe, environment);
  read_number(stack, "LOGPIPE", environment.log_pipe, environment);
  read_number(stack, "LOGLEVEL", environment.log_level, environment);
  return environment;
}

}  // namespace stub

// The environment variables that the parent sets: stub/environment.cpp, stub/initial_stack.h.
#include "stub/environment.cpp"

#include <linux/auxvec.h>

#include "proofs/parsers/harness.h"

// Whether the kernel gives AT_SECURE: both are proved.
#ifndef SECURE
#define SECURE false
#endif

// How many NULLs are behind the environment: 1 from the kernel, more if the C library has removed
// variables.
#ifndef NULLS
#define NULLS 1
#endif

namespace {

constexpr size_t kSize = N;

// An initial stack in memory of exactly its size, with or without AT_SECURE.
template <size_t Count>
struct Stack {
  unsigned long argc = ~0UL;  // is not read
  const char* argv[2] = {"init", nullptr};
  const char* environment[Count + NULLS];
  stub::AuxiliaryEntry auxiliary[3] = {{AT_PAGESZ, 4096}, {AT_SECURE, SECURE ? 1 : 0}, {0, 0}};
  static constexpr bool secure = SECURE;

  explicit Stack(const char* const (&variables)[Count]) {
    for (size_t i = 0; i < Count; ++i) environment[i] = variables[i];
    for (size_t i = Count; i < Count + NULLS; ++i) environment[i] = nullptr;
  }
  [[nodiscard]] stub::InitialStack view() const { return stub::InitialStack(&argc); }
};

// "NAME" and any value of Size characters.
template <size_t Size = kSize, size_t Length>
char* variable(const char (&name)[Length]) {
  char* const text = proof::any_bytes(Length - 1 + Size + 1);
  for (size_t i = 0; i < Length - 1; ++i) text[i] = name[i];
  for (size_t i = 0; i < Size; ++i) __CPROVER_assume(text[Length - 1 + i] != '\0');
  text[Length - 1 + Size] = '\0';
  return text;
}

// The value of the number in `text`, or -1.
int64_t number(const char* text, size_t size) {
  int64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
    if (value > INT32_MAX) return -1;
  }
  return size == 0 ? -1 : value;
}

}  // namespace

// A number of kSize characters.
extern "C" void environment_number() {
  constexpr char kName[] = "_LIBCONTAINER_INITPIPE=";
  const char* const variables[] = {variable(kName)};
  const Stack stack(variables);
  const stub::Environment environment = stub::read_environment(stack.view());
  const int64_t wanted = number(variables[0] + sizeof kName - 1, kSize);
  PROVE(environment.init_pipe == (stack.secure || wanted < 0 ? -1 : wanted));
  const bool malformed = !stack.secure && kSize != 0 && wanted < 0;
  PROVE((environment.malformed != nullptr) == malformed);
  if (malformed) PROVE(environment.malformed == variables[0]);
  PROVE(stub::is_init_process(stack.view()) == (!stack.secure && kSize != 0));
  PROVE(environment.log_pipe == -1 && environment.log_level == 5 && !environment.cloned_binary);
  PROVE(sys::same(environment.state_directory, "/tmp") && *environment.mount_fds == '\0');
}

// One variable of kSize characters, of any name: only what the compiler and CBMC check.
extern "C" void environment_any() {
  const char* const variables[] = {proof::any_string(kSize)};
  const Stack stack(variables);
  const stub::Environment environment = stub::read_environment(stack.view());
  PROVE(environment.init_pipe >= -1 && environment.log_pipe >= -1);
  PROVE(environment.state_directory[0] == '/' && environment.mount_fds != nullptr);
}

// Two variables of N / 2 characters, of one name if N is odd. Of one name the first counts; one
// malformed value does not hide the other.
extern "C" void environment_two() {
  constexpr char kPipe[] = "_LIBCONTAINER_LOGPIPE=";
  constexpr char kLevel[] = "_LIBCONTAINER_LOGLEVEL=";
  constexpr bool same = N % 2 != 0;
  const char* const first = variable<N / 2>(kPipe);
  const char* const again = variable<N / 2>(kPipe);
  const char* const level = variable<N / 2>(kLevel);
  const char* const variables[] = {first, same ? again : level};
  const Stack stack(variables);
  const stub::Environment environment = stub::read_environment(stack.view());
  if (stack.secure) return;
  const int64_t pipe = number(first + sizeof kPipe - 1, N / 2);
  const int64_t its_level = same ? -1 : number(level + sizeof kLevel - 1, N / 2);
  PROVE(environment.log_pipe == (pipe < 0 ? -1 : pipe));
  PROVE(environment.log_level == (its_level < 0 ? 5 : its_level));
  const bool malformed = N / 2 != 0 && (pipe < 0 || (!same && its_level < 0));
  PROVE((environment.malformed != nullptr) == malformed);
  if (malformed) PROVE(environment.malformed == (pipe < 0 ? first : level));
}

extern "C" void environment_state_directory() {
  constexpr char kName[] = "_LIBCONTAINER_STATEDIR=";
  const char* const variables[] = {variable(kName)};
  const Stack stack(variables);
  const stub::Environment environment = stub::read_environment(stack.view());
  const char* const value = variables[0] + sizeof kName - 1;
  if (!stack.secure && kSize != 0 && *value == '/') {
    PROVE(environment.state_directory == value);
  } else {
    PROVE(sys::same(environment.state_directory, "/tmp"));
  }
}

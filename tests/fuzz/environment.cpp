// Fuzzes the reader of the initial stack and its variables and compares it with getenv(3)'s rules.
#include "stub/environment.h"

#include <linux/auxvec.h>

#include <cstring>
#include <memory>

#include "tests/fuzz/targets.h"

namespace fuzz {

namespace {

// An initial stack as the kernel lays it out.
class Stack {
 public:
  Stack(const std::vector<Bytes>& arguments, const std::vector<Bytes>& variables, bool secure,
        size_t removed) {
    words_.push_back(arguments.size());
    add(arguments);
    add(variables);
    words_.insert(words_.end(), removed, 0UL);
    for (const unsigned long word : {6UL, 4096UL, 23UL, secure ? 1UL : 0UL, 0UL, 0UL}) {
      words_.push_back(word);
    }
  }
  [[nodiscard]] stub::InitialStack view() const { return stub::InitialStack(words_.data()); }

 private:
  void add(const std::vector<Bytes>& texts) {
    for (const Bytes& text : texts) {
      memory_.push_back(std::make_unique<Exact>(text + '\0'));
      words_.push_back(reinterpret_cast<unsigned long>(memory_.back()->data()));
    }
    words_.push_back(0);
  }
  std::vector<std::unique_ptr<Exact>> memory_;
  std::vector<unsigned long> words_;
};

const Bytes* find(const std::vector<Bytes>& variables, const Bytes& name, Bytes& value) {
  for (const Bytes& variable : variables) {
    if (variable.compare(0, name.size() + 1, name + "=") != 0) continue;
    value = variable.substr(name.size() + 1);
    return &variable;
  }
  value.clear();
  return nullptr;
}

// Returns -1 if the variable is unset or empty, and -2 if it is malformed.
int64_t number(const std::vector<Bytes>& variables, const Bytes& name) {
  Bytes value;
  if (find(variables, name, value) == nullptr || value.empty()) return -1;
  int64_t result = 0;
  for (const char c : value) {
    if (c < '0' || c > '9') return -2;
    result = result * 10 + (c - '0');
    if (result > 0x7fffffff) return -2;
  }
  return result;
}

}  // namespace

// The first byte gives AT_SECURE, how many of the following words are arguments, and how many
// variables the C library has removed: so many more NULLs are behind the others.
void run_environment(const Bytes& bytes) {
  if (bytes.empty()) return;
  const auto first = static_cast<unsigned char>(bytes[0]);
  std::vector<Bytes> variables = words_of(bytes.substr(1));
  const size_t count = std::min<size_t>(first >> 1 & 3, variables.size());
  const std::vector<Bytes> arguments(variables.begin(),
                                     variables.begin() + static_cast<long>(count));
  variables.erase(variables.begin(), variables.begin() + static_cast<long>(count));
  const bool secure = (first & 1) != 0;
  const Stack memory(arguments, variables, secure, first >> 3 & 3);
  const stub::InitialStack stack = memory.view();
  FUZZ_REQUIRE(stack.argc() == arguments.size(), bytes);
  FUZZ_REQUIRE(stack.auxiliary_value(AT_SECURE) == (secure ? 1 : 0), bytes);
  FUZZ_REQUIRE(stack.auxiliary_value(AT_PAGESZ) == 4096, bytes);
  FUZZ_REQUIRE(stack.auxiliary_value(AT_HWCAP2) == 0, bytes);
  for (const Bytes& variable : variables) {
    const Bytes name = variable.substr(0, variable.find('='));
    Bytes value;
    const bool there = find(variables, name, value) != nullptr;
    const char* found = stack.find_variable(name.c_str());
    FUZZ_REQUIRE((found != nullptr) == there, bytes);
    FUZZ_REQUIRE(!there || value == found, bytes);
  }

  const stub::Environment environment = stub::read_environment(stack);
  if (secure) variables.clear();  // no variable counts
  const Bytes prefix = "_LIBCONTAINER_";
  bool malformed = false;
  const auto check_number = [&](const char* name, int value, int unset) {
    const int64_t wanted = number(variables, prefix + name);
    malformed = malformed || wanted == -2;
    FUZZ_REQUIRE(value == (wanted < 0 ? unset : wanted), bytes);
  };
  check_number("INITPIPE", environment.init_pipe, -1);
  check_number("LOGPIPE", environment.log_pipe, -1);
  check_number("LOGLEVEL", environment.log_level, 5);
  FUZZ_REQUIRE((environment.malformed != nullptr) == malformed, bytes);
  if (malformed) {
    const Bytes said = environment.malformed;
    FUZZ_REQUIRE(said.compare(0, prefix.size(), prefix) == 0, bytes);
    FUZZ_REQUIRE(number({said}, said.substr(0, said.find('='))) == -2, bytes);
  }
  Bytes value;
  (void)find(variables, prefix + "INITPIPE", value);
  FUZZ_REQUIRE(stub::is_init_process(stack) == !value.empty(), bytes);
  value.clear();
  (void)find(variables, prefix + "STATEDIR", value);
  FUZZ_REQUIRE((value[0] == '/' ? value : "/tmp") == environment.state_directory, bytes);
  FUZZ_REQUIRE(
      (find(variables, prefix + "CLONED_BINARY", value) != nullptr) == environment.cloned_binary,
      bytes);
}

std::vector<Bytes> environment_seeds() {
  const Bytes nul(1, '\0');
  Bytes all = "\2init" + nul;
  for (const char* variable :
       {"PATH=/bin", "_LIBCONTAINER_INITPIPE=3", "_LIBCONTAINER_LOGPIPE=4",
        "_LIBCONTAINER_LOGLEVEL=2", "_LIBCONTAINER_STATEDIR=/run/x",
        "_LIBCONTAINER_CLONED_BINARY=1", "_LIBCONTAINER_MOUNT_FDS=[1,-1]",
        "_LIBCONTAINER_INITPIPE=2147483648", "_LIBCONTAINER_LOGLEVEL=-1", "=", "A"}) {
    all += variable + nul;
  }
  Bytes wrong = "\1_LIBCONTAINER_INITPIPE=2147483648" + nul + "_LIBCONTAINER_LOGPIPE=x";
  return {nul, all, wrong, "\1_LIBCONTAINER_STATEDIR=/run/x"};
}

}  // namespace fuzz

// Fuzzes the splitting of an id map into the arguments of newuidmap(1).
#include <memory>

#include "stub/id_map.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

void run_map_numbers(const Bytes& bytes) {
  const Bytes map = bytes.substr(0, bytes.find('\0'));
  std::vector<Bytes> wanted(1);
  for (const char c : map) {
    if (c == ' ' || c == '\n') {
      wanted.emplace_back();
    } else {
      wanted.back() += c;
    }
  }
  std::erase(wanted, "");
  const Exact memory(map + '\0');
  // The stub allocates exactly this many pointers.
  const size_t most = stub::most_numbers(map.size());
  const auto arguments = std::make_unique<const char*[]>(most);
  const char** const end = stub::take_numbers(memory.data(), arguments.get());
  const auto count = static_cast<size_t>(end - arguments.get());
  FUZZ_REQUIRE(count == wanted.size() && count <= most, bytes);
  for (size_t i = 0; i < count; ++i) FUZZ_REQUIRE(wanted[i] == arguments[i], bytes);
}

std::vector<Bytes> map_numbers_seeds() {
  return {"", "0 1000 1\n", "0 1000 1\n1 100000 65536", "  0   1 2 \n\n3", "1"};
}

}  // namespace fuzz

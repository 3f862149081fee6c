#include "tests/fuzz/targets.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fuzz {

const std::vector<Target>& targets() {
  static const std::vector<Target> all = {
      {"bootstrap", run_bootstrap, bootstrap_seeds},
      {"environment", run_environment, environment_seeds},
      {"json", run_json, json_seeds},
      {"map-numbers", run_map_numbers, map_numbers_seeds},
      {"options", run_options, options_seeds},
      {"config", run_config, config_seeds},
  };
  return all;
}

void fail(const char* what, const Bytes& detail) {
  fprintf(stderr, "does not hold: %s\n", what);
  for (const char c : detail.substr(0, 1000)) {
    const auto byte = static_cast<unsigned char>(c);
    fprintf(stderr, byte >= 32 && byte < 127 ? "%c" : "\\x%02x", byte);
  }
  fprintf(stderr, "\n");
  abort();
}

std::vector<Bytes> words_of(const Bytes& bytes) {
  std::vector<Bytes> words;
  size_t start = 0;
  while (start < bytes.size()) {
    const size_t end = std::min(bytes.find('\0', start), bytes.size());
    words.push_back(bytes.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

Exact::Exact(const Bytes& bytes) : data_(new char[bytes.size()]) {
  if (!bytes.empty()) memcpy(data_, bytes.data(), bytes.size());
}

}  // namespace fuzz

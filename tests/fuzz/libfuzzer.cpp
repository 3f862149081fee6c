// Runs the target FUZZ_TARGET for libFuzzer and AFL++. With FUZZ_SEEDS=DIRECTORY it writes the
// target's seeds there and exits.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "tests/fuzz/targets.h"

namespace {

const fuzz::Target& target() {
  for (const fuzz::Target& each : fuzz::targets()) {
    if (strcmp(each.name, FUZZ_TARGET) == 0) return each;
  }
  abort();
}

void write_seeds(const std::string& directory) {
  int number = 0;
  for (const fuzz::Bytes& seed : target().seeds()) {
    std::ofstream(directory + "/seed-" + std::to_string(number++), std::ios::binary) << seed;
  }
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  if (const char* directory = getenv("FUZZ_SEEDS")) {
    write_seeds(directory);
    exit(0);
  }
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  target().run(fuzz::Bytes(reinterpret_cast<const char*>(data), size));
  return 0;
}

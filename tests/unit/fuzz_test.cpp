// Runs each fuzz target on every machine: with its seeds, and with mutations of them that are the
// same each time. `make fuzz` continues from there.
#include "tests/fuzz/targets.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/support.h"

namespace {

using fuzz::Bytes;

class FuzzTest : public testing::TestWithParam<fuzz::Target> {};

// Makes one small change, as a fuzzer does.
Bytes changed(Bytes bytes, const Bytes& other, std::mt19937& random) {
  const auto below = [&](size_t end) { return end == 0 ? 0 : random() % end; };
  const size_t at = below(bytes.size() + 1);
  switch (random() % 6) {
    case 0:
      if (at < bytes.size()) bytes[at] = static_cast<char>(bytes[at] ^ 1 << random() % 8);
      return bytes;
    case 1:
      bytes.insert(at, 1, static_cast<char>(random()));
      return bytes;
    case 2:
      return bytes.substr(0, at);
    case 3:
      return bytes.erase(at, 1 + below(8));
    case 4:
      return bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(16)));
    default:
      return bytes.substr(0, at) + other.substr(below(other.size() + 1));
  }
}

TEST_P(FuzzTest, HoldsForMutatedSeeds) {
  std::mt19937 random(4711);  // NOLINT(cert-msc51-cpp): the same numbers each time
  std::vector<Bytes> pool = GetParam().seeds();
  const size_t seeds = pool.size();
  for (const Bytes& seed : pool) GetParam().run(seed);
  for (int i = 0; i < test::repetitions(20000); ++i) {
    Bytes bytes = changed(pool[random() % pool.size()], pool[random() % pool.size()], random);
    GetParam().run(bytes);
    if (bytes.size() > 2000) continue;
    if (pool.size() < seeds + 500) {
      pool.push_back(std::move(bytes));
    } else if (random() % 4 == 0) {
      pool[seeds + random() % 500] = std::move(bytes);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzTest, testing::ValuesIn(fuzz::targets()),
                         [](const testing::TestParamInfo<fuzz::Target>& each) {
                           std::string name = each.param.name;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace

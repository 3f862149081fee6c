// What is fuzzed: functions of bytes alone, each with what must be true of whatever it makes of
// them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fuzz {

using Bytes = std::string;

struct Target {
  const char* name;
  /// Aborts, and says why, where something is not as it must be.
  void (*run)(const Bytes& bytes);
  /// Where mutation begins.
  std::vector<Bytes> (*seeds)();
};

/// All of them.
const std::vector<Target>& targets();

/// Says what is wrong, and aborts.
[[noreturn]] void fail(const char* what, const Bytes& detail);

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define FUZZ_REQUIRE(condition, detail) ((condition) ? void() : ::fuzz::fail(#condition, (detail)))

/// The bytes between NULs, as an argument vector or an environment has them.
std::vector<Bytes> words_of(const Bytes& bytes);

/// Memory that ends exactly where its content ends, so that a sanitizer sees the first byte too
/// many.
class Exact {
 public:
  explicit Exact(const Bytes& bytes);
  ~Exact() { delete[] data_; }
  Exact(const Exact&) = delete;
  Exact& operator=(const Exact&) = delete;
  [[nodiscard]] char* data() const { return data_; }

 private:
  char* data_;
};

void run_bootstrap(const Bytes& bytes);
std::vector<Bytes> bootstrap_seeds();
void run_environment(const Bytes& bytes);
std::vector<Bytes> environment_seeds();
void run_json(const Bytes& bytes);
std::vector<Bytes> json_seeds();
void run_map_numbers(const Bytes& bytes);
std::vector<Bytes> map_numbers_seeds();
void run_options(const Bytes& bytes);
std::vector<Bytes> options_seeds();
void run_config(const Bytes& bytes);
std::vector<Bytes> config_seeds();

}  // namespace fuzz

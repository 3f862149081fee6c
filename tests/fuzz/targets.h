// The fuzz targets. Each is a function of bytes that checks what must be true for all of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace fuzz {

using Bytes = std::string;

struct Target {
  const char* name;
  /// Runs the target. Prints what is wrong and aborts if something does not hold.
  void (*run)(const Bytes& bytes);
  /// Returns the inputs with which mutation begins.
  std::vector<Bytes> (*seeds)();
};

/// Returns all targets.
const std::vector<Target>& targets();

/// Prints what is wrong and aborts.
[[noreturn]] void fail(const char* what, const Bytes& detail);

// NOLINTNEXTLINE(cppcoreguidelines-macro-usage)
#define FUZZ_REQUIRE(condition, detail) ((condition) ? void() : ::fuzz::fail(#condition, (detail)))

/// Splits bytes at NULs into words, like an argument vector or an environment.
std::vector<Bytes> words_of(const Bytes& bytes);

/// Memory that ends exactly at the end of its content, so that a sanitizer notices an access one
/// byte past it.
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

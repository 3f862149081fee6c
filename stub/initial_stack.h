// The initial stack: what the kernel puts at the stack pointer at exec. System V psABI for AMD64,
// figure 3.9; the other machines' psABIs and getauxval(3) agree.
#pragma once

#include <stddef.h>

#include "syscalls/text.h"

namespace stub {

/// One entry of the auxiliary vector: AT_* of <linux/auxvec.h> and its value.
struct AuxiliaryEntry {
  unsigned long type;
  unsigned long value;
};

/// argc, argv, NULL, environment, NULL, auxiliary vector, AT_NULL. This is a view; it copies and
/// changes nothing. It does not read argc: where the stub runs later than the entry point,
/// something else may be there (ARM: the C library's _start takes argc from the stack and writes
/// over it).
class InitialStack {
 public:
  explicit InitialStack(const unsigned long* top) : top_(top) {}

  [[nodiscard]] size_t argc() const {
    return static_cast<size_t>(behind_null(argv()) - argv() - 1);
  }
  [[nodiscard]] const char* const* argv() const {
    return reinterpret_cast<const char* const*>(top_ + 1);
  }
  [[nodiscard]] const char* const* environment() const { return behind_null(argv()); }
  /// More than one NULL may be behind the environment. In a set-user-ID program glibc removes
  /// LD_PRELOAD and the like, also before the entry point (ld.so), by moving the other variables
  /// up. The first entry of the kernel's vector never has type 0.
  [[nodiscard]] const AuxiliaryEntry* auxiliary_vector() const {
    const char* const* entry = behind_null(environment());
    while (*entry == nullptr) ++entry;
    return reinterpret_cast<const AuxiliaryEntry*>(entry);
  }

  /// The value of AT_* `type`; 0 if the kernel gave none.
  [[nodiscard]] unsigned long auxiliary_value(unsigned long type) const {
    for (const AuxiliaryEntry* entry = auxiliary_vector(); entry->type != 0; ++entry) {
      if (entry->type == type) return entry->value;
    }
    return 0;
  }

  /// The value of the environment variable PREFIXNAME. As with getenv(3), the first of that name,
  /// or null if it is not set.
  [[nodiscard]] const char* find_variable(const char* name, const char* prefix = "") const {
    for (const char* const* entry = environment(); *entry != nullptr; ++entry) {
      const char* value = behind(behind(*entry, prefix), name);
      if (value != nullptr && *value == '=') return value + 1;
    }
    return nullptr;
  }
  /// The same, but "" if it is not set.
  [[nodiscard]] const char* variable(const char* name, const char* prefix = "") const {
    const char* value = find_variable(name, prefix);
    return value == nullptr ? "" : value;
  }

 private:
  static const char* const* behind_null(const char* const* entry) {
    while (*entry != nullptr) ++entry;
    return entry + 1;
  }

  // Returns what follows `start` in `text`, or null if `text` does not begin with it.
  static const char* behind(const char* text, const char* start) {
    while (text != nullptr && *start != '\0') {
      if (*text++ != *start++) text = nullptr;
    }
    return text;
  }

  const unsigned long* top_;
};

}  // namespace stub

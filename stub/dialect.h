// What differs between the generations of parents. docs/protocol.md, "Dialects".
#pragma once

#include <stdint.h>

#include "stub/nsexec.h"

namespace stub {

/// The structure, which in C++ hides behind the constant of the same name.
using Config = struct nsexec_config;

/// The rules of one dialect.
struct Dialect {
  /// What attribute 27290 means.
  enum class Attribute27290 : uint8_t { kTimeOffsets, kMountSources, kUnknown };
  /// When the cgroup namespace is unshared.
  enum class CgroupNamespace : uint8_t { kWithTheOthers, kLast, kLastWhenToldTo };

  bool ready_byte;     ///< one \0 on the init pipe before the message is read
  bool pid_line_2019;  ///< the keys of the pid line
  Attribute27290 attribute_27290;
  CgroupNamespace cgroup_namespace;
};

/// By NSEXEC_DIALECT_*.
inline constexpr Dialect kDialects[] = {
    {false, false, Dialect::Attribute27290::kTimeOffsets, Dialect::CgroupNamespace::kWithTheOthers},
    {true, false, Dialect::Attribute27290::kMountSources, Dialect::CgroupNamespace::kLast},
    {true, false, Dialect::Attribute27290::kUnknown, Dialect::CgroupNamespace::kLastWhenToldTo},
    {false, true, Dialect::Attribute27290::kUnknown, Dialect::CgroupNamespace::kLastWhenToldTo},
};

/// The rules that the embedder has chosen; a number without a dialect means the default.
constexpr const Dialect& dialect_of(const Config& config) {
  return kDialects[config.dialect <= NSEXEC_DIALECT_RUNC_2019 ? config.dialect : 0];
}

}  // namespace stub

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

/// The rules that the embedder has chosen.
constexpr Dialect dialect_of(const Config& config) {
  using Attribute = Dialect::Attribute27290;
  using Cgroup = Dialect::CgroupNamespace;
  switch (config.dialect) {
    case NSEXEC_DIALECT_RUNC_1_1:
      return {true, false, Attribute::kMountSources, Cgroup::kLast};
    case NSEXEC_DIALECT_RUNC_1_0:
      return {true, false, Attribute::kUnknown, Cgroup::kLastWhenToldTo};
    case NSEXEC_DIALECT_RUNC_2019:
      return {false, true, Attribute::kUnknown, Cgroup::kLastWhenToldTo};
    default:
      return {false, false, Attribute::kTimeOffsets, Cgroup::kWithTheOthers};
  }
}

}  // namespace stub

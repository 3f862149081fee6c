// What differs between the generations of parents. docs/protocol.md, "Dialects".
#pragma once

#include <stdint.h>

#include "arch/syscall.h"
#include "stub/nsexec.h"

namespace stub {

/// What a parent sends where stage 2 waits to be told (CgroupNamespace::kLastWhenToldTo).
constexpr unsigned char kCreateCgroupNamespace = 0x80;

/// Names the struct type, which the constant of the same name hides.
using Config = struct nsexec_config;

/// The rules of one dialect.
struct Dialect {
  /// The meaning of attribute 27290.
  enum class Attribute27290 : uint8_t { kTimeOffsets, kMountSources, kUnknown };
  /// When the cgroup namespace is unshared.
  enum class CgroupNamespace : uint8_t { kWithTheOthers, kLast, kLastWhenToldTo };

#ifdef NSEXEC_DEFAULT_DIALECT_ALONE
  static constexpr bool ready_byte = false;
  static constexpr bool pid_line_2019 = false;
  static constexpr Attribute27290 attribute_27290 = Attribute27290::kTimeOffsets;
  static constexpr CgroupNamespace cgroup_namespace = CgroupNamespace::kWithTheOthers;
#else
  bool ready_byte;     ///< send one \0 on the init pipe before reading the message
  bool pid_line_2019;  ///< use the pid line's old keys
  Attribute27290 attribute_27290;
  CgroupNamespace cgroup_namespace;
#endif
};

#ifdef NSEXEC_DEFAULT_DIALECT_ALONE

/// For a program that is its own parent, as nsrun is: what other dialects want is not there.
NSEXEC_SHARED constexpr Dialect kDefaultDialect;
constexpr const Dialect& dialect_of(const Config& /*config*/) { return kDefaultDialect; }
inline constexpr bool kHasMountSources = false;

#else

/// By NSEXEC_DIALECT_*.
NSEXEC_SHARED constexpr Dialect kDialects[] = {
    {false, false, Dialect::Attribute27290::kTimeOffsets, Dialect::CgroupNamespace::kWithTheOthers},
    {true, false, Dialect::Attribute27290::kMountSources, Dialect::CgroupNamespace::kLast},
    {true, false, Dialect::Attribute27290::kUnknown, Dialect::CgroupNamespace::kLastWhenToldTo},
    {false, true, Dialect::Attribute27290::kUnknown, Dialect::CgroupNamespace::kLastWhenToldTo},
};

/// The rules that the embedder has chosen. An unknown number means the default.
constexpr const Dialect& dialect_of(const Config& config) {
  return kDialects[config.dialect <= NSEXEC_DIALECT_RUNC_2019 ? config.dialect : 0];
}
/// Whether there is a dialect in which a parent can name mounts for the stages to open.
inline constexpr bool kHasMountSources = true;

#endif

}  // namespace stub

// --perms: what it says holds for the next option alone.
#pragma once

#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"

namespace nsrun {

struct MountModifiers {
  static constexpr unsigned kNone = ~0U;
  unsigned perms = kNone;  ///< a mode; kNone: none given

  /// Whether the option is one of these. Then it is kept for the option behind it.
  bool take(const Option& option) {
    if (option.id != OptionId::kPerms) return false;
    (void)parse_mode(option.value, perms);
    return true;
  }
  /// The mode of what is made, where without --perms it would be `otherwise`.
  [[nodiscard]] unsigned mode(unsigned otherwise) const {
    return perms == kNone ? otherwise : perms;
  }
  /// That of the directories that are made above it: 0755, but nothing for the group or for others
  /// where --perms has nothing for them, as in bwrap(1).
  [[nodiscard]] unsigned mode_above() const {
    unsigned above = 0755;
    if ((perms & 0070) == 0) above &= ~0070U;
    if ((perms & 0007) == 0) above &= ~0007U;
    return above;
  }
};

}  // namespace nsrun

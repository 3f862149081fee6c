// --size and --perms: what they say holds for the next option alone.
#pragma once

#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"

namespace nsrun {

struct MountModifiers {
  const char* size = nullptr;   ///< null: none given
  const char* perms = nullptr;  ///< octal digits

  /// Whether the option is one of these. Then it is kept for the option behind it.
  bool take(const Option& option) {
    if (option.id == OptionId::kSize) size = option.value;
    if (option.id == OptionId::kPerms) perms = option.value;
    return option.id == OptionId::kSize || option.id == OptionId::kPerms;
  }
  /// The mode of what is made, where without --perms it would be `otherwise`.
  [[nodiscard]] unsigned mode(unsigned otherwise) const {
    return perms == nullptr ? otherwise : static_cast<unsigned>(parse_mode(perms).value);
  }
  /// That of the directories that are made above it: 0755, but nothing for the group or for others
  /// where --perms has nothing for them, as in bwrap(1).
  [[nodiscard]] unsigned mode_above() const {
    const unsigned given = mode(0777);
    unsigned above = 0755;
    if ((given & 0070) == 0) above &= ~0070U;
    if ((given & 0007) == 0) above &= ~0007U;
    return above;
  }
};

}  // namespace nsrun

// --size and --perms, which apply to the next option only.
#pragma once

#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"

namespace nsrun {

struct MountModifiers {
  const char* size = nullptr;   ///< null: none given
  const char* perms = nullptr;  ///< octal digits

  /// Whether the option is --size or --perms. If so, keeps its value for the next option.
  bool take(const Option& option) {
    if (option.id == OptionId::kSize) size = option.value;
    if (option.id == OptionId::kPerms) perms = option.value;
    return option.id == OptionId::kSize || option.id == OptionId::kPerms;
  }
  /// The mode to create with: that of --perms, or else `otherwise`.
  [[nodiscard]] unsigned mode(unsigned otherwise) const {
    return perms == nullptr ? otherwise : static_cast<unsigned>(parse_mode(perms).value);
  }
  /// The mode of the directories that are created above: 0755, but without the group's or the
  /// others' bits if --perms gives those none, as in bwrap(1).
  [[nodiscard]] unsigned mode_above() const {
    const unsigned given = mode(0777);
    unsigned above = 0755;
    if ((given & 0070) == 0) above &= ~0070U;
    if ((given & 0007) == 0) above &= ~0007U;
    return above;
  }
};

}  // namespace nsrun

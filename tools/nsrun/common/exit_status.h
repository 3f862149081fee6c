// Exit statuses of nsrun's own, as docker and env(1) have them.
#pragma once

namespace nsrun {

inline constexpr int kExitOwnError = 125;
inline constexpr int kExitCannotExecute = 126;
inline constexpr int kExitNotFound = 127;

}  // namespace nsrun

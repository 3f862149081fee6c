// nsrun's own exit statuses, the same as those of docker and env(1).
#pragma once

namespace nsrun {

inline constexpr int kExitOwnError = 125;
inline constexpr int kExitCannotExecute = 126;
inline constexpr int kExitNotFound = 127;

}  // namespace nsrun

// --tty: a terminal of the container's own.
#pragma once

namespace nsrun {

/// Opens a new pseudoterminal, makes its slave stdin, stdout and stderr, and sends its master over
/// `socket`. `uid` becomes the owner of the slave. If `joined`, the mount namespace was joined and
/// /dev/ptmx can be anything, so the pair must come from a verified devpts at /dev/pts. Returns
/// false if there is none and `may_lack` is set.
bool take_terminal(int socket, unsigned uid, bool joined, bool may_lack);

/// Makes the terminal that is stdin the controlling one of this process's session.
void control_terminal();

}  // namespace nsrun

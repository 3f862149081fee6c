// --tty: a terminal of the container's own.
#pragma once

namespace nsrun {

/// Opens a new pair of /dev/ptmx, makes the slave stdin, stdout and stderr,
/// and sends the master over the socket. The owner of the slave becomes `uid`. `joined`: the mount
/// namespace is somebody else's, and anything can be at /dev/ptmx. The pair is then of what is
/// shown to be a devpts at /dev/pts. False, with `may_lack`: there is none to be had.
bool take_terminal(int socket, unsigned uid, bool joined, bool may_lack);

/// Makes the terminal that is stdin the controlling one of this process's session.
void control_terminal();

}  // namespace nsrun

// The ids of this process, and whether other processes may look into it.
#pragma once

namespace nsrun {

/// Sets PR_SET_DUMPABLE (prctl(2)). A process that is not dumpable cannot be traced, and its files
/// below /proc cannot be used, without CAP_SYS_PTRACE in the user namespace in which nsrun was
/// executed. After a change of ids the kernel takes what /proc/sys/fs/suid_dumpable says, which may
/// be 1. So whoever changes ids calls this next.
void set_dumpable(bool dumpable);

/// Becomes this user and this group: real, effective and saved ids. Then the process is not
/// dumpable.
void become(unsigned uid, unsigned gid);

}  // namespace nsrun

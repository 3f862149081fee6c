// --disable-userns, --assert-userns-disabled: COMMAND cannot create a user namespace. In one it
// would have all capabilities, and with them could reach much of the kernel's code.
#pragma once

namespace nsrun {

/// Call it in the outer user namespace, in which COMMAND has no capabilities. From then on only one
/// user namespace can be created inside, which becomes COMMAND's. No further one can be created, in
/// there neither.
void forbid_user_namespaces(int procfs);

/// Ends nsrun if a user namespace can be created.
void assert_no_user_namespaces();

}  // namespace nsrun

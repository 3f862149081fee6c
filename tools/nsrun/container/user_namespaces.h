// --disable-userns, --assert-userns-disabled: no user namespace of COMMAND's making. In one it
// would have all capabilities, and with them the reach of much of the kernel's code.
#pragma once

namespace nsrun {

/// In the outer user namespace, which COMMAND has no capabilities in: one can be made inside it,
/// COMMAND's own, and no other one, in there neither.
void forbid_user_namespaces(int procfs);

/// Ends nsrun where a user namespace can be made.
void assert_no_user_namespaces();

}  // namespace nsrun

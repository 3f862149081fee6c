// The user and mount namespace that COMMAND runs in.
//
//   outer user namespace          owns the outer mount namespace, in which the file system is built
//     └─ inner user namespace     owns the inner mount namespace, a copy, and is COMMAND's
//
// Both user namespaces map the same ids. When a mount namespace is copied from one with a more
// privileged owner, the kernel locks each copied mount (mount_namespaces(7), "Restrictions on mount
// namespaces"). So COMMAND can neither unmount it nor clear its read-only, nodev, nosuid or noexec
// flag, whatever capabilities it has. Over the network, ipc and uts namespaces COMMAND has all its
// capabilities, because the inner user namespace owns them.
#pragma once

#include "tools/nsrun/boundary.h"

namespace nsrun {

/// Builds the file system and moves into the inner namespaces. The outer ones must exist. On return
/// this process is root of the inner user namespace, and all namespaces of the container exist.
/// Ends nsrun on an error.
void enter_inner_namespaces(const Options& options, Handover& handover);

}  // namespace nsrun

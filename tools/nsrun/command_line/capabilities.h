// Capabilities by name, and which of them the options ask for: capabilities(7).
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// A set of capabilities. Bit n stands for capability number n.
using Capabilities = uint64_t;

/// All capabilities, also those that nsrun has no name for.
inline constexpr Capabilities kAllCapabilities = ~Capabilities{0};

/// The set that both Docker and Podman give a container: chown, dac_override, fowner, fsetid, kill,
/// setgid, setuid, setpcap, net_bind_service, sys_chroot, setfcap. Bits as in <linux/capability.h>.
inline constexpr Capabilities kDefaultCapabilities = 0x800405fb;

/// Parses "CAP_NET_ADMIN", "net_admin" or "all", in upper or lower case. Returns 0 for anything
/// else.
Capabilities parse_capability(const char* name);

/// How many capabilities have a name here, from number 0 on.
inline constexpr unsigned kNamedCapabilities = 41;
const char* capability_name(unsigned number);

/// The capabilities of COMMAND without options: kDefaultCapabilities if the container has a root of
/// its own, otherwise all.
Capabilities default_capabilities(const Options& options);

/// Applies --cap-drop and --cap-add, in their order, to `by_default`.
Capabilities wanted_capabilities(const Options& options,
                                 Capabilities by_default = kAllCapabilities);

/// Capabilities with which a process could undo the protection of its container: sys_admin can
/// change mounts, and sys_resource can change the limits of its user namespace.
inline constexpr Capabilities kMounting = Capabilities{1} << 21 | Capabilities{1} << 24;

/// The capabilities that COMMAND, or a program that it executes, can have. If COMMAND is not root
/// and set-user-ID programs do not work, these are only the ones that --cap-add names.
Capabilities obtainable_capabilities(const Options& options);

/// The capabilities that --cap-add names. A user other than root gets these and no others.
Capabilities added_capabilities(const Options& options);

}  // namespace nsrun

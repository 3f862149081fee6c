// Capabilities by their names, and which of them the options want: capabilities(7).
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// A set of capabilities, bit n for the one with number n.
using Capabilities = uint64_t;

/// All that there are, also those that this program has no name for.
inline constexpr Capabilities kAllCapabilities = ~Capabilities{0};

/// What both Docker and Podman give a container: chown, dac_override, fowner, fsetid, kill, setgid,
/// setuid, setpcap, net_bind_service, sys_chroot, setfcap. Bits as in <linux/capability.h>.
inline constexpr Capabilities kDefaultCapabilities = 0x800405fb;

/// "CAP_NET_ADMIN", "net_admin" or "all", in any case; 0 for what is none of them.
Capabilities parse_capability(const char* name);

/// Those that have a name here: by number, from 0 on.
inline constexpr unsigned kNamedCapabilities = 41;
const char* capability_name(unsigned number);

/// What COMMAND has if nothing is said: kDefaultCapabilities with a root of its own, otherwise all.
Capabilities default_capabilities(const Options& options);

/// What --cap-drop and --cap-add, in their order, make of what is there without them.
Capabilities wanted_capabilities(const Options& options,
                                 Capabilities by_default = kAllCapabilities);

/// Those that let a process undo what protects its container: sys_admin changes mounts, and
/// sys_resource the limits of its user namespace.
inline constexpr Capabilities kMounting = Capabilities{1} << 21 | Capabilities{1} << 24;

/// Those that COMMAND, or what it executes, can have: the wanted ones, or with --user, and without
/// set-user-ID programs, those that --cap-add names.
Capabilities obtainable_capabilities(const Options& options);

/// Those that --cap-add names one by one: what a user other than root is to have.
Capabilities added_capabilities(const Options& options);

}  // namespace nsrun

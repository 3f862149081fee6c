// Capabilities by their names: capabilities(7).
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

/// A set as the kernel shows it; all that it knows is all.
Capabilities kernel_capabilities(Capabilities shown);

/// "CAP_NET_ADMIN", "net_admin" or "all", in any case; 0 for what is none of them.
Capabilities parse_capability(const char* name);

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

/// Takes all others out of the bounding set, so that no program can get them: PR_CAPBSET_DROP.
void bound_capabilities(Capabilities wanted);

/// Gives up all others, and passes `inherited` on to a program that is not set-user-ID, whoever
/// runs it: capset(2), PR_CAP_AMBIENT. Nothing else stays inheritable (CVE-2022-29162).
void set_capabilities(Capabilities wanted, Capabilities inherited);

}  // namespace nsrun

// The loopback device of a new network namespace.
#pragma once

namespace nsrun {

/// Brings "lo" up; the kernel then gives it 127.0.0.1 and ::1. Wants CAP_NET_ADMIN over the network
/// namespace that this process is in, which is a new one: the device stays down where the caller
/// does not have that capability itself.
void bring_loopback_up();

}  // namespace nsrun

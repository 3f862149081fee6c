// The loopback device of a new network namespace.
#pragma once

namespace nsrun {

/// Brings "lo" up; the kernel then gives it 127.0.0.1 and ::1. Needs CAP_NET_ADMIN over the network
/// namespace that this process is in, which must be a new one. If the caller lacks that capability,
/// the device stays down.
void bring_loopback_up();

}  // namespace nsrun

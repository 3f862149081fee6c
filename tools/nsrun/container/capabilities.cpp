#include "tools/nsrun/container/capabilities.h"

#include "syscalls/ids.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

bool has(Capabilities set, unsigned number) { return (set >> number & 1) != 0; }

}  // namespace

void bound_capabilities(Capabilities wanted) {
  for (unsigned i = 0; i < 64; ++i) {
    if (has(wanted, i)) continue;
    const auto dropped = sys::prctl(PR_CAPBSET_DROP, i);
    if (dropped.error() == EINVAL) return;  // the kernel knows no higher number
    check(dropped, "drop capability", sys::Decimal(i).c_str());
  }
}

void set_capabilities(Capabilities wanted, Capabilities inherited) {
  sys::CapabilitySets sets{};
  check(sys::capget(sets), "capget");
  for (int half = 0; half < 2; ++half) {
    const auto permitted =
        static_cast<unsigned>(wanted >> (32 * half)) & sets.halves[half].permitted;
    sets.halves[half].permitted = permitted;
    sets.halves[half].effective = permitted;
    sets.halves[half].inheritable = static_cast<unsigned>(inherited >> (32 * half)) & permitted;
  }
  // Removes from the ambient set what is not inheritable any more (capabilities(7)).
  check(sys::capset(sets), "capset");
  for (unsigned i = 0; i < kNamedCapabilities; ++i) {
    if (!has(inherited, i) || (sets.halves[i / 32].inheritable >> i % 32 & 1) == 0) continue;
    check(sys::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i), "--cap-add", capability_name(i));
  }
}

}  // namespace nsrun

#include "tools/nsrun/host/launch.h"

#include "tools/nsrun/common/error.h"
#include "tools/nsrun/common/mapped.h"
#include "tools/nsrun/host/given_data.h"
#include "tools/nsrun/host/launch_by_clone.h"
#include "tools/nsrun/host/launch_by_stages.h"
#include "tools/nsrun/host/requirements.h"
#include "tools/nsrun/host/seal.h"
#include "tools/nsrun/host/watch.h"

namespace nsrun {

namespace {

// One clone makes the whole container where nobody is joined and nothing is asked for that has to
// happen between two stages. Root alone: others want help with the seal and the maps. Those who
// want to see what the stages do get stages.
bool wants_stages(const Options& options) {
  return !options.caller_is_root || options.namespaces.joins_any() ||
         options.namespaces.monotonic_offset != nullptr ||
         options.namespaces.boottime_offset != nullptr || options.process.cgroup != nullptr ||
         options.reporting.verbose;
}

// --nice with a higher priority than ours wants CAP_SYS_NICE in the first user namespace, which the
// container does not have. So this process takes the priority for as long as it starts the
// container, which inherits it. What is refused here the container is refused again, and says so.
class RaisedPriority {
 public:
  explicit RaisedPriority(const char* wanted) : own_(sys::nice()) {
    if (wanted == nullptr) return;
    const auto nice = static_cast<int>(sys::take_signed_decimal(wanted, 20).value);
    raised_ = nice < own_ && sys::set_nice(nice);
  }
  RaisedPriority(const RaisedPriority&) = delete;
  RaisedPriority& operator=(const RaisedPriority&) = delete;
  ~RaisedPriority() {
    if (raised_) (void)sys::set_nice(own_);
  }

 private:
  int own_;
  bool raised_ = false;
};

struct Launch {
  Launch(const stub::InitialStack& stack, const Options& options)
      : preparation(stack, options), watch(preparation) {}
  Preparation preparation;
  Watch watch;
};

}  // namespace

void launch(const stub::InitialStack& stack, const Options& options) {
  Launch& launch = *check(make_mapped<Launch>(stack, options), "mmap", "nsrun");
  // 1. What the options want of each other.
  require_namespaces(options);
  // 2. The way. Where one clone will do, this program may execute itself here, sealed.
  const bool by_clone = !wants_stages(options) && seal_self(stack, options);
  // 3. What can be wrong is said before anything is started.
  launch.preparation.open();
  launch.watch.open();
  // 4. The container. What the kernel refuses of a clone as a whole, the stages will say.
  Launched launched;
  {
    const RaisedPriority priority(options.process.nice);
    if (by_clone) launched = launch_by_clone(launch.preparation);
    if (!launched.is_running()) launched = launch_by_stages(launch.preparation);
  }
  close_given_descriptors(options);
  launch.preparation.mounts.reset();
  // 5. Its life.
  launch.watch.run(static_cast<Launched&&>(launched));
}

}  // namespace nsrun

#include "tools/nsrun/host/launch.h"

#include "tools/nsrun/command_line/kernel_namespaces.h"
#include "tools/nsrun/command_line/limits.h"
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

// One clone creates the whole container, if nothing is joined and no option needs a step between
// two stages. Only root can do that: other callers need help with sealing and with the id maps.
// --verbose shows what the stages do, so it gets stages.
bool wants_stages(const Options& options) {
  return !options.caller_is_root || options.namespaces.joins_any() ||
         options.namespaces.monotonic_offset != nullptr ||
         options.namespaces.boottime_offset != nullptr || options.process.cgroup != nullptr ||
         options.reporting.verbose;
}

// A higher priority than ours needs CAP_SYS_NICE in the initial user namespace, which the container
// lacks. So nsrun takes the priority itself while it starts the container, which inherits it. If
// the kernel refuses it here, it also refuses it in the container, which then reports the error.
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
  // 1. Check that the options fit together.
  require_namespaces(options);
  // 2. Choose the way. If one clone is enough, this program may execute itself again here, sealed.
  const char* const sealed = wants_stages(options) ? nullptr : seal_self(stack, options);
  if (sealed == nullptr) require_kernel(options);
  // 3. Find errors before anything is started.
  launch.preparation.open();
  launch.watch.open();
  // 4. Start the container. If the kernel refuses the clone, the stages try it and report why.
  Launched launched;
  // A hard limit that is higher than nsrun's needs CAP_SYS_RESOURCE in the initial user namespace,
  // which the container lacks. It inherits nsrun's.
  set_limits(options, Limits::kHardOnly);
  {
    const RaisedPriority priority(options.process.nice);
    if (sealed != nullptr) launched = launch_by_clone(launch.preparation, sealed);
    if (!launched.is_running()) launched = launch_by_stages(launch.preparation);
  }
  close_given_descriptors(options);
  launch.preparation.mounts.reset();
  // 5. Watch it until it ends.
  launch.watch.run(static_cast<Launched&&>(launched));
}

}  // namespace nsrun

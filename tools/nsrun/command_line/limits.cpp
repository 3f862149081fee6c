#include "tools/nsrun/command_line/limits.h"

#include "syscalls/process.h"
#include "tools/nsrun/command_line/option_reader.h"
#include "tools/nsrun/command_line/values.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

void set_limits(const Options& options, Limits which) {
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    ResourceLimit wanted;
    if (option.id != OptionId::kRlimit || !parse_resource_limit(option.value, wanted)) continue;
    sys::ResourceLimits own{wanted.soft, wanted.hard};
    if (which == Limits::kHardOnly) {
      (void)sys::get_resource_limits(wanted.resource, own);
      own.hard = wanted.hard;
    }
    const auto set = sys::set_resource_limits(wanted.resource, own);
    if (which == Limits::kBoth) check(set, option.name, option.value);
  }
}

}  // namespace nsrun

// Options whose first value is one of the caller's file descriptors. The file system is built from
// these descriptors.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What the descriptor provides.
enum class Given : unsigned char {
  kNothing,  ///< no such option
  kData,     ///< the data that can be read from it
  kTree,     ///< the directory or file that it refers to
};

constexpr Given given_by(OptionId id) {
  switch (id) {
    case OptionId::kFile:
    case OptionId::kBindData:
    case OptionId::kRoBindData:
      return Given::kData;
    case OptionId::kBindFd:
    case OptionId::kRoBindFd:
      return Given::kTree;
    default:
      return Given::kNothing;
  }
}

/// Calls `use` with each option that names a descriptor, and with the descriptor.
template <class Use>
void for_each_given(const Options& options, const Use& use) {
  for (OptionReader reader(options.argv); options.files.given && reader.next();) {
    const Option& option = reader.option();
    if (given_by(option.id) != Given::kNothing) use(option, parse_descriptor(option.value));
  }
}

}  // namespace nsrun

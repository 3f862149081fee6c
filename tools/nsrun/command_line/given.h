// Options whose first value is a file descriptor of the caller's, from which the file system is
// built.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What is given by the descriptor.
enum class Given : unsigned char {
  kNothing,  ///< no such option
  kData,     ///< what can be read from it
  kTree,     ///< the directory or file that it is
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

/// Calls `use` with each option that names a descriptor, and its number.
template <class Use>
void for_each_given(const Options& options, const Use& use) {
  for (OptionReader reader(options.argv); options.files.given && reader.next();) {
    const Option& option = reader.option();
    if (given_by(option.id) != Given::kNothing) use(option, parse_descriptor(option.value));
  }
}

}  // namespace nsrun

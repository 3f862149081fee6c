#include "tools/nsrun/command_line/shells.h"

#include "tools/nsrun/command_line/values.h"

namespace nsrun {

using sys::Text;

namespace {

bool is_shell(Text name) {
  constexpr char kShells[] = "sh\0bash\0dash\0ash\0zsh\0ksh\0mksh\0fish\0csh\0tcsh";
  for (size_t i = 0; i < 10; ++i) {
    if (name == Text::of(sys::entry(kShells, i))) return true;
  }
  return false;
}

// Whether the next argument is the value of a shell's option.
bool takes_value(const char* option) {
  return sys::same(option, "--rcfile") || sys::same(option, "--init-file") ||
         (*option != '\0' && sys::same(option + 1, "o"));
}

}  // namespace

bool is_interactive_shell(const char* const* command) {
  if (base_name(*command) == "busybox" && command[1] != nullptr) ++command;
  if (!is_shell(base_name(*command))) return false;
  while (*++command != nullptr) {
    const char* const argument = *command;
    if (*argument != '-' && *argument != '+') return false;  // a script
    if (*argument == '-' && argument[1] != '-' && Text::of(argument).contains('c')) return false;
    if (takes_value(argument) && *++command == nullptr) return true;
  }
  return true;
}

}  // namespace nsrun

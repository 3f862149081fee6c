#include "tools/nsrun/command_line/help.h"

#include "tools/nsrun/command_line/option_table.h"
#include "tools/nsrun/command_line/packed_text.h"

namespace nsrun {

namespace {

constexpr size_t kColumn = 26;   // the column in which an option's text begins
constexpr size_t kWidest = 100;  // characters of a line

// The compiler refuses a line that is too long.
constexpr void end_line(TextWriter& help) {
  if (help.column() > kWidest) __builtin_abort();
  help.put('\n');
}

constexpr void write_entry(TextWriter& help, const OptionEntry& entry) {
  help.put("  ");
  help.put(entry.names);
  if (*entry.values != '\0') help.put(' ');
  help.put(entry.values);
  if (help.column() + 1 > kColumn) end_line(help);
  for (const char* c = entry.help; *c != '\0'; ++c) {
    help.indent(kColumn);
    if (*c == '\n') {
      end_line(help);
    } else {
      help.put(*c);
    }
  }
  end_line(help);
}

constexpr void write_help(TextWriter& help) {
  help.put(
      "usage: nsrun [OPTION]... [--] COMMAND [ARGUMENT]...\n"
      "Run COMMAND in namespaces of its own. As the first process of an initramfs: see "
      "nsrun(1).\n\n");
  for (const OptionEntry& entry : kOptions) {
    if (entry.hidden) continue;
    if (entry.names != nullptr) {
      write_entry(help, entry);
    } else {
      help.put(entry.help);
      end_line(help);
    }
  }
  help.put(
      "\nExit status: that of COMMAND; 128+n if signal n ended it; 125 for nsrun's own errors; "
      "126 if\nCOMMAND cannot be executed; 127 if it is not found.\n");
}

constexpr auto kHelp = packed_text<write_help>();
static_assert(sizeof compiled_text<write_help>().characters <= kHelpRoom);

}  // namespace

void append_help(sys::StringBuilder& out) {
  append_unpacked(out, kHelp.pairs, {kHelp.bytes, sizeof kHelp.bytes});
}

}  // namespace nsrun

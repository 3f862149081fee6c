#include "tools/nsrun/command_line/option_reader.h"

#include "syscalls/namespaces.h"
#include "tools/nsrun/command_line/compiled_text.h"
#include "tools/nsrun/command_line/option_names.h"
#include "tools/nsrun/command_line/option_table.h"

namespace nsrun {

namespace {

constexpr void write_names(TextWriter& names) {
  for (const OptionEntry& entry : kOptions) {
    for (const char* c = entry.names; c != nullptr && *c != '\0'; ++c) {
      if (*c == ',') {
        names.put('\0');
      } else if (*c != ' ') {
        names.put(*c);
      }
    }
    if (entry.names != nullptr) names.put('\0');
  }
}
constexpr auto kNames = compiled_text<write_names>();

// The values that OptionEntry::wants has in the table, each once.
constexpr unsigned kWants[] = {0, CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWUSER | CLONE_NEWNS,
                               CLONE_NEWTIME};

// The other facts of a name that are needed at run time. Every start reads its command line several
// times, so a name that is not meant must be passed quickly: its length is here.
struct Facts {
  unsigned id : 6;  // an OptionId
  unsigned handler : 7;
  unsigned place : 9;
  unsigned value_count : 2;
  unsigned wants : 3;  // an index of kWants
  unsigned length : 5;
};
constexpr Facts facts_of(size_t index, size_t length) {
  const OptionEntry& entry = kOptions[index];
  unsigned value_count = *entry.values == '\0' ? 0 : 1;
  for (const char* c = entry.values; *c != '\0'; ++c) {
    if (*c == ' ') ++value_count;
  }
  unsigned wants = 0;
  while (kWants[wants] != entry.wants) ++wants;
  return {static_cast<unsigned>(entry.id) & 0x3f,
          static_cast<unsigned>(handler_of(index)) & 0x7f,
          static_cast<unsigned>(entry.place.offset) & 0x1ff,
          value_count & 3,
          wants & 7,
          static_cast<unsigned>(length) & 0x1f};
}
static_assert(sizeof(Facts) == 4 && sizeof(Options) <= 0x200);

constexpr size_t count_names() {
  size_t count = 0;
  for (const char c : kNames.characters) count += c == '\0' ? 1 : 0;
  return count - 1;
}
// Indexed by the position of the name in kNames.
struct FactsOfAll {
  Facts names[count_names()];
};
constexpr FactsOfAll facts_of_all() {
  FactsOfAll all{};
  size_t name = 0;
  size_t length = 0;
  for (size_t i = 0; i < kOptionCount; ++i) {
    if (kOptions[i].names == nullptr) continue;
    for (const char* c = kOptions[i].names;; ++c) {
      if (*c != ',' && *c != '\0') {
        length += *c == ' ' ? 0 : 1;
        continue;
      }
      all.names[name++] = facts_of(i, length);
      length = 0;
      if (*c == '\0') break;
    }
  }
  return all;
}
constexpr FactsOfAll kFacts = facts_of_all();

// Whether nothing was too large for its bits.
constexpr bool facts_fit() {
  size_t name = 0;
  size_t length = 0;
  for (const char c : kNames.characters) {
    if (c != '\0') {
      ++length;
    } else if (length != 0) {
      if (kFacts.names[name++].length != length) return false;
      length = 0;
    }
  }
  for (size_t i = 0; i < kOptionCount; ++i) {
    if (static_cast<unsigned>(kOptions[i].id) >= 0x40 || handler_of(i) >= 0x80) return false;
  }
  return true;
}
static_assert(facts_fit());

// Whether `argument` is `name` or "name=…". Then `rest` points to the text after the name. If
// `name` ends in TYPE, `flag` becomes the CLONE_NEW* flag of that namespace.
bool is_named(const char* argument, const char* name, const char*& rest, unsigned& flag) {
  rest = argument;
  while (*name != '\0' && *rest == *name) ++rest, ++name;
  if (*name == '\0') return *rest == '\0' || *rest == '=';
  if (*name != 'T') return false;  // no other capital letter is in a name
  flag = sys::namespace_flag(rest);
  rest = "";
  return flag != 0;
}

}  // namespace

const char* option_names() { return kNames.characters; }

bool OptionReader::find(const char* argument, const char*& rest) {
  // The first letter that tells names apart. The names of one letter end there: "-t", "-t=1".
  const bool is_short = argument[1] == '\0' || argument[2] == '=';
  const char letter = is_short ? '\0' : argument[2];
  const char* name = kNames.characters;
  for (const Facts& facts : kFacts.names) {
    unsigned flag = 0;
    if (name[2] == letter && is_named(argument, name, rest, flag)) {
      option_.id = static_cast<OptionId>(facts.id);
      option_.handler = facts.handler;
      option_.place = facts.place;
      option_.value_count = facts.value_count;
      option_.wants = kWants[facts.wants];
      option_.ns_flag = flag;
      if (flag == 0) option_.name = name;
      return true;
    }
    name += facts.length + 1;
  }
  return false;
}

const char* OptionReader::take_values(const char* rest) {
  const unsigned count = option_.value_count;
  if (*rest == '=') {
    if (count == 0) return "takes no value";
    if (count > 1) return "takes two values, each an argument";
    option_.value = rest + 1;
    return nullptr;
  }
  const char* const reason = count > 1 ? "needs two values" : "needs a value";
  if (count >= 1) {
    if (*cursor_ == nullptr) return reason;
    option_.value = *cursor_++;
  }
  if (count >= 2) {
    if (*cursor_ == nullptr) return reason;
    option_.second = *cursor_++;
  }
  if (option_.id == OptionId::kOverlay && option_.sources != 0) {
    if (*cursor_ == nullptr) return "needs three values after --overlay-src";
    option_.third = *cursor_++;
  }
  return nullptr;
}

bool OptionReader::next() {
  const char* const argument = *cursor_;
  if (wrong_ != nullptr || argument == nullptr || argument[0] != '-') return false;
  ++cursor_;
  if (sys::same(argument, "--")) return false;
  option_.sources = option_.id == OptionId::kOverlaySrc ? option_.sources + 1 : 0;
  // Member by member: assigning a whole Option would need a constant with pointers.
  option_.name = argument;
  option_.value = option_.second = option_.third = "";
  const char* rest = nullptr;
  wrong_ = find(argument, rest) ? take_values(rest) : kUnknownOption;
  return wrong_ == nullptr;
}

}  // namespace nsrun

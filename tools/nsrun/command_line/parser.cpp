#include "tools/nsrun/command_line/parser.h"

#include "stub/nsexec.h"
#include "stub/seal/names.h"
#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/command_line/given.h"
#include "tools/nsrun/command_line/option_table.h"

namespace nsrun {

namespace {

template <size_t... kIndices>
struct Indices {};

template <size_t kIndex>
[[gnu::always_inline]] inline bool call_if(size_t handler, Parser& parser) {
  if constexpr (kOptions[kIndex].take != nullptr && handler_of(kIndex) == kIndex) {
    if (handler == kIndex) {
      kOptions[kIndex].take(parser);
      return true;
    }
  }
  return false;
}

// Calls the handler with that number. It compares the number with each one, and the compiler makes
// a switch of that: a table of functions would have to be relocated.
template <size_t... kIndices>
void call_handler(size_t handler, Parser& parser, Indices<kIndices...> /*all*/) {
  (void)(call_if<kIndices>(handler, parser) || ...);
}

template <size_t kCount, size_t... kIndices>
constexpr auto first_indices() {
  if constexpr (kCount == 0) {
    return Indices<kIndices...>();
  } else {
    return first_indices<kCount - 1, kCount - 1, kIndices...>();
  }
}

}  // namespace

Options Parser::parse() {
  while (result_.wrong.reason == nullptr && reader_.next()) {
    if ((option().wants & CLONE_NEWNS) != 0) result_.files.mounts = true;
    call_handler(option().handler, *this, first_indices<kOptionCount>());
    check_modifiers();
  }
  if (reader_.wrong() != nullptr) {
    result_.wrong.option = reader_.option().name;
    result_.wrong.reason = reader_.wrong();
  }
  if (result_.wrong.reason == nullptr) finish_letters();
  if (*reader_.rest() != nullptr) result_.command = reader_.rest();
  if (modifier_ != nullptr) refuse_modifier();
  decide_root();
  decide_namespaces();
  return result_;
}

void Parser::refuse(const char* reason) { refuse_as(option().name, option().value, reason); }

void Parser::refuse_as(const char* name, const char* value, const char* reason) {
  if (result_.wrong.reason != nullptr) return;
  result_.wrong.option = name;
  result_.wrong.value = value;
  result_.wrong.reason = reason;
}

void Parser::take_path(const char*& place) {
  place = option().value;
  if (*place == '\0') refuse("not a path");
}

void Parser::take_number(const char*& place, int64_t least, int64_t most, const char* reason) {
  place = option().value;
  const char* cursor = place;
  const sys::Number number = sys::take_signed_decimal(cursor, most > -least ? most : -least);
  if (!number.valid || *cursor != '\0' || number.value < least || number.value > most) {
    refuse(reason);
  }
}

void Parser::take_descriptor(const char*& place) {
  take_number(place, 0, __INT_MAX__, "not a file descriptor");
}

// If both options are given, the last one counts.
void Parser::keep_id(bool keep) {
  result_.identity.keep_id = keep;
  result_.identity.map_root_user = !keep;
}

void Parser::take_id(const char*& place) {
  // 4294967295 means "no id".
  take_number(place, 0, 0xfffffffe, "not a number from 0 to 4294967294");
}

void Parser::check_descriptor() {
  const char* unused = nullptr;
  take_descriptor(unused);
}

void Parser::take_id_map(const char*& place) {
  place = option().value;
  const char* cursor = place;
  for (int field = 0;; ++field) {
    const bool last_of_three = field % 3 == 2;
    if (!sys::take_decimal(cursor, 0xffffffff).valid) break;
    if (last_of_three && *cursor == '\0') return;
    if (*cursor++ != (last_of_three ? ',' : ':')) break;
  }
  refuse("not of the form INSIDE:OUTSIDE:COUNT,...");
}

void Parser::create(unsigned namespaces) {
  result_.namespaces.create |= namespaces;
  result_.namespaces.create_given = true;
}

void Parser::take_namespaces() {
  const char* list = option().value;
  result_.namespaces.create_given = lists_namespaces_ = true;
  if (sys::same(list, "none")) return;
  if (sys::same(list, "all")) {
    result_.namespaces.create = sys::kAllNamespaces;
    return;
  }
  for (sys::Splitter names(sys::Text::of(list), ','); names.more();) {
    const sys::FixedString<8> name(names.next());
    const unsigned flag = name.truncated() ? 0 : sys::namespace_flag(name.c_str());
    if (flag == 0) refuse("not a list of cgroup,ipc,mnt,net,pid,time,user,uts");
    result_.namespaces.create |= flag;
  }
}

void Parser::take_letter() {
  // In the order of kNamespaceTypes. An array, because a Text would be a constant with a pointer.
  static constexpr char kLetters[] = "CimnpTUu";
  for (size_t i = 0; kLetters[i] != '\0'; ++i) {
    if (kLetters[i] == option().name[1]) result_.namespaces.typed |= sys::kNamespaceTypes[i].flag;
  }
}

void Parser::check_pid() {
  if (!sys::parse_decimal(option().value, __INT_MAX__).valid) refuse("not a pid");
}

// Without --target the letters name the types to create, with it those to join.
void Parser::finish_letters() {
  const NamespaceOptions& namespaces = result_.namespaces;
  if (namespaces.has_target && namespaces.typed == 0) {
    refuse_as("--target", nullptr,
              "names no type to join (-a for all, or -m -u -i -n -p -U -C -T)");
  }
  if (!namespaces.has_target && namespaces.typed != 0) create(namespaces.typed);
}

void Parser::take_time_offset() {
  const char* text = option().value;
  const char* seconds = text;
  while (*seconds != '\0' && *seconds != ':') ++seconds;
  const sys::Text clock(text, static_cast<size_t>(seconds - text));
  if (*seconds == ':') ++seconds;
  const char* cursor = seconds;
  const bool valid = sys::take_signed_decimal(cursor, 1'000'000'000'000).valid && *cursor == '\0';
  if (valid && clock == "monotonic") {
    result_.namespaces.monotonic_offset = seconds;
  } else if (valid && clock == "boottime") {
    result_.namespaces.boottime_offset = seconds;
  } else {
    refuse("not monotonic:SECONDS or boottime:SECONDS");
  }
}

void Parser::take_user() {
  UserIds ids;
  result_.identity.user = option().value;
  if (!parse_user(result_.identity.user, ids)) refuse("not of the form UID[:GID[,GROUP]...]");
}

void Parser::take_seal() {
  const char* name = option().value;
  for (unsigned char i = 0; i <= NSEXEC_SEAL_NONE; ++i) {
    // The stub refuses this strategy.
    if (i == NSEXEC_SEAL_UNLINKED_FILE) continue;
    if (!sys::same(name, sys::entry(stub::seal::names(), i))) continue;
    result_.seal = i;
    return;
  }
  refuse("not auto, a strategy or none");
}

void Parser::take_given() {
  const char* number = nullptr;
  take_descriptor(number);
  if (given_by(option().id) == Given::kData) {
    check_mount_point(option().second);
  } else {
    take_mount_point(option().second);
  }
  result_.files.given = true;
}

void Parser::take_id_mapped_bind() {
  take_mount_point(option().second);
  result_.files.id_mapped = true;
}

void Parser::take_propagation() {
  const sys::Text value = sys::Text::of(option().value);
  result_.files.slave = value == "slave" || value == "rslave";
  if (result_.files.slave || value == "private" || value == "rprivate") return;
  if (value == "shared" || value == "rshared" || value == "unchanged") {
    return refuse("the container's mounts would appear on the host; give slave or private");
  }
  refuse("not private or slave");
}

void Parser::check_chmod() {
  if (!parse_mode(option().value).valid) refuse("not an octal mode up to 07777");
  check_destination(option().second);
}

void Parser::check_assignment() {
  const char* value = option().value;
  if (*value == '=' || !sys::Text::of(value).contains('=')) refuse("not of the form NAME=VALUE");
}

void Parser::check_variable_name() {
  const char* value = option().value;
  if (*value == '\0' || sys::Text::of(value).contains('=')) refuse("not a name");
}

void Parser::check_resource_limit() {
  ResourceLimit limit;
  if (!parse_resource_limit(option().value, limit)) refuse("not of the form NAME=SOFT[:HARD]");
}

void Parser::check_capability() {
  if (parse_capability(option().value) == 0) refuse("not a capability or all");
}

void Parser::take_landlock() {
  result_.rights.landlock = true;
  if (*option().value == '\0') refuse("not a path");
}

Options parse_options(const char* const* argv) { return Parser(argv).parse(); }

}  // namespace nsrun

#include "tools/nsrun/options.h"

#include "stub/nsexec.h"

namespace nsrun {

namespace {

constexpr char kHelp[] =
    R"(usage: nsrun [OPTION]... [--] COMMAND [ARGUMENT]...
Run COMMAND in namespaces of its own.

Namespaces:
  --ns LIST             create these: cgroup,ipc,mnt,net,pid,time,user,uts; or all, none
                        (default: all; with --join: none; user is added for non-root)
  --join PID            join all namespaces of that process that differ from ours
  --join TYPE:PATH,...  join namespaces by their files

Identity:
  --uid-map IN:OUT:N,...  user ids of the new user namespace
  --gid-map IN:OUT:N,...  group ids
                        (default: root: all ids as they are; others: the caller is 0)

Container:
  --rootfs DIR          make DIR the root, with /proc, /dev and /tmp of its own
  --hostname NAME       set the host name (wants a new uts namespace)
  --oom-score-adj N     -1000 to 1000
  --time-offset CLOCK:SECONDS  monotonic or boottime (wants a new time namespace)

The binary (nsrun's own, in the container's reach while it sets up; CVE-2019-5736):
  --seal auto|HOW       make sure that nobody can write to it, by HOW: detached-mount, child-mount,
                        overlay, bind-mount, reflink, memfd, tmpfile, unlinked-file; or none
                        (default: auto, the first of these that works)

Reporting:
  --verbose             show what the stages do, with times
  --report              tell COMMAND in NSRUN_SETUP_US and NSRUN_OUTSIDE how it was set up
  --help, --version     print this, or the version, and exit

Exit status: that of COMMAND; 128+n if signal n ended it; 125 for nsrun's own errors; 126 if
COMMAND cannot be executed; 127 if it is not found.
)";

class Parser {
 public:
  explicit Parser(const char* const* argv) : cursor_(argv) {}
  Options parse();

 private:
  void option(const char* argument);
  bool is(const char* name, const char*& value);
  bool is_flag(const char* name, bool& flag);
  void refuse(const char* value, const char* reason);
  void namespaces(const char* list);
  void time_offset(const char* text);
  void id_map(const char* text);
  void oom_score_adj(const char* text);
  void seal(const char* name);

  const char* const* cursor_;
  const char* argument_ = nullptr;
  Options result_;
};

bool is_given(const char* text) { return text != nullptr; }

Options Parser::parse() {
  if (*cursor_ != nullptr) ++cursor_;  // argv[0]
  while (*cursor_ != nullptr && result_.wrong_reason == nullptr) {
    argument_ = *cursor_;
    if (argument_[0] != '-') break;
    ++cursor_;
    if (sys::same(argument_, "--")) break;
    option(argument_);
  }
  if (*cursor_ != nullptr) result_.command = cursor_;
  return result_;
}

void Parser::refuse(const char* value, const char* reason) {
  if (result_.wrong_reason != nullptr) return;
  result_.wrong_option = argument_;
  result_.wrong_value = value;
  result_.wrong_reason = reason;
}

// "--name VALUE" or "--name=VALUE".
bool Parser::is(const char* name, const char*& value) {
  const char* rest = argument_;
  while (*name != '\0' && *rest == *name) ++rest, ++name;
  if (*name != '\0' || (*rest != '\0' && *rest != '=')) return false;
  if (*rest == '=') {
    value = rest + 1;
  } else if (*cursor_ != nullptr) {
    value = *cursor_++;
  } else {
    refuse(nullptr, "needs a value");
  }
  return true;
}

bool Parser::is_flag(const char* name, bool& flag) {
  if (!sys::same(argument_, name)) return false;
  flag = true;
  return true;
}

void Parser::option(const char* argument) {
  const char* value = nullptr;
  if (is_flag("--verbose", result_.verbose) || is_flag("--report", result_.report) ||
      is_flag("--help", result_.help) || is_flag("-h", result_.help) ||
      is_flag("--version", result_.version)) {
    return;
  }
  if (is("--join", result_.join) || is("--rootfs", result_.rootfs) ||
      is("--hostname", result_.hostname)) {
    return;
  }
  if (is("--ns", value)) {
    if (is_given(value)) namespaces(value);
  } else if (is("--uid-map", result_.uid_map)) {
    id_map(result_.uid_map);
  } else if (is("--gid-map", result_.gid_map)) {
    id_map(result_.gid_map);
  } else if (is("--oom-score-adj", result_.oom_score_adj)) {
    oom_score_adj(result_.oom_score_adj);
  } else if (is("--seal", value)) {
    if (is_given(value)) seal(value);
  } else if (is("--time-offset", value)) {
    if (is_given(value)) time_offset(value);
  } else {
    argument_ = argument;
    refuse(nullptr, "unknown option");
  }
}

void Parser::namespaces(const char* list) {
  result_.create_given = true;
  if (sys::same(list, "none")) return;
  if (sys::same(list, "all")) {
    result_.create = sys::kAllNamespaces;
    return;
  }
  for (sys::Splitter names(sys::Text::of(list), ','); names.more();) {
    const sys::FixedString<8> name(names.next());
    const unsigned flag = name.truncated() ? 0 : sys::namespace_flag(name.c_str());
    if (flag == 0) refuse(list, "not a list of cgroup,ipc,mnt,net,pid,time,user,uts");
    result_.create |= flag;
  }
}

void Parser::id_map(const char* text) {
  if (!is_given(text)) return;
  const char* cursor = text;
  for (int field = 0;; ++field) {
    const bool last_of_three = field % 3 == 2;
    if (!sys::take_decimal(cursor, 0xffffffff).valid) break;
    if (last_of_three && *cursor == '\0') return;
    if (*cursor++ != (last_of_three ? ',' : ':')) break;
  }
  refuse(text, "not of the form INSIDE:OUTSIDE:COUNT,...");
}

void Parser::oom_score_adj(const char* text) {
  if (!is_given(text)) return;
  const char* cursor = text;
  const bool valid = sys::take_signed_decimal(cursor, 1000).valid && *cursor == '\0';
  if (!valid) refuse(text, "not a number from -1000 to 1000");
}

void Parser::seal(const char* name) {
  // By NSEXEC_SEAL_*. Static: see kDevices in rootfs.cpp.
  static constexpr char kNames[] =
      "auto\0detached-mount\0child-mount\0overlay\0bind-mount\0reflink\0memfd\0tmpfile\0"
      "unlinked-file\0none";
  for (unsigned char i = 0; i <= NSEXEC_SEAL_NONE; ++i) {
    if (!sys::same(name, sys::entry(kNames, i))) continue;
    result_.seal = i;
    return;
  }
  refuse(name, "not auto, a strategy or none");
}

void Parser::time_offset(const char* text) {
  const char* seconds = text;
  while (*seconds != '\0' && *seconds != ':') ++seconds;
  const sys::Text clock(text, static_cast<size_t>(seconds - text));
  if (*seconds == ':') ++seconds;
  const char* cursor = seconds;
  const bool valid = sys::take_signed_decimal(cursor, 1'000'000'000'000).valid && *cursor == '\0';
  if (valid && clock == "monotonic") {
    result_.monotonic_offset = seconds;
  } else if (valid && clock == "boottime") {
    result_.boottime_offset = seconds;
  } else {
    refuse(text, "not monotonic:SECONDS or boottime:SECONDS");
  }
}

}  // namespace

const char* help_text() { return kHelp; }

Options parse_options(const char* const* argv) { return Parser(argv).parse(); }

}  // namespace nsrun

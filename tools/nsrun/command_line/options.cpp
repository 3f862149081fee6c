#include "tools/nsrun/command_line/options.h"

#include "stub/nsexec.h"
#include "tools/nsrun/command_line/capabilities.h"

namespace nsrun {

namespace {

constexpr char kHelp[] =
    R"(usage: nsrun [OPTION]... [--] COMMAND [ARGUMENT]...
Run COMMAND in namespaces of its own. As the first process of an initramfs: see nsrun(1).

Namespaces (cgroup, ipc, mnt, net, pid, time, user, uts):
  --ns LIST               create these; or all, none (default: all; with --join: none; for others
                          than root always user)
  --unshare-TYPE, --unshare-all, --share-TYPE    create that one, all, all but that one
  --join PID|TYPE:PATH,.. join those of a process that differ from ours, or by their files; COMMAND
                          gets no more capabilities than that process can have
  --time-offset CLOCK:SECONDS                    CLOCK: monotonic or boottime
Identity (default: root has all ids as they are, others are 0):
  --map-root-user         the caller is 0, and nobody else is there
  --map-auto              the same, and 1 and up are those of /etc/subuid and /etc/subgid
  --uid-map IN:OUT:N,...  --gid-map IN:OUT:N,... these
  --user UID[:GID[,GROUP]...]  run COMMAND as these (GID: as UID)
File systems (in the order given; DEST is inside of the root and made where it is missing):
  --rootfs DIR            the root; it gets /proc, /dev and /tmp of its own
  --overlay LOWER[:LOWER]...[,UPPER,WORK] DEST   layers, thrown away without UPPER; DEST may be /
  --bind SRC DEST, --ro-bind SRC DEST            a directory or file of the host's
  --tmpfs DEST, --proc DEST, --dev DEST, --mqueue DEST, --dir DEST, --symlink TARGET DEST
  --chdir DIR             where COMMAND starts (default: / with a root, else here)
  --read-only             the root
  --no-mask               leave /proc as it is (default: parts are hidden or read-only, as in OCI)
Process:
  --env NAME=VALUE, --unset-env NAME, --clear-env
  --hostname NAME, --domainname NAME
  --rlimit NAME=SOFT[:HARD]                      NAME: nofile, ...; a number or unlimited
  --cap-drop CAP|all, --cap-add CAP|all          in the order given (default: see nsrun(1))
  --no-new-privs, --new-privs                    whether set-user-ID programs work (default: no)
  --seccomp FD            a filter, as struct sock_filter
  --keep-fds              leave descriptors from 3 on open (default: closed with a root of its own)
  --keep-keyring          keep the caller's session keyring (default: a new one)
  --oom-score-adj N, --nice N
  --die-with-parent       kill it when nsrun dies
  --new-session           accepted: it always has one
  --tty                   a terminal of its own
  --init                  a first process that reaps, and passes signals on to COMMAND
Resources:
  --cgroup PATH           born in it; made where it is missing; below the cgroup2 mount or absolute
nsrun's own binary, in the container's reach while it sets up (CVE-2019-5736):
  --seal auto|HOW         HOW: detached-mount, child-mount, overlay, bind-mount, reflink, memfd,
                          tmpfile; or none (default: auto, the first that works)
Reporting:
  --pid-file PATH, --info-fd FD                  the pid; pid and namespaces as JSON
  --verbose, --quiet      show what the stages do, with times; errors alone
  --report                tell COMMAND in NSRUN_OUTSIDE, _SETUP_US, _SEALED how it was set up
  --supervise FILE        run the containers of a file like /etc/nsrun.conf
  --help, --version

Exit status: that of COMMAND; 128+n if signal n ended it; 125 for nsrun's own errors; 126 if
COMMAND cannot be executed; 127 if it is not found.
)";

// Every option but --unshare-TYPE and --share-TYPE, and how many values it takes.
struct Known {
  char name[18];  // of "--die-with-parent" and its NUL
  OptionId id;
  unsigned char values;
};
constexpr Known kKnown[] = {
    {"--ns", OptionId::kNs, 1},
    {"--unshare-all", OptionId::kUnshareAll, 0},
    {"--join", OptionId::kJoin, 1},
    {"--time-offset", OptionId::kTimeOffset, 1},
    {"--map-root-user", OptionId::kMapRootUser, 0},
    {"--map-auto", OptionId::kMapAuto, 0},
    {"--uid-map", OptionId::kUidMap, 1},
    {"--gid-map", OptionId::kGidMap, 1},
    {"--user", OptionId::kUser, 1},
    {"--rootfs", OptionId::kRootfs, 1},
    {"--bind", OptionId::kBind, 2},
    {"--ro-bind", OptionId::kRoBind, 2},
    {"--tmpfs", OptionId::kTmpfs, 1},
    {"--proc", OptionId::kProc, 1},
    {"--dev", OptionId::kDev, 1},
    {"--mqueue", OptionId::kMqueue, 1},
    {"--overlay", OptionId::kOverlay, 2},
    {"--symlink", OptionId::kSymlink, 2},
    {"--dir", OptionId::kDir, 1},
    {"--chdir", OptionId::kChdir, 1},
    {"--read-only", OptionId::kReadOnly, 0},
    {"--no-mask", OptionId::kNoMask, 0},
    {"--keep-fds", OptionId::kKeepFds, 0},
    {"--keep-keyring", OptionId::kKeepKeyring, 0},
    {"--env", OptionId::kEnv, 1},
    {"--unset-env", OptionId::kUnsetEnv, 1},
    {"--clear-env", OptionId::kClearEnv, 0},
    {"--hostname", OptionId::kHostname, 1},
    {"--domainname", OptionId::kDomainname, 1},
    {"--rlimit", OptionId::kRlimit, 1},
    {"--cap-drop", OptionId::kCapDrop, 1},
    {"--cap-add", OptionId::kCapAdd, 1},
    {"--no-new-privs", OptionId::kNoNewPrivs, 0},
    {"--new-privs", OptionId::kNewPrivs, 0},
    {"--seccomp", OptionId::kSeccomp, 1},
    {"--oom-score-adj", OptionId::kOomScoreAdj, 1},
    {"--nice", OptionId::kNice, 1},
    {"--die-with-parent", OptionId::kDieWithParent, 0},
    {"--new-session", OptionId::kNewSession, 0},
    {"--tty", OptionId::kTty, 0},
    {"--init", OptionId::kInit, 0},
    {"--cgroup", OptionId::kCgroup, 1},
    {"--pid-file", OptionId::kPidFile, 1},
    {"--info-fd", OptionId::kInfoFd, 1},
    {"--seal", OptionId::kSeal, 1},
    {"--verbose", OptionId::kVerbose, 0},
    {"--quiet", OptionId::kQuiet, 0},
    {"--report", OptionId::kReport, 0},
    {"--supervise", OptionId::kSupervise, 1},
    {"--help", OptionId::kHelp, 0},
    {"--version", OptionId::kVersion, 0},
};

// setrlimit(2)'s resources by their number, which all our machines share.
constexpr char kResources[] =
    "cpu\0fsize\0data\0stack\0core\0rss\0nproc\0nofile\0memlock\0as\0locks\0sigpending\0msgqueue\0"
    "nice\0rtprio\0rttime";
constexpr unsigned kResourceCount = 16;

class Parser {
 public:
  explicit Parser(const char* const* argv) : reader_(argv) { result_.argv = argv; }
  Options parse();

 private:
  void take(const Option& option);
  void take_path(const Option& option, const char*& place);
  void refuse(const char* reason);
  void namespaces(const char* list);
  void time_offset(const char* text);
  void id_map(const char* text);
  void number(const char* text, int64_t least, int64_t most, const char* reason);
  void seal(const char* name);
  void destination(const char* path);

  OptionReader reader_;
  Options result_;
};

Options Parser::parse() {
  while (result_.wrong_reason == nullptr && reader_.next()) take(reader_.option());
  if (reader_.wrong() != nullptr) {
    result_.wrong_option = reader_.option().name;
    result_.wrong_reason = reader_.wrong();
  }
  if (*reader_.rest() != nullptr) result_.command = reader_.rest();
  return result_;
}

void Parser::refuse(const char* reason) {
  if (result_.wrong_reason != nullptr) return;
  const Option& option = reader_.option();
  result_.wrong_option = option.name;
  result_.wrong_value = option.value;
  result_.wrong_reason = reason;
}

void Parser::take(const Option& option) {  // NOLINT(readability-function-size): a list
  const char* value = option.value;
  switch (option.id) {
    case OptionId::kNs:
      return namespaces(value);
    case OptionId::kUnshareAll:
      result_.create |= sys::kAllNamespaces;
      result_.create_given = true;
      return;
    case OptionId::kUnshare:
      result_.create |= option.ns_flag;
      result_.create_given = true;
      return;
    case OptionId::kShare:
      result_.shared |= option.ns_flag;
      return;
    case OptionId::kJoin:
      result_.joins = true;
      return;
    case OptionId::kTimeOffset:
      return time_offset(value);
    case OptionId::kMapRootUser:
      result_.map_root_user = true;
      return;
    case OptionId::kMapAuto:
      result_.map_auto = true;
      return;
    case OptionId::kUidMap:
      result_.uid_map = value;
      return id_map(value);
    case OptionId::kGidMap:
      result_.gid_map = value;
      return id_map(value);
    case OptionId::kUser: {
      UserIds ids;
      result_.user = value;
      if (!parse_user(value, ids)) refuse("not of the form UID[:GID[,GROUP]...]");
      return;
    }
    case OptionId::kRootfs:
      result_.mounts = true;
      return take_path(option, result_.rootfs);
    case OptionId::kOverlay:
      result_.overlay_root = result_.overlay_root || sys::same(option.second, "/");
      [[fallthrough]];
    case OptionId::kBind:
    case OptionId::kRoBind:
    case OptionId::kSymlink:
      return destination(option.second);
    case OptionId::kTmpfs:
    case OptionId::kProc:
    case OptionId::kDev:
    case OptionId::kMqueue:
    case OptionId::kDir:
      return destination(value);
    case OptionId::kChdir:
      return take_path(option, result_.chdir);
    case OptionId::kReadOnly:
      result_.read_only = true;
      return;
    case OptionId::kNoMask:
      result_.mask = false;
      return;
    case OptionId::kKeepFds:
      result_.keep_fds = true;
      return;
    case OptionId::kKeepKeyring:
      result_.keep_keyring = true;
      return;
    case OptionId::kEnv:
      if (*value == '=' || !sys::Text::of(value).contains('=')) {
        refuse("not of the form NAME=VALUE");
      }
      return;
    case OptionId::kUnsetEnv:
      if (*value == '\0' || sys::Text::of(value).contains('=')) refuse("not a name");
      return;
    case OptionId::kClearEnv:
    case OptionId::kNewSession:
      return;
    case OptionId::kHostname:
      result_.hostname = value;
      return;
    case OptionId::kDomainname:
      result_.domainname = value;
      return;
    case OptionId::kRlimit: {
      ResourceLimit limit;
      if (!parse_resource_limit(value, limit)) refuse("not of the form NAME=SOFT[:HARD]");
      return;
    }
    case OptionId::kCapDrop:
    case OptionId::kCapAdd:
      result_.has_capabilities = true;
      if (parse_capability(value) == 0) refuse("not a capability or all");
      return;
    case OptionId::kNoNewPrivs:
      result_.new_privs = false;
      return;
    case OptionId::kNewPrivs:
      result_.new_privs = true;
      return;
    case OptionId::kSeccomp:
      result_.seccomp = value;
      return number(value, 0, __INT_MAX__, "not a file descriptor");
    case OptionId::kOomScoreAdj:
      result_.oom_score_adj = value;
      return number(value, -1000, 1000, "not a number from -1000 to 1000");
    case OptionId::kNice:
      result_.nice = value;
      return number(value, -20, 19, "not a number from -20 to 19");
    case OptionId::kDieWithParent:
      result_.die_with_parent = true;
      return;
    case OptionId::kTty:
      result_.tty = true;
      return;
    case OptionId::kInit:
      result_.init = true;
      return;
    case OptionId::kCgroup:
      return take_path(option, result_.cgroup);
    case OptionId::kPidFile:
      return take_path(option, result_.pid_file);
    case OptionId::kInfoFd:
      result_.info_fd = value;
      return number(value, 0, __INT_MAX__, "not a file descriptor");
    case OptionId::kSeal:
      return seal(value);
    case OptionId::kVerbose:
      result_.verbose = true;
      return;
    case OptionId::kQuiet:
      result_.quiet = true;
      return;
    case OptionId::kReport:
      result_.report = true;
      return;
    case OptionId::kSupervise:
      return take_path(option, result_.supervise);
    case OptionId::kHelp:
      result_.help = true;
      return;
    case OptionId::kVersion:
      result_.version = true;
      return;
  }
}

void Parser::take_path(const Option& option, const char*& place) {
  place = option.value;
  if (*place == '\0') refuse("not a path");
}

void Parser::destination(const char* path) {
  result_.mounts = true;
  if (*path != '/') refuse("wants an absolute path inside of the container");
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
    if (flag == 0) refuse("not a list of cgroup,ipc,mnt,net,pid,time,user,uts");
    result_.create |= flag;
  }
}

void Parser::id_map(const char* text) {
  const char* cursor = text;
  for (int field = 0;; ++field) {
    const bool last_of_three = field % 3 == 2;
    if (!sys::take_decimal(cursor, 0xffffffff).valid) break;
    if (last_of_three && *cursor == '\0') return;
    if (*cursor++ != (last_of_three ? ',' : ':')) break;
  }
  refuse("not of the form INSIDE:OUTSIDE:COUNT,...");
}

void Parser::number(const char* text, int64_t least, int64_t most, const char* reason) {
  const char* cursor = text;
  const sys::Number number = sys::take_signed_decimal(cursor, most > -least ? most : -least);
  if (!number.valid || *cursor != '\0' || number.value < least || number.value > most) {
    refuse(reason);
  }
}

void Parser::seal(const char* name) {
  // By NSEXEC_SEAL_*, without the one that the stub refuses. Static: see mount_proc() in
  // rootfs.cpp.
  static constexpr char kNames[] =
      "auto\0detached-mount\0child-mount\0overlay\0bind-mount\0reflink\0memfd\0tmpfile\0\0none";
  for (unsigned char i = 0; i <= NSEXEC_SEAL_NONE; ++i) {
    if (i == NSEXEC_SEAL_UNLINKED_FILE || !sys::same(name, sys::entry(kNames, i))) continue;
    result_.seal = i;
    return;
  }
  refuse("not auto, a strategy or none");
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
    refuse("not monotonic:SECONDS or boottime:SECONDS");
  }
}

// Whether `argument` is `name` or "name=…"; then `rest` is what stands behind the name.
bool is_named(const char* argument, const char* name, const char*& rest) {
  rest = argument;
  while (*name != '\0' && *rest == *name) ++rest, ++name;
  return *name == '\0' && (*rest == '\0' || *rest == '=');
}

// The namespace of "--unshare-net", where `prefix` is "--unshare-"; 0: it is none.
unsigned named_namespace(const char* argument, sys::Text prefix) {
  const sys::Text text = sys::Text::of(argument);
  return text.starts_with(prefix) ? sys::namespace_flag(argument + prefix.size()) : 0;
}

}  // namespace

bool OptionReader::take_values(int count) {
  if (count >= 1) {
    if (*cursor_ == nullptr) return false;
    option_.value = *cursor_++;
  }
  if (count >= 2) {
    if (*cursor_ == nullptr) return false;
    option_.second = *cursor_++;
  }
  return true;
}

bool OptionReader::next() {
  const char* argument = *cursor_;
  if (wrong_ != nullptr || argument == nullptr || argument[0] != '-') return false;
  ++cursor_;
  if (sys::same(argument, "--")) return false;
  option_.name = argument;
  option_.value = option_.second = "";
  if (sys::same(argument, "-h")) argument = "--help";
  if (const unsigned flag = named_namespace(argument, "--unshare-"); flag != 0) {
    option_.id = OptionId::kUnshare;
    option_.ns_flag = flag;
    return true;
  }
  if (const unsigned flag = named_namespace(argument, "--share-"); flag != 0) {
    option_.id = OptionId::kShare;
    option_.ns_flag = flag;
    return true;
  }
  for (const Known& known : kKnown) {
    const char* rest = nullptr;
    if (!is_named(argument, known.name, rest)) continue;
    option_.name = known.name;
    option_.id = known.id;
    if (*rest == '=' && known.values != 1) {
      wrong_ = known.values == 0 ? "takes no value" : "takes two values, each an argument";
      return false;
    }
    if (*rest == '=') {
      option_.value = rest + 1;
    } else if (!take_values(known.values)) {
      wrong_ = known.values == 2 ? "needs two values" : "needs a value";
      return false;
    }
    return true;
  }
  wrong_ = "unknown option";
  return false;
}

bool parse_user(const char* text, UserIds& ids) {
  constexpr int64_t kMost = 0xfffffffe;  // all ones is "no id"
  const char* cursor = text;
  const sys::Number uid = sys::take_decimal(cursor, kMost);
  if (!uid.valid) return false;
  ids.uid = ids.gid = static_cast<unsigned>(uid.value);
  if (*cursor == '\0') return true;
  if (*cursor++ != ':') return false;
  const sys::Number gid = sys::take_decimal(cursor, kMost);
  if (!gid.valid) return false;
  ids.gid = static_cast<unsigned>(gid.value);
  while (*cursor == ',') {
    const sys::Number group = sys::take_decimal(++cursor, kMost);
    if (!group.valid || ids.group_count == UserIds::kMostGroups) return false;
    ids.groups[ids.group_count++] = static_cast<unsigned>(group.value);
  }
  return *cursor == '\0';
}

namespace {

// A number, or "unlimited"; moves the cursor behind it.
bool take_limit(const char*& cursor, uint64_t& limit) {
  constexpr sys::Text kUnlimited = "unlimited";
  if (sys::Text::of(cursor).starts_with(kUnlimited)) {
    cursor += kUnlimited.size();
    limit = ~uint64_t{0};
    return true;
  }
  const sys::Number number = sys::take_decimal(cursor, __INT64_MAX__ / 10 - 9);
  limit = static_cast<uint64_t>(number.value);
  return number.valid;
}

}  // namespace

bool parse_resource_limit(const char* text, ResourceLimit& limit) {
  const size_t size = sys::Text::of(text).find('=');
  const sys::FixedString<16> name(sys::Text(text, size));
  while (limit.resource < kResourceCount &&
         !sys::same(name.c_str(), sys::entry(kResources, limit.resource))) {
    ++limit.resource;
  }
  if (limit.resource == kResourceCount || text[size] != '=') return false;
  const char* cursor = text + size + 1;
  if (!take_limit(cursor, limit.soft)) return false;
  limit.hard = limit.soft;
  if (*cursor == ':' && !take_limit(++cursor, limit.hard)) return false;
  return *cursor == '\0' && limit.soft <= limit.hard;
}

const char* help_text() { return kHelp; }

Options parse_options(const char* const* argv) { return Parser(argv).parse(); }

}  // namespace nsrun

// Options about the file system, and what they decide about the root when taken together.
#include "tools/nsrun/command_line/given.h"
#include "tools/nsrun/command_line/parser.h"

namespace nsrun {

namespace {

// Directories of programs and their libraries. A mount on one of them shows that the options build
// the root piece by piece.
constexpr char kProgramDirectories[] =
    "/usr\0/bin\0/sbin\0/lib\0/lib32\0/lib64\0/libx32\0/usr/bin\0/usr/lib\0/nix\0/nix/store\0"
    "/gnu/store\0";

bool is_program_directory(const char* path) {
  // "/usr/", "//usr" and "usr" are the same directory.
  sys::FixedString<16> plain;
  for (sys::Splitter names(sys::Text::of(path), '/'); names.more();) {
    const sys::Text name = names.next();
    if (!name.empty()) plain << "/" << name;
  }
  for (const char* known = kProgramDirectories; *known != '\0'; known += sys::length(known) + 1) {
    if (sys::same(plain.c_str(), known)) return true;
  }
  return false;
}

bool is_called_bwrap(const char* const* argv) {
  return *argv != nullptr && base_name(*argv) == "bwrap";
}

bool takes_perms(OptionId id) {
  return id == OptionId::kTmpfs || id == OptionId::kDir || given_by(id) == Given::kData;
}

}  // namespace

void Parser::check_destination(const char* path) {
  if (*path == '\0') refuse("must be a path inside the container");
  if (*path != '/' && hints_.relative == nullptr) {
    hints_.relative = option().name;
    hints_.relative_value = option().value;
  }
}

void Parser::check_mount_point(const char* path) {
  check_destination(path);
  if (is_root(path)) refuse("cannot be the root");
}

void Parser::take_mount_point(const char* path) {
  check_destination(path);
  if (is_root(path)) hints_.is_mounted = true;
}

void Parser::take_tree(const char* path) {
  take_mount_point(path);
  if (is_program_directory(path)) hints_.is_laid_out = true;
}

void Parser::take_symlink() {
  const char* const path = option().second;
  check_mount_point(path);
  if (depth_of(path) == 1) hints_.is_laid_out = true;
}

void Parser::take_overlay() {
  if (option().sources != 0) return take_mount_point(option().third);
  check_destination(option().second);
  if (is_root(option().second)) result_.files.overlay_root = true;
}

void Parser::take_overlay_of_sources(const char* path, unsigned least) {
  if (option().sources < least) {
    refuse(least == 1 ? "wants --overlay-src before it" : "wants two --overlay-src before it");
  }
  take_tree(path);
}

void Parser::take_size() {
  modifier_ = option().name;
  const sys::Number size = sys::parse_decimal(option().value, __INT64_MAX__ / 10 - 9);
  if (!size.valid || size.value == 0) refuse("not a number of bytes");
}

void Parser::take_perms() {
  modifier_ = option().name;
  if (!parse_mode(option().value).valid) refuse("not an octal mode up to 07777");
}

// --size and --perms must come right before the option that they apply to.
void Parser::check_modifiers() {
  const OptionId id = option().id;
  if (modifier_ == nullptr || id == OptionId::kSize || id == OptionId::kPerms) return;
  const bool is_size = sys::same(modifier_, "--size");
  if (!(id == OptionId::kTmpfs || (!is_size && takes_perms(id)))) return refuse_modifier();
  modifier_ = nullptr;
}

void Parser::refuse_modifier() {
  refuse_as(modifier_, nullptr,
            sys::same(modifier_, "--size")
                ? "wants --tmpfs right after it"
                : "wants an option right after it that makes a directory or a file");
}

// The root is the host's root unless the options give another one: --rootfs, --overlay or a mount
// on /, --empty-root, or the name bwrap. Binding a directory of programs, or making a symlink
// directly in /, also means an empty root: in the host's root neither would make sense.
void Parser::decide_root() {
  FileOptions& files = result_.files;
  const bool is_taken = files.rootfs != nullptr || files.overlay_root;
  const bool is_asked = hints_.asked == RootHints::kEmpty;
  if (is_taken && (hints_.is_mounted || hints_.asked != RootHints::kNothing)) {
    const char* const again = is_asked ? "--empty-root" : "--host-root";
    refuse_as(hints_.is_mounted ? "mount on /" : again, nullptr,
              "--rootfs or --overlay has given the root already");
  }
  if (hints_.asked == RootHints::kHost && hints_.is_mounted) {
    refuse_as("--host-root", nullptr, "a mount on / gives another root");
  }
  const bool is_empty = is_asked || hints_.is_laid_out || is_called_bwrap(result_.argv);
  files.assembled =
      !is_taken && hints_.asked != RootHints::kHost && (hints_.is_mounted || is_empty);
  if (!result_.has_root() && hints_.relative != nullptr) {
    refuse_as(hints_.relative, hints_.relative_value,
              "must be an absolute path inside the container");
  }
}

// Options that mount need a mount namespace. As with bwrap, they get one even if an option such as
// --unshare-net names other namespaces only. Under the name bwrap, nsrun creates no namespaces
// besides this one and those that the options name, and keeps the caller's ids.
void Parser::decide_namespaces() {
  NamespaceOptions& namespaces = result_.namespaces;
  if (is_called_bwrap(result_.argv)) {
    namespaces.create_given = true;
    IdentityOptions& identity = result_.identity;
    identity.keep_id |= !identity.map_root_user && !identity.map_auto;
    if (!lists_namespaces_) namespaces.create |= CLONE_NEWNS;
  }
  const bool by_name = namespaces.create_given && !lists_namespaces_;
  if (by_name && result_.files.mounts) namespaces.create |= CLONE_NEWNS;
}

}  // namespace nsrun

#include "tools/nsrun/command_line/capabilities.h"

namespace nsrun {

namespace {

// Indexed by number: <linux/capability.h>.
constexpr char kNames[] =
    "chown\0dac_override\0dac_read_search\0fowner\0fsetid\0kill\0setgid\0setuid\0setpcap\0"
    "linux_immutable\0net_bind_service\0net_broadcast\0net_admin\0net_raw\0ipc_lock\0ipc_owner\0"
    "sys_module\0sys_rawio\0sys_chroot\0sys_ptrace\0sys_pacct\0sys_admin\0sys_boot\0sys_nice\0"
    "sys_resource\0sys_time\0sys_tty_config\0mknod\0lease\0audit_write\0audit_control\0setfcap\0"
    "mac_override\0mac_admin\0syslog\0wake_alarm\0block_suspend\0audit_read\0perfmon\0bpf\0"
    "checkpoint_restore";

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// Whether `text`, in upper or lower case, is `name`.
constexpr bool is_called(const char* text, const char* name) {
  // NOLINTNEXTLINE(clang-analyzer-core.*): it does not see what a StringBuilder writes
  while (*text != '\0' && lower(*text) == *name) ++text, ++name;
  return *text == *name;
}

}  // namespace

Capabilities parse_capability(const char* name) {
  if (is_called(name, "all")) return kAllCapabilities;
  const sys::FixedString<5> prefix(sys::Text::of(name));
  const char* rest = is_called(prefix.c_str(), "cap_") ? name + 4 : name;
  for (unsigned i = 0; i < kNamedCapabilities; ++i) {
    if (is_called(rest, sys::entry(kNames, i))) return Capabilities{1} << i;
  }
  return 0;
}

const char* capability_name(unsigned number) { return sys::entry(kNames, number); }

Capabilities default_capabilities(const Options& options) {
  return options.has_root() ? kDefaultCapabilities : kAllCapabilities;
}

Capabilities wanted_capabilities(const Options& options, Capabilities by_default) {
  Capabilities wanted = by_default;
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id == OptionId::kCapDrop) wanted &= ~parse_capability(option.value);
    if (option.id == OptionId::kCapAdd) wanted |= parse_capability(option.value);
  }
  return wanted;
}

Capabilities added_capabilities(const Options& options) {
  Capabilities added = 0;
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.id == OptionId::kCapDrop) added &= ~parse_capability(option.value);
    if (option.id == OptionId::kCapAdd) added |= parse_capability(option.value);
  }
  return added;
}

Capabilities obtainable_capabilities(const Options& options) {
  const Capabilities wanted = wanted_capabilities(options, default_capabilities(options));
  UserIds ids;
  ids.uid = options.lacks_root() ? options.own_uid.inside : 0;
  const bool is_root = options.identity.user == nullptr
                           ? ids.uid == 0
                           : !parse_user(options.identity.user, ids) || ids.uid == 0;
  return is_root || options.rights.new_privs ? wanted : wanted & added_capabilities(options);
}

}  // namespace nsrun

#include "tools/nsrun/host/requirements.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

namespace {

void require(const Options& options, const char* option, const char* value, unsigned flag) {
  if (options.creates(flag)) return;
  sys::FixedString<48> reason;
  reason << "wants a new";
  sys::append_names(reason, flag & ~options.namespaces_to_create());
  reason << " namespace";
  fail(option, *value == '\0' ? nullptr : value, reason.c_str());
}

void require_identity(const Options& options) {
  const NamespaceOptions& namespaces = options.namespaces;
  const bool all = (namespaces.create & sys::kAllNamespaces) == sys::kAllNamespaces;
  const bool new_user = namespaces.create_given && (namespaces.create & CLONE_NEWUSER) != 0;
  if (namespaces.userns != nullptr && new_user && !all) {
    fail("--userns", namespaces.userns, "not together with a new user namespace");
  }
  if (options.rights.disable_userns) require(options, "--disable-userns", "", CLONE_NEWNS);
  if (options.identity.map_auto && options.own_uid.inside != 0) {
    fail("--map-auto", nullptr, "maps the caller to 0: not with --keep-id, --uid or --gid");
  }
}

}  // namespace

void require_namespaces(const Options& options) {
  for (OptionReader reader(options.argv); reader.next();) {
    const Option& option = reader.option();
    if (option.wants != 0) require(options, option.name, option.value, option.wants);
  }
  require_identity(options);
  if (options.files.read_only && !options.has_root()) {
    fail("--read-only", nullptr, "wants --rootfs, or --overlay on /");
  }
  if (options.files.resolv_conf && !options.has_root()) {
    fail("--resolv-conf", nullptr, "wants --rootfs, or --overlay on /");
  }
  // The uts namespace may be joined and not created.
  if (options.namespaces.joins) return;
  const ProcessOptions& process = options.process;
  if (process.hostname != nullptr) {
    require(options, "--hostname", process.hostname, CLONE_NEWUTS);
  }
  if (process.domainname != nullptr) {
    require(options, "--domainname", process.domainname, CLONE_NEWUTS);
  }
}

}  // namespace nsrun

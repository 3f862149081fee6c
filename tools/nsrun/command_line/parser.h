// The parser, as the handlers of the option table see it.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What options other than --rootfs and --overlay say about the root.
struct RootHints {
  enum Asked : unsigned char { kNothing, kEmpty, kHost };
  Asked asked = kNothing;          ///< --empty-root or --host-root; the last one counts
  bool is_mounted = false;         ///< a mount option names / as DEST
  bool is_laid_out = false;        ///< the options build it piece by piece: see decide_root()
  const char* relative = nullptr;  ///< an option with a relative DEST, and its value
  const char* relative_value = nullptr;
};

/// Turns a command line into Options. Each handler processes the current option. If several options
/// are wrong, the first error is reported.
class Parser {
 public:
  explicit Parser(const char* const* argv) : reader_(argv) { result_.argv = argv; }
  Options parse();

  Options& options() { return result_; }
  /// The member of Options that the option's entry names.
  template <class Member>
  Member& place() {
    return *reinterpret_cast<Member*>(reinterpret_cast<char*>(&result_) + option().place);
  }
  [[nodiscard]] const Option& option() const { return reader_.option(); }
  /// Records what is wrong with the option's value.
  void refuse(const char* reason);

  // For several handlers: check the value, and store it in a member of Options.
  void take_path(const char*& place);
  void take_number(const char*& place, int64_t least, int64_t most, const char* reason);
  void take_descriptor(const char*& place);
  void take_id(const char*& place);
  void take_id_map(const char*& place);
  void check_descriptor();
  void check_destination(const char* path);
  /// check_destination() for an option whose DEST must not be the root.
  void check_mount_point(const char* path);
  /// check_destination() for a mount, which becomes the root if the path is "/".
  void take_mount_point(const char* path);
  /// take_mount_point() for a mount that may show that the root is built piece by piece.
  void take_tree(const char* path);

  // For one option each.
  void keep_id(bool keep);
  void create(unsigned namespaces);
  void take_namespaces();
  void take_letter();
  void check_pid();
  void take_time_offset();
  void take_user();
  void ask_for_root(RootHints::Asked root) { hints_.asked = root; }
  void take_overlay();
  void take_overlay_of_sources(const char* path, unsigned least);
  void take_symlink();
  void take_size();
  void take_perms();
  void take_seal();
  void take_given();
  void take_id_mapped_bind();
  void take_propagation();
  void check_chmod();
  void check_assignment();
  void check_variable_name();
  void check_resource_limit();
  void check_capability();
  void take_landlock();

 private:
  void check_modifiers();
  void refuse_modifier();
  void refuse_as(const char* name, const char* value, const char* reason);
  void decide_root();
  void decide_namespaces();
  void finish_letters();

  OptionReader reader_;
  Options result_;
  RootHints hints_;
  bool lists_namespaces_ = false;   ///< --ns was given
  const char* modifier_ = nullptr;  ///< --size or --perms, for the option that follows
};

}  // namespace nsrun

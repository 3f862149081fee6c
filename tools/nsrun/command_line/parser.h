// What the handlers of the option table work with.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// What the options say of the root, besides --rootfs and --overlay.
struct RootHints {
  enum Asked : unsigned char { kNothing, kEmpty, kHost };
  Asked asked = kNothing;          ///< --empty-root, --host-root; the last one counts
  bool is_mounted = false;         ///< a mount is on /
  bool is_laid_out = false;        ///< piece by piece: decide_root()
  const char* relative = nullptr;  ///< an option whose DEST is relative to the root, and its value
  const char* relative_value = nullptr;
};

/// Turns a command line into Options. Each handler takes the option that the parser stands at. The
/// texts of an error stay those of the first one.
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
  /// Says what is wrong with the option's value.
  void refuse(const char* reason);

  // What several handlers want: the value, checked, in a place of Options.
  void take_path(const char*& place);
  void take_number(const char*& place, int64_t least, int64_t most, const char* reason);
  void take_descriptor(const char*& place);
  void take_id(const char*& place);
  void take_id_map(const char*& place);
  void check_descriptor();
  void check_destination(const char* path);
  /// The same for what cannot be the root.
  void check_mount_point(const char* path);
  /// The same for a mount that is the root if the path is "/".
  void take_mount_point(const char* path);
  /// The same for what is bound there, or laid over it.
  void take_tree(const char* path);

  // One option's each.
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
  bool lists_namespaces_ = false;   ///< --ns was there
  const char* modifier_ = nullptr;  ///< --size or --perms, for the option that follows
};

}  // namespace nsrun

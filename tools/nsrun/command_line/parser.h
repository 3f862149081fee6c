// What the handlers of the option table work with.
#pragma once

#include "tools/nsrun/command_line/options.h"

namespace nsrun {

/// Turns a command line into Options. Each handler takes the option that the parser stands at. The
/// texts of an error stay those of the first one.
class Parser {
 public:
  explicit Parser(const char* const* argv) : reader_(argv) { result_.argv = argv; }
  Options parse();

  Options& options() { return result_; }
  [[nodiscard]] const Option& option() const { return reader_.option(); }
  /// Says what is wrong with the option's value.
  void refuse(const char* reason);

  // What several handlers want: the value, checked, in a place of Options.
  void take_path(const char*& place);
  void take_number(const char*& place, int64_t least, int64_t most, const char* reason);
  void take_descriptor(const char*& place);
  void take_id_map(const char*& place);
  void check_destination(const char* path);

  // One option's each.
  void create(unsigned namespaces);
  void take_namespaces();
  void take_time_offset();
  void take_user();
  void take_overlay();
  void take_seal();
  void take_given();
  void take_id_mapped_bind();
  void take_propagation();
  void check_perms();
  void check_chmod();
  void check_assignment();
  void check_variable_name();
  void check_resource_limit();
  void check_capability();

 private:
  OptionReader reader_;
  Options result_;
};

}  // namespace nsrun

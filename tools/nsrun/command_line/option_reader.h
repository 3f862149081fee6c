// The options of a command line, one after the other.
#pragma once

#include "syscalls/text.h"

namespace nsrun {

/// Options that are looked for again after parsing, since their order counts, or there can be many.
enum class OptionId : unsigned char {
  kSetting,  ///< any other: its handler has said in Options all that it means
  kJoin,
  kBind,
  kRoBind,
  kDevBind,
  kBindTry,
  kRoBindTry,
  kDevBindTry,
  kSize,
  kPerms,
  kTmpfs,
  kProc,
  kDev,
  kMqueue,
  kOverlay,
  kOverlaySrc,
  kTmpOverlay,
  kRoOverlay,
  kSymlink,
  kDir,
  kFile,
  kBindData,
  kRoBindData,
  kBindFd,
  kRoBindFd,
  kBindIdmap,
  kRoBindIdmap,
  kChmod,
  kRemountRo,
  kResolvConf,
  kEnv,
  kSetEnv,
  kUnsetEnv,
  kClearEnv,
  kRlimit,
  kCapDrop,
  kCapAdd,
  kSeccomp,
  kLandlockRo,
  kLandlockRw,
  kLockFile,
  kArgs,
};

/// One option as it stands on the command line. Texts point into argv.
struct Option {
  unsigned handler = 0;  ///< which one the option table has for it
  unsigned place = 0;    ///< what that fills in, if it does: an offset in Options
  unsigned value_count = 0;
  OptionId id = OptionId::kSetting;
  unsigned wants = 0;          ///< CLONE_NEW*: the namespace that must be a new one
  const char* name = nullptr;  ///< "--bind", or the alias that was given
  const char* value = "";      ///< empty also where it takes none
  const char* second = "";     ///< the same for those that take two
  const char* third = "";      ///< of --overlay behind --overlay-src alone, as bwrap has it
  unsigned sources = 0;        ///< how many --overlay-src stand right before it
  unsigned ns_flag = 0;        ///< CLONE_NEW*, of a name with TYPE: --unshare-net
};

/// What OptionReader::wrong() says of an option that the table does not have.
inline constexpr char kUnknownOption[] = "unknown option";

/// Reads options one after the other: of some there may be many, and their order counts.
class OptionReader {
 public:
  explicit OptionReader(const char* const* argv) : cursor_(*argv == nullptr ? argv : argv + 1) {}

  /// Goes on to the next one. False: there is none, or it is wrong.
  bool next();
  /// The one that next() went to, or that it stumbled over.
  [[nodiscard]] const Option& option() const { return option_; }
  /// Why the option is wrong; null: it is not.
  [[nodiscard]] const char* wrong() const { return wrong_; }
  /// What stands behind the options.
  [[nodiscard]] const char* const* rest() const { return cursor_; }

 private:
  bool find(const char* argument, const char*& rest);
  const char* take_values(const char* rest);

  const char* const* cursor_;
  Option option_;
  const char* wrong_ = nullptr;
};

}  // namespace nsrun

// Reads the options of a command line one by one.
#pragma once

#include "arch/syscall.h"
#include "syscalls/text.h"

namespace nsrun {

/// Options that are read again after parsing, because their order matters or they can be repeated.
enum class OptionId : unsigned char {
  kSetting,  ///< any other option: Options says all about it
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

/// One option of the command line. Texts point into argv.
struct Option {
  unsigned handler = 0;  ///< the number of its handler in the option table
  unsigned place = 0;    ///< the offset in Options of the member that the handler sets
  unsigned value_count = 0;
  OptionId id = OptionId::kSetting;
  unsigned wants = 0;          ///< CLONE_NEW*: the namespaces that must be new ones
  const char* name = nullptr;  ///< "--bind", or the alias that was given
  const char* value = "";      ///< empty if it takes none
  const char* second = "";     ///< the second value, or empty
  const char* third = "";      ///< the third value: only --overlay after --overlay-src, as in bwrap
  unsigned sources = 0;        ///< how many --overlay-src are right before it
  unsigned ns_flag = 0;        ///< CLONE_NEW*, for a name with TYPE such as --unshare-net
};

/// OptionReader::wrong() of an option that the table does not have.
NSEXEC_SHARED constexpr char kUnknownOption[] = "unknown option";

/// Reads options one by one, in their order.
class OptionReader {
 public:
  explicit OptionReader(const char* const* argv) : cursor_(*argv == nullptr ? argv : argv + 1) {}

  /// Goes to the next option. Returns false if there is none, or if it is wrong.
  bool next();
  /// The option that next() went to, or the one that is wrong.
  [[nodiscard]] const Option& option() const { return option_; }
  /// Why the option is wrong; null if it is not.
  [[nodiscard]] const char* wrong() const { return wrong_; }
  /// The arguments after the options.
  [[nodiscard]] const char* const* rest() const { return cursor_; }

 private:
  bool find(const char* argument, const char*& rest);
  const char* take_values(const char* rest);

  const char* const* cursor_;
  Option option_;
  const char* wrong_ = nullptr;
};

}  // namespace nsrun

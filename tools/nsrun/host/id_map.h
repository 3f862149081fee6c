// Builds an id map: user_namespaces(7).
#pragma once

#include "syscalls/fd.h"
#include "syscalls/text.h"
#include "tools/nsrun/command_line/options.h"

namespace nsrun {

struct IdRange {
  unsigned inside;
  unsigned outside;
  unsigned count;
};

/// For an error about one of the two maps: the option that it comes from, and its value or null.
struct IdMapName {
  const char* option;
  const char* value;
};

/// A list of ranges. add() checks that a range has ids, that no id is in two ranges, and that there
/// are no more ranges than the kernel accepts; otherwise it ends nsrun. Too large for the stack.
class IdMap {
 public:
  static constexpr size_t kMost = 340;       ///< UID_GID_MAP_MAX_EXTENTS, since Linux 4.15
  static constexpr size_t kMostText = 4096;  ///< the kernel accepts less than a page

  explicit IdMap(IdMapName name) : name_(name) {}

  /// Adds the ranges of INSIDE:OUTSIDE:COUNT,…
  void add_option(const char* text);
  void add(int64_t inside, int64_t outside, int64_t count);
  /// Of these ids outside, adds those that no range has yet. Inside, they begin at `inside`,
  /// which is then moved past them.
  void add_unused(int64_t& inside, int64_t first, int64_t count);

  /// Splits each range so that it lies within one range of the caller's own user namespace, as the
  /// kernel demands. `own_map` is the caller's uid_map or gid_map; `buffer` is for its text.
  void split(const sys::Fd& own_map, sys::Span<char> buffer);
  /// For the outer one of two user namespaces, in which this id must be 0.
  void make_root(const MappedId& own);

  [[nodiscard]] bool has(unsigned inside) const;
  /// Whether the map has only that one id, which its owner may map without help.
  [[nodiscard]] bool is_only(unsigned outside) const {
    return size_ == 1 && ranges_[0].count == 1 && ranges_[0].outside == outside;
  }
  void append(sys::StringBuilder& text) const;

 private:
  void insert(const IdRange& range);
  [[nodiscard]] sys::Span<const IdRange> ranges() const { return {ranges_, size_}; }
  [[noreturn]] void refuse(const IdRange& range, const char* reason) const;

  IdMapName name_;
  size_t size_ = 0;
  IdRange ranges_[kMost];
};

}  // namespace nsrun

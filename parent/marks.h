// How to find out whether an ELF file has the stub: docs/protocol.md, "Marks".
#pragma once

#include <stddef.h>

namespace parent {

/// A text of 16 bytes to search for in a file. Each byte is inverted here, so that the searching
/// program itself does not contain the mark.
struct Mark {
  static constexpr size_t kSize = 16;
  unsigned char inverted[kSize];

  constexpr explicit Mark(const char (&mark)[kSize + 1]) : inverted{} {
    for (size_t i = 0; i < kSize; ++i) inverted[i] = static_cast<unsigned char>(~mark[i]);
  }
  [[nodiscard]] constexpr bool is_at(const unsigned char* bytes) const {
    for (size_t i = 0; i < kSize; ++i) {
      if (static_cast<unsigned char>(~bytes[i]) != inverted[i]) return false;
    }
    return true;
  }
};

/// Is behind the code of the ELF entry point in every program in which the stub runs first, at most
/// kEntryMarkWithin bytes after it (arch/<arch>/entry.S).
inline constexpr Mark kEntryMark("nsexec stub here");
inline constexpr size_t kEntryMarkWithin = 512;

/// Owner and type of the note in a program that runs the stub from a constructor
/// (stub/constructor.cpp).
inline constexpr Mark kNoteOwner("nsexec stub init");
inline constexpr unsigned kNoteType = 1;

}  // namespace parent

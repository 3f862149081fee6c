// nsexec_parent_check(): whether the stub runs when an ELF file is executed.
#include <linux/elf.h>

#include "parent/marks.h"
#include "parent/nsexec_parent.h"
#include "syscalls/file.h"

namespace parent {

namespace {

using sys::Result;
using sys::Span;

// What is needed of an ELF file's header, and of a program header, of either word size.
struct Header {
  uint64_t e_entry;
  uint64_t e_phoff;
  unsigned e_phnum;
};
struct Segment {
  unsigned p_type;
  uint64_t p_offset;
  uint64_t p_vaddr;
  uint64_t p_filesz;
};

class ElfFile {
 public:
  explicit ElfFile(int fd) : fd_(fd) {}

  Result<bool> has_stub() {
    unsigned char identity[EI_NIDENT]{};
    const Result<bool> is_elf = read(0, Span<unsigned char>{identity, sizeof identity});
    if (!is_elf || !is_elf.value()) return is_elf;
    if (identity[0] != 0x7f || identity[1] != 'E' || identity[2] != 'L' || identity[3] != 'F') {
      return false;
    }
    // A kernel of 64 bits may also execute programs of 32 bits.
    if (identity[EI_CLASS] == ELFCLASS64) return segments_have_stub<Elf64_Ehdr, Elf64_Phdr>();
    if (identity[EI_CLASS] == ELFCLASS32) return segments_have_stub<Elf32_Ehdr, Elf32_Phdr>();
    return false;
  }

 private:
  template <class ElfHeader, class ElfSegment>
  Result<bool> segments_have_stub() {
    ElfHeader header{};
    const Result<bool> complete = read(0, header);
    if (!complete || !complete.value()) return complete;
    if (header.e_phentsize != sizeof(ElfSegment)) return false;
    header_ = {header.e_entry, header.e_phoff, header.e_phnum};
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      ElfSegment raw{};
      const Result<bool> there = read(header_.e_phoff + i * sizeof raw, raw);
      if (!there || !there.value()) return there;
      const Segment segment{raw.p_type, raw.p_offset, raw.p_vaddr, raw.p_filesz};
      const Result<bool> found = segment.p_type == PT_LOAD   ? has_entry_mark(segment)
                                 : segment.p_type == PT_NOTE ? has_constructor_note(segment)
                                                             : Result<bool>(false);
      if (!found || found.value()) return found;
    }
    return false;
  }

  // Returns false if the file ends too early, or if it has more segments and notes than a program
  // can have.
  Result<bool> read(uint64_t offset, Span<unsigned char> bytes) {
    if (offset > __INT64_MAX__ || ++reads_ > kMostReads) return false;
    const auto count = sys::pread(fd_, bytes, static_cast<int64_t>(offset));
    if (!count) return count.error();
    return count.value() == bytes.size;
  }
  template <class T>
  Result<bool> read(uint64_t offset, T& object) {
    return read(offset,
                Span<unsigned char>{reinterpret_cast<unsigned char*>(&object), sizeof object});
  }

  [[nodiscard]] Result<bool> has_entry_mark(const Segment& segment) {
    const uint64_t entry = header_.e_entry - segment.p_vaddr;
    if (header_.e_entry < segment.p_vaddr || entry >= segment.p_filesz) return false;
    const uint64_t left = segment.p_filesz - entry;
    unsigned char code[kEntryMarkWithin];
    const Span<unsigned char> bytes{code,
                                    left < sizeof code ? static_cast<size_t>(left) : sizeof code};
    const Result<bool> there = read(segment.p_offset + entry, bytes);
    if (!there || !there.value()) return there;
    for (size_t at = 0; at + Mark::kSize <= bytes.size; ++at) {
      if (kEntryMark.is_at(code + at)) return true;
    }
    return false;
  }

  // Notes: elf(5), "Notes (Nhdr)". A note is a header, a name and a description, both padded to 4
  // bytes.
  [[nodiscard]] Result<bool> has_constructor_note(const Segment& segment) {
    uint64_t at = 0;
    while (segment.p_filesz - at >= sizeof(Elf64_Nhdr) && at < segment.p_filesz) {
      struct {
        Elf64_Nhdr header;
        unsigned char owner[Mark::kSize];
      } note{};
      const Result<bool> there = read(segment.p_offset + at, note);
      if (!there || !there.value()) return there;
      if (note.header.n_namesz == Mark::kSize + 1 && note.header.n_type == kNoteType &&
          kNoteOwner.is_at(note.owner)) {
        return true;
      }
      const auto padded = [](uint64_t size) { return (size + 3) & ~uint64_t{3}; };
      at += sizeof note.header + padded(note.header.n_namesz) + padded(note.header.n_descsz);
    }
    return false;
  }

  static constexpr int kMostReads = 10'000;

  int fd_;
  int reads_ = 0;
  Header header_{};
};

}  // namespace

}  // namespace parent

extern "C" int nsexec_parent_check(const char* path) {
  // Without O_NONBLOCK a FIFO would be waited for.
  const auto opened = sys::open(path, O_RDONLY | O_NONBLOCK);
  if (!opened) return -opened.error().number;
  const sys::Fd file = opened.value();
  const auto found = parent::ElfFile(file.get()).has_stub();
  if (!found) return -found.error().number;
  return found.value() ? 0 : -ENOEXEC;
}

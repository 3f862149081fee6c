#include "tools/nsrun/container/program_file.h"

namespace nsrun {

using sys::Text;

namespace {

// <elf.h>'s e_ident.
constexpr char kMagic[] = "\177ELF";
constexpr size_t kClass = 4;
constexpr size_t kByteOrder = 5;
constexpr unsigned char kLittleEndian = 1;
constexpr unsigned char kBigEndian = 2;
constexpr unsigned char kOwnByteOrder =
    __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? kLittleEndian : kBigEndian;

// Offsets and sizes in an ELF file of 32 or 64 bits.
struct Layout {
  unsigned char word;          // bytes of an offset in the file
  unsigned char headers;       // e_phoff
  unsigned char header_size;   // e_phentsize
  unsigned char header_count;  // e_phnum
  unsigned char content;       // p_offset
  unsigned char smallest;      // size of a program header
};
constexpr Layout k32 = {4, 28, 42, 44, 4, 32};
constexpr Layout k64 = {8, 32, 54, 56, 8, 56};

}  // namespace

ProgramFile::ProgramFile(const char* path) {
  struct statx status {};
  const auto found = sys::statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MODE, status);
  if (!found) {
    missing_ = found.error();
    return;
  }
  mode_ = status.stx_mode;
  if (!is_regular()) return;
  constexpr long kNoExec = 8;  // ST_NOEXEC, statfs(2)
  sys::FileSystem mount{};
  noexec_ = sys::statfs(path, mount) && (mount.f_flags & kNoExec) != 0;
  const auto opened = sys::open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!opened) {
    unreadable_ = opened.error();
    return;
  }
  file_ = opened.value();
  const auto size = sys::read_fully(file_.get(), {head_, sizeof head_});
  if (size) {
    size_ = size.value();
  } else {
    unreadable_ = size.error();
  }
}

template <class Integer>
Integer ProgramFile::at(size_t offset) const {
  Integer value = 0;
  if (offset + sizeof value <= size_) __builtin_memcpy(&value, head_ + offset, sizeof value);
  return value;
}

bool ProgramFile::is_text() const {
  if (!is_regular() || !(unreadable_ == 0)) return false;
  const Text head(reinterpret_cast<const char*>(head_), size_);
  return !head.first(head.find('\n')).contains('\0');
}

bool ProgramFile::is_elf() const {
  const Text head(reinterpret_cast<const char*>(head_), size_);
  return size_ > kByteOrder && head.starts_with(kMagic);
}

ProgramFile::Machine ProgramFile::machine() const {
  constexpr size_t kMachine = 18;  // e_machine
  const auto low = at<unsigned char>(kMachine);
  const auto high = at<unsigned char>(kMachine + 1);
  const bool little = head_[kByteOrder] == kLittleEndian;
  const int number = little ? high << 8 | low : low << 8 | high;
  return {static_cast<unsigned short>(number), head_[kByteOrder] == kOwnByteOrder};
}

void ProgramFile::append_interpreter(sys::StringBuilder& out) const {
  const Text head(reinterpret_cast<const char*>(head_), size_);
  if (head.starts_with("#!")) return append_interpreter_of_script(out);
  if (is_elf() && machine().own_byte_order) append_interpreter_of_elf(out);
}

// As fs/binfmt_script.c does.
void ProgramFile::append_interpreter_of_script(sys::StringBuilder& out) const {
  const Text head(reinterpret_cast<const char*>(head_), size_);
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  const Text line = head.first(head.find('\n'));
  size_t start = 2;
  while (start < line.size() && is_blank(line[start])) ++start;
  size_t end = start;
  while (end < line.size() && !is_blank(line[end]) && line[end] != '\0') ++end;
  out << line.from(start).first(end - start);
}

void ProgramFile::append_interpreter_of_elf(sys::StringBuilder& out) const {
  constexpr unsigned kInterpreter = 3;    // PT_INTERP
  constexpr unsigned kMostHeaders = 256;  // the kernel accepts a few more
  const Layout& layout = head_[kClass] == 2 ? k64 : k32;
  const uint64_t headers =
      layout.word == 8 ? at<uint64_t>(layout.headers) : at<uint32_t>(layout.headers);
  const auto size = at<uint16_t>(layout.header_size);
  const unsigned count = at<uint16_t>(layout.header_count);
  if (size != layout.smallest || headers > __INT32_MAX__) return;
  for (unsigned i = 0; i < count && i < kMostHeaders; ++i) {
    unsigned char header[56] = {};
    const auto where = static_cast<int64_t>(headers) + int64_t{i} * size;
    const auto read = sys::pread(file_.get(), {header, size}, where);
    if (!read || read.value() != size) return;
    uint32_t type = 0;
    __builtin_memcpy(&type, header, sizeof type);
    if (type != kInterpreter) continue;
    uint64_t content = 0;
    uint32_t content_of_32 = 0;
    __builtin_memcpy(&content, header + layout.content, sizeof content);
    __builtin_memcpy(&content_of_32, header + layout.content, sizeof content_of_32);
    if (layout.word == 4) content = content_of_32;
    unsigned char path[256];
    const auto path_size = sys::pread(file_.get(), {path, sizeof path - 1},
                                      static_cast<int64_t>(content & __INT64_MAX__));
    if (!path_size) return;
    path[path_size.value()] = '\0';
    out << reinterpret_cast<const char*>(path);
    return;
  }
}

}  // namespace nsrun

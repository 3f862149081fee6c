// The bootstrap message: stub/bootstrap.cpp.
#include "stub/bootstrap.cpp"

#include "proofs/parsers/harness.h"

using stub::Attribute;

namespace {

constexpr size_t kSize = N;

uint16_t half(const char* bytes) {
  return static_cast<uint16_t>(static_cast<unsigned char>(bytes[0]) |
                               static_cast<unsigned char>(bytes[1]) << 8);
}
uint32_t word(const char* bytes) {
  return half(bytes) | static_cast<uint32_t>(half(bytes + 2)) << 16;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A message of one attribute with kSize bytes of any payload.
struct One {
  static constexpr size_t kLength = kSize + 4;
  char* const memory = proof::any_bytes(kLength);
  char payload[kSize + 1];  // as it was before parsing
  stub::Bootstrap result{};

  bool parse(Attribute type, uint32_t dialect = NSEXEC_DIALECT_RUNC_1_2) {
    memory[0] = static_cast<char>(kLength & 0xff);
    memory[1] = static_cast<char>(kLength >> 8);
    memory[2] = static_cast<char>(static_cast<unsigned>(type) & 0xff);
    memory[3] = static_cast<char>(static_cast<unsigned>(type) >> 8);
    for (size_t i = 0; i < kSize; ++i) payload[i] = memory[4 + i];
    payload[kSize] = '\0';
    stub::BootstrapParser parser(stub::kDialects[dialect], result);
    const bool good = parser.attributes({memory, kLength});
    if (!good) check_reason(parser.malformed());
    return good;
  }
  // The error names what is wrong, and its text ends within the message.
  void check_reason(const stub::Malformed& why) const {
    PROVE(why.reason != nullptr && why.field != nullptr);
    if (why.text != nullptr) PROVE(ends_inside(why.text));
  }
  bool ends_inside(const char* text) const {
    for (size_t i = 0; i < kLength; ++i) {
      if (text + i == memory + kLength) return false;
      if (text[i] == '\0') return true;
    }
    return false;
  }
  // The size of the text without the NUL that it may end with.
  size_t text_size() const { return kSize != 0 && payload[kSize - 1] == '\0' ? kSize - 1 : kSize; }
  bool is_text() const {
    for (size_t i = 0; i < text_size(); ++i) {
      if (payload[i] == '\0') return false;
    }
    return true;
  }
  // Whether `text` is the payload, as a string.
  bool is_payload(const char* text) const {
    if (text != memory + 4 && text != memory + 3) return false;
    for (size_t i = 0; i < text_size(); ++i) {
      if (text[i] != payload[i]) return false;
    }
    return text[text_size()] == '\0';
  }
};

}  // namespace

// The header: every header.
extern "C" void header() {
  stub::MessageHeader header{};
  header.length = nondet_unsigned();
  header.type = static_cast<uint16_t>(nondet_unsigned());
  header.flags = static_cast<uint16_t>(nondet_unsigned());
  header.sequence = nondet_unsigned();
  header.port = nondet_unsigned();
  stub::Bootstrap result{};
  stub::BootstrapParser parser(stub::kDialects[0], result);
  const bool good = header.type == 62000 && header.length >= 16 && header.length <= 16U << 20;
  PROVE(parser.header(header) == good);
  PROVE(good || (parser.malformed().reason != nullptr && parser.malformed().field != nullptr));
}

// The way from one attribute to the next: kSize bytes of attributes. What an attribute means is
// left open here: attribute_of_framing stands for BootstrapParser::attribute.
namespace {
char* framed;
size_t framed_at;
bool framed_refused;
}  // namespace
extern "C" bool attribute_of_framing(stub::BootstrapParser* /*parser*/, unsigned type, char* data,
                                     size_t size) {
  PROVE(!framed_refused);
  PROVE(kSize - framed_at >= 4 && framed_at < kSize);
  PROVE(type == half(framed + framed_at + 2));
  PROVE(data == framed + framed_at + 4);
  PROVE(size <= kSize && size + 4 == half(framed + framed_at));
  PROVE(framed_at + 4 + size <= kSize);
  framed_at += (size + 4 + 3) / 4 * 4;
  framed_refused = nondet_bool();
  return !framed_refused;
}
extern "C" const char* name_of_framing(unsigned /*type*/) { return "name"; }
extern "C" void framing() {
  framed = proof::any_bytes(kSize);
  framed_at = 0;
  framed_refused = false;
  stub::Bootstrap result{};
  stub::BootstrapParser parser(stub::kDialects[0], result);
  const bool good = parser.attributes({framed, kSize});
  if (good) {
    PROVE(!framed_refused && framed_at >= kSize);
  } else if (!framed_refused) {
    PROVE(framed_at < kSize);
    const size_t rest = kSize - framed_at;
    PROVE(rest < 4 || half(framed + framed_at) < 4 || half(framed + framed_at) > rest);
    PROVE(parser.malformed().reason != nullptr && parser.malformed().field != nullptr);
  }
}

// The names of all types that two bytes can hold.
extern "C" void attribute_names() {
  const auto type = static_cast<uint16_t>(nondet_unsigned());
  const char* const name = stub::attribute_name(type);
  const char* const names = stub::kAttributeNames;
  PROVE(name >= names && name < names + sizeof stub::kAttributeNames);
  PROVE(name == names || name[-1] == '\0');
  if (type < 27281 || type > 27290) PROVE(sys::same(name, "attribute"));
  if (type == 27290) PROVE(sys::same(name, "time offsets"));
}

// Attributes of each kind with kSize bytes.
extern "C" void unknown_attribute() {
  static constexpr unsigned kUnknown[] = {0, 1, 27280, 27291, 32768 + 27281, 65535};
  for (const unsigned type : kUnknown) {
    One one;
    PROVE(!one.parse(static_cast<Attribute>(type)));
  }
}
extern "C" void clone_flags() {
  One one;
  const bool good = one.parse(Attribute::kCloneFlags);
  const uint32_t flags = kSize < 4 ? 0 : word(one.payload);
  PROVE(good == (kSize >= 4 && (flags & ~0x7e020080U) == 0));
  if (good) PROVE(one.result.clone_flags == flags);
}
extern "C" void boolean() {
  One one;
  const bool good = one.parse(Attribute::kRootless);
  PROVE(good == (kSize == 1 || kSize >= 4));
  if (good)
    PROVE(one.result.rootless == (kSize == 1 ? one.payload[0] != 0 : word(one.payload) != 0));
}
extern "C" void text() {
  One one;
  const bool good = one.parse(Attribute::kUidMapTool);
  PROVE(good == one.is_text());
  if (good) PROVE(one.is_payload(one.result.uid_map_tool));
}
extern "C" void time_offsets_or_mount_sources() {
  One one;
  const unsigned dialect = static_cast<unsigned>(proof::any_size(0, 3));
  const bool good = one.parse(Attribute::kTimeOffsetsOrMountSources, dialect);
  if (dialect == NSEXEC_DIALECT_RUNC_1_2) {
    PROVE(good == one.is_text());
    if (good) PROVE(one.is_payload(one.result.time_offsets));
  } else if (dialect == NSEXEC_DIALECT_RUNC_1_1) {
    PROVE(good ==
          (kSize != 0 && one.payload[one.text_size()] == '\0' && one.text_size() + 1 == kSize));
    if (good) PROVE(one.result.mount_sources == one.memory + 4);
    if (good) PROVE(one.result.mount_sources_end == one.memory + 4 + kSize);
  } else {
    PROVE(!good);
  }
}
extern "C" void oom_score_adj() {
  One one;
  const bool good = one.parse(Attribute::kOomScoreAdj);
  const size_t size = one.text_size();
  const size_t first = size != 0 && one.payload[0] == '-' ? 1 : 0;
  unsigned value = 0;
  bool valid = one.is_text() && size > first;
  for (size_t i = first; i < size && value <= 1000; ++i) {
    valid = valid && is_digit(one.payload[i]);
    value = value * 10 + static_cast<unsigned>(one.payload[i] & 15);
  }
  PROVE(good == (valid && value <= 1000));
  if (good) PROVE(one.is_payload(one.result.oom_score_adj));
}

// An id map is lines of three numbers. kSize is too small for a number above 4294967295; the
// numbers' bound is the harness `decimal`.
extern "C" void id_map() {
  PROVE(kSize < 10);
  One one;
  const bool good = one.parse(Attribute::kGidMap);
  bool valid = one.is_text();
  unsigned fields = 0;
  for (size_t i = 0; i < one.text_size(); ++i) {
    const char c = one.payload[i];
    if (is_digit(c)) {
      if (i == 0 || !is_digit(one.payload[i - 1])) ++fields;
    } else if (c == '\n') {
      valid = valid && fields == 3;
      fields = 0;
    } else {
      valid = valid && c == ' ';
    }
  }
  const bool ends = one.text_size() == 0 || one.payload[one.text_size() - 1] == '\n';
  valid = valid && (ends ? fields == 0 : fields == 3);
  PROVE(good == valid);
  if (good) PROVE(one.is_payload(one.result.gid_map));
}

// The list of namespaces.
namespace {
unsigned flag_of(const char* name, size_t size) {
  const auto is = [&](const char* wanted, size_t its_size) {
    if (size != its_size) return false;
    for (size_t i = 0; i < its_size; ++i) {
      if (name[i] != wanted[i]) return false;
    }
    return true;
  };
  if (is("mnt", 3)) return 0x00020000;
  if (is("uts", 3)) return 0x04000000;
  if (is("ipc", 3)) return 0x08000000;
  if (is("pid", 3)) return 0x20000000;
  if (is("net", 3)) return 0x40000000;
  if (is("user", 4)) return 0x10000000;
  if (is("time", 4)) return 0x00000080;
  if (is("cgroup", 6)) return 0x02000000;
  return 0;
}
}  // namespace
extern "C" void namespace_paths() {
  One one;
  const bool good = one.parse(Attribute::kNamespacePaths);
  bool valid = one.is_text();
  const size_t size = one.text_size();
  size_t count = 0;
  size_t start = 0;
  size_t colon = kSize + 1;
  stub::NamespacePath path = one.result.namespace_paths;
  for (size_t i = 0; i <= size && valid; ++i) {
    const bool ends = i == size || one.payload[i] == ',';
    if (!ends) {
      if (one.payload[i] == ':' && colon > kSize) colon = i;
      continue;
    }
    const unsigned flag = colon > kSize ? 0 : flag_of(one.payload + start, colon - start);
    valid = flag != 0 && colon + 1 < i;
    if (good && valid) {
      if (count != 0) path = path.next();
      PROVE(path.flag() == flag);
      PROVE(path.path() == path.text + (colon - start) + 1);
      PROVE(path.text[i - start] == '\0');
    }
    ++count;
    start = i + 1;
    colon = kSize + 1;
  }
  PROVE(good == valid);
  if (good) PROVE(one.result.namespace_count == count);
}

// _LIBCONTAINER_MOUNT_FDS: an array of numbers, one for each source.
extern "C" void next_mount_fd() {
  char* const text = proof::any_string(kSize);
  const char* cursor = text;
  const sys::Number number = stub::next_mount_fd(cursor);
  PROVE(cursor >= text && cursor <= text + kSize);
  if (number.valid) {
    PROVE(text[0] == '[' || text[0] == ',');
    PROVE(*cursor == ',' || *cursor == ']');
    PROVE(cursor >= text + 2 && (cursor[-1] == ' ' || is_digit(cursor[-1])));
  }
}
extern "C" void mount_fds() {
  constexpr size_t kSources = 3;
  char* const sources = proof::any_bytes(kSources);
  __CPROVER_assume(sources[kSources - 1] == '\0');
  char* const fds = proof::any_string(kSize);
  stub::Bootstrap result{};
  result.mount_sources = sources;
  result.mount_sources_end = sources + kSources;
  stub::BootstrapParser parser(stub::kDialects[NSEXEC_DIALECT_RUNC_1_1], result);
  const bool good = parser.mount_fds(fds);
  const stub::Malformed& why = parser.malformed();
  PROVE(good || (why.reason != nullptr && why.field != nullptr && why.text == fds));
  if (!good) return;
  // As many numbers as sources.
  size_t numbers = 0;
  for (size_t i = 1; i < kSize && fds[i - 1] != ']'; ++i) {
    if (is_digit(fds[i]) && !is_digit(fds[i - 1])) ++numbers;
  }
  size_t count = 0;
  for (const char* at = sources; at != result.mount_sources_end; ++at) count += *at == '\0';
  PROVE(result.mount_sources_end == sources + kSources ||
        result.mount_sources_end == sources + kSources - 1);
  PROVE(numbers == count);
}

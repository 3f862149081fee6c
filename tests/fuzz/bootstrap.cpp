// Fuzzes the bootstrap parser and compares it with the reference parser.
#include "stub/bootstrap.h"

#include <sched.h>

#include <cstring>

#include "stub/nsexec.h"
#include "tests/fuzz/reference.h"
#include "tests/fuzz/targets.h"

namespace fuzz {

namespace {

constexpr uint32_t kDialects[] = {NSEXEC_DIALECT_RUNC_1_2, NSEXEC_DIALECT_RUNC_1_1,
                                  NSEXEC_DIALECT_RUNC_1_0, NSEXEC_DIALECT_RUNC_2019};

Meaning27290 meaning_in(uint32_t dialect) {
  if (dialect == NSEXEC_DIALECT_RUNC_1_2) return Meaning27290::kTimeOffsets;
  return dialect == NSEXEC_DIALECT_RUNC_1_1 ? Meaning27290::kMountSources : Meaning27290::kUnknown;
}

// Returns the text, which must end within the message's memory.
std::string text_at(const char* text, const Exact& memory, size_t size, const Bytes& bytes) {
  if (text == nullptr) return {};
  FUZZ_REQUIRE(text >= memory.data() && text < memory.data() + size, bytes);
  const auto left = static_cast<size_t>(memory.data() + size - text);
  const size_t length = strnlen(text, left);
  FUZZ_REQUIRE(length < left, bytes);
  return {text, length};
}

Wanted wanted_by(const stub::Bootstrap& result, const Exact& memory, size_t size,
                 const Bytes& bytes) {
  const auto text = [&](const char* start) { return text_at(start, memory, size, bytes); };
  Wanted wanted;
  wanted.clone_flags = result.clone_flags;
  stub::NamespacePath path = result.namespace_paths;
  for (size_t i = 0; i < result.namespace_count; ++i) {
    (void)text(path.text);
    wanted.namespaces.emplace_back(path.flag(), text(path.path()));
    if (i + 1 < result.namespace_count) path = path.next();
  }
  wanted.uid_map = text(result.uid_map);
  wanted.gid_map = text(result.gid_map);
  if (result.oom_score_adj != nullptr) wanted.oom_score_adj = text(result.oom_score_adj);
  wanted.uid_map_tool = text(result.uid_map_tool);
  wanted.gid_map_tool = text(result.gid_map_tool);
  wanted.time_offsets = text(result.time_offsets);
  const char* source = result.mount_sources;
  while (source != result.mount_sources_end) {
    wanted.mount_sources.push_back(text(source));
    source += wanted.mount_sources.back().size() + 1;
  }
  wanted.setgroups = result.setgroups;
  wanted.rootless = result.rootless;
  return wanted;
}

std::optional<Wanted> parse(const Bytes& attributes, uint32_t dialect_number, const Bytes& bytes) {
  const stub::Config config{dialect_number, {}, {}};
  const stub::Dialect& dialect = stub::dialect_of(config);
  const Exact memory(attributes);
  stub::Bootstrap result{};
  stub::BootstrapParser parser(dialect, result);
  if (parser.attributes({memory.data(), attributes.size()})) {
    return wanted_by(result, memory, attributes.size(), bytes);
  }
  const stub::Malformed& why = parser.malformed();
  FUZZ_REQUIRE(why.reason != nullptr && why.field != nullptr, bytes);
  (void)text_at(why.text, memory, attributes.size(), bytes);
  return {};
}

void check_header(const Bytes& bytes) {
  stub::MessageHeader header{};
  if (bytes.size() < sizeof header) return;
  memcpy(&header, bytes.data(), sizeof header);
  stub::Bootstrap result{};
  stub::BootstrapParser parser(stub::dialect_of({NSEXEC_DIALECT_RUNC_1_2, {}, {}}), result);
  const bool good = header.type == 62000 && header.length >= 16 && header.length <= 16U << 20;
  FUZZ_REQUIRE(parser.header(header) == good, bytes);
}

// The list, written back from the parsed numbers, must parse to the same numbers.
void check_mount_fds(const Bytes& text, const Bytes& bytes) {
  const Bytes with_nul = text.substr(0, text.find('\0')) + '\0';
  const Exact memory(with_nul);
  const char* cursor = memory.data();
  Bytes written;
  while (true) {
    const sys::Number number = stub::next_mount_fd(cursor);
    FUZZ_REQUIRE(cursor >= memory.data() && cursor < memory.data() + with_nul.size(), bytes);
    if (!number.valid) return;
    written += (written.empty() ? "[" : ",") + std::to_string(number.value);
    if (*cursor == ']') break;
  }
  written += ']';
  const char* again = written.c_str();
  Bytes rewritten;
  while (*again != ']') {
    const sys::Number number = stub::next_mount_fd(again);
    FUZZ_REQUIRE(number.valid, bytes);
    rewritten += (rewritten.empty() ? "[" : ",") + std::to_string(number.value);
  }
  FUZZ_REQUIRE(rewritten + ']' == written, bytes);
}

}  // namespace

// The first byte selects the dialect.
void run_bootstrap(const Bytes& bytes) {
  constexpr size_t kMost = 60000;  // with one more NUL it still fits into an attribute
  if (bytes.empty() || bytes.size() > kMost) return;
  const uint32_t dialect = kDialects[static_cast<unsigned char>(bytes[0]) % 4];
  const Bytes attributes = bytes.substr(1);
  check_header(attributes);
  check_mount_fds(attributes, bytes);
  const auto ours = parse(attributes, dialect, bytes);
  const auto theirs = read_message(attributes, meaning_in(dialect));
  FUZZ_REQUIRE(ours.has_value() == theirs.has_value(), bytes);
  if (!ours) return;
  FUZZ_REQUIRE(*ours == *theirs, bytes);
  const auto again = parse(write_message(*ours), dialect, bytes);
  FUZZ_REQUIRE(again.has_value() && *again == *ours, bytes);
}

std::vector<Bytes> bootstrap_seeds() {
  Wanted all;
  all.clone_flags = CLONE_NEWNS | CLONE_NEWUSER;
  all.namespaces = {{CLONE_NEWNET, "/proc/1/ns/net"}, {CLONE_NEWPID, "/run/a:b"}};
  all.uid_map = "0 1000 1\n1 100000 65536\n";
  all.gid_map = "0 1000 1";
  all.oom_score_adj = "-1000";
  all.uid_map_tool = "/usr/bin/newuidmap";
  all.gid_map_tool = "/usr/bin/newgidmap";
  all.setgroups = true;
  all.rootless = true;
  Wanted offsets = all;
  offsets.time_offsets = "monotonic 1 0\n";
  Wanted sources = all;
  sources.mount_sources = {"/etc/hosts", "", "/var"};
  const Bytes header("\x20\0\0\0\x30\xf2\0\0\0\0\0\0\0\0\0\0", 16);
  return {Bytes("\0", 1),
          Bytes("\0", 1) + write_message({}),
          Bytes("\0", 1) + write_message(offsets),
          "\1" + write_message(sources),
          "\2" + write_message(all),
          "\3" + write_message(all),
          Bytes("\0", 1) + header,
          Bytes("\0", 1) + "[3,-1, 7 ,12]"};
}

}  // namespace fuzz

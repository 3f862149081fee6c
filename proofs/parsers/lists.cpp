// The list of namespaces: stub/bootstrap.cpp, with a contract for the types' names.
#include "stub/bootstrap.cpp"

#include "proofs/parsers/harness.h"

namespace {

constexpr size_t kSize = N;

// Names with this first character are unknown in namespace_paths_any.
char unknown;

// The flag of a name of `size` characters.
unsigned reference_flag(const char* name, size_t size) {
  constexpr struct {
    unsigned flag;
    size_t size;
    const char* name;
  } kTypes[] = {{0x02000000, 6, "cgroup"}, {0x08000000, 3, "ipc"}, {0x00020000, 3, "mnt"},
                {0x40000000, 3, "net"},    {0x20000000, 3, "pid"}, {0x00000080, 4, "time"},
                {0x10000000, 4, "user"},   {0x04000000, 3, "uts"}};
  for (const auto& type : kTypes) {
    bool is_it = size == type.size;
    for (size_t i = 0; i < type.size && is_it; ++i) is_it = name[i] == type.name[i];
    if (is_it) return type.flag;
  }
  return 0;
}

// The number of characters before the colon, or `size` if there is none.
size_t colon_in(const char* text, size_t size) {
  size_t i = 0;
  while (i < size && text[i] != ':') ++i;
  return i;
}

}  // namespace

// Any text of kSize characters: the flag of the type before its colon.
extern "C" void namespace_flag() {
  const char* const text = proof::any_string(kSize);
  const size_t colon = colon_in(text, kSize);
  const unsigned wanted = colon == kSize ? 0 : reference_flag(text, colon);
  PROVE(sys::namespace_flag(text, ':') == wanted);
}

// The contract of sys::namespace_flag(text, ':'): a flag only if a colon follows three, four or six
// characters that are no NUL, comma or colon, as the set namespace-flag proves. Which of such names
// are types is left open.
extern "C" unsigned any_namespace_flag(const char* text, char end) {
  PROVE(end == ':');
  size_t i = 0;
  for (; i < 7 && text[i] != ':'; ++i) {
    if (text[i] == '\0' || text[i] == ',') return 0;
  }
  return (i == 3 || i == 4 || i == 6) && text[0] != unknown ? static_cast<unsigned>(i) : 0;
}

// A list of kSize characters and its NUL. The set text proves that each text has one, also if it
// was sent without.
extern "C" void namespace_list() {
  unknown = static_cast<char>(nondet_byte());
  char* const memory = proof::any_bytes(kSize + 1);
  memory[kSize] = '\0';
  char list[kSize + 1];
  for (size_t i = 0; i <= kSize; ++i) list[i] = memory[i];
  stub::Bootstrap result{};
  stub::BootstrapParser parser(stub::kDialects[0], result);
  const bool good = parser.namespace_paths({memory, kSize + 1});
  bool valid = true;
  size_t start = 0;
  size_t colon = kSize;  // that of the entry, or kSize if there is none
  size_t count = 0;
  stub::NamespacePath path = result.namespace_paths;
  for (size_t i = 0; i <= kSize; ++i) {
    valid = valid && (i == kSize || list[i] != '\0');
    if (i != kSize && list[i] != ',') {
      if (list[i] == ':' && colon == kSize) colon = i;
      continue;
    }
    const size_t size = colon - start;
    valid = valid && colon != kSize && (size == 3 || size == 4 || size == 6) && colon + 1 < i &&
            list[start] != unknown;
    if (good) {
      // Each entry is one of the list, with its type and its path.
      if (count != 0) path = path.next();
      PROVE(path.text == memory + start && path.flag() == size &&
            path.path() == memory + colon + 1);
      PROVE(memory[i] == '\0');
    }
    ++count;
    start = i + 1;
    colon = kSize;
  }
  PROVE(good == valid);
  if (good) PROVE(result.namespace_count == count);
  if (!good) PROVE(parser.malformed().reason != nullptr);
}

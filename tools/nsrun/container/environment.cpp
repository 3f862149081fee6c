#include "tools/nsrun/container/environment.h"

#include "syscalls/file.h"
#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr size_t kPwdSize = sizeof "PWD=" + 4096;

// Whether `entry` is "NAME=…" for the variable `name`.
bool is_variable(Text entry, const char* name) {
  const Text text = Text::of(name);
  return entry.starts_with(text) && entry.from(text.size()).starts_with("=");
}

// Whether `entry` is one of the variables that nsrun and the stub use between themselves.
bool is_between_sides(Text entry) {
  return entry.starts_with("_LIBCONTAINER_") || is_variable(entry, kStartVariable) ||
         is_variable(entry, kCallerVariable) || is_variable(entry, kSignalsVariable) ||
         is_variable(entry, kJoinedVariable) || is_variable(entry, kOutsideVariable) ||
         is_variable(entry, kMountsVariable);
}

// The size of NAME=VALUE with its NUL, for --setenv.
size_t size_of_text(const Option& option) {
  return sys::length(option.value) + sys::length(option.second) + 2;
}

}  // namespace

CommandEnvironment::CommandEnvironment(const stub::InitialStack& stack, const Options& options,
                                       const Handover& handover, int64_t now) {
  read_joined(handover.joined.environment);
  size_t most = 1;
  for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) ++most;
  for (const char c : joined_text()) most += c == '\0' ? 1 : 0;
  size_t texts = 0;
  for (OptionReader reader(options.argv); reader.next(); ++most) {
    if (reader.option().id == OptionId::kSetEnv) texts += size_of_text(reader.option());
  }
  const size_t pointers = (most + 3) * sizeof(char*);
  check(memory_.map_private(pointers + texts + kPwdSize), "mmap", "environment");
  entries_ = reinterpret_cast<const char**>(memory_.data());
  texts_ = reinterpret_cast<char*>(memory_.data() + pointers);
  pwd_ = texts_ + texts;

  if (joined_size_ == 0) {
    for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) add(*entry);
  }
  for (Text rest = joined_text(); !rest.empty(); rest = rest.from(rest.find('\0') + 1)) {
    if (rest.find('\0') != 0) add(rest.data());
  }
  for (OptionReader reader(options.argv); reader.next();) apply(reader.option());
  if (options.reporting.report) add_report(handover, now);
}

void CommandEnvironment::add(const char* entry) {
  if (!is_between_sides(Text::of(entry))) entries_[count_++] = entry;
}

// The process can have written anything there, so a NUL is added at the end.
void CommandEnvironment::read_joined(int fd) {
  if (fd == 0) return;
  constexpr size_t kMost = size_t{1} << 21;
  check(joined_.map_private(kMost + 1), "mmap", "--join-env");
  joined_size_ = check(sys::read_fully(fd, joined_.bytes().first(kMost)), "--join-env") + 1;
  (void)sys::close(fd);
}

const char* CommandEnvironment::find(Text name) const {
  const size_t at = index(name);
  return at < count_ ? entries_[at] + name.size() + 1 : nullptr;
}

size_t CommandEnvironment::index(Text name) const {
  for (size_t i = 0; i < count_; ++i) {
    const Text text = Text::of(entries_[i]);
    if (text.starts_with(name) && text.from(name.size()).starts_with("=")) return i;
  }
  return count_;
}

void CommandEnvironment::remove(Text name) {
  for (size_t at = index(name); at < count_; at = index(name)) {
    --count_;
    for (size_t i = at; i <= count_; ++i) entries_[i] = entries_[i + 1];
  }
}

void CommandEnvironment::apply(const Option& option) {
  if (option.id == OptionId::kClearEnv) {
    count_ = 0;
  } else if (option.id == OptionId::kUnsetEnv) {
    remove(Text::of(option.value));
  } else if (option.id == OptionId::kEnv) {
    const Text entry = Text::of(option.value);
    remove(entry.first(entry.find('=')));
    entries_[count_++] = option.value;
  } else if (option.id == OptionId::kSetEnv) {
    remove(Text::of(option.value));
    const size_t size = size_of_text(option);
    sys::StringBuilder text({texts_, size});
    text << option.value << "=" << option.second;
    entries_[count_++] = texts_;
    texts_ += size;
  }
  entries_[count_] = nullptr;
}

void CommandEnvironment::tell_directory() {
  constexpr Text kName = "PWD=";
  for (const char c : kName) *pwd_++ = c;
  const auto asked = sys::getcwd({pwd_, kPwdSize - kName.size()});
  pwd_ -= kName.size();
  if (!asked || pwd_[kName.size()] != '/') return;
  remove("PWD");
  entries_[count_++] = pwd_;
  entries_[count_] = nullptr;
}

void CommandEnvironment::add_report(const Handover& handover, int64_t now) {
  setup_ << kSetupVariable << "=" << now / 1000 - handover.start;
  sealed_ << kSealedVariable << "=" << handover.seal.text();
  entries_[count_++] = handover.outside.c_str();
  entries_[count_++] = setup_.c_str();
  entries_[count_++] = sealed_.c_str();
  entries_[count_] = nullptr;
}

}  // namespace nsrun

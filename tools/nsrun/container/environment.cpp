#include "tools/nsrun/container/environment.h"

#include "tools/nsrun/common/error.h"

namespace nsrun {

using sys::Text;

namespace {

constexpr size_t kPwdSize = sizeof "PWD=" + 4096;

// Whether it is "NAME=…" of this variable.
bool is_variable(Text entry, const char* name) {
  const Text text = Text::of(name);
  return entry.starts_with(text) && entry.from(text.size()).starts_with("=");
}

// Whether it is of those between nsrun's two sides and the stub.
bool is_between_sides(Text entry) {
  return entry.starts_with("_LIBCONTAINER_") || is_variable(entry, kStartVariable) ||
         is_variable(entry, kSignalsVariable) || is_variable(entry, kJoinedVariable) ||
         is_variable(entry, kOutsideVariable) || is_variable(entry, kMountsVariable);
}

}  // namespace

CommandEnvironment::CommandEnvironment(const stub::InitialStack& stack, const Options& options,
                                       const Handover& handover, int64_t now) {
  size_t most = 1;
  for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) ++most;
  for (OptionReader reader(options.argv); reader.next();) ++most;
  check(memory_.map_private((most + 3) * sizeof(char*) + kPwdSize), "mmap", "environment");
  entries_ = reinterpret_cast<const char**>(memory_.data());
  pwd_ = reinterpret_cast<char*>(memory_.data()) + (most + 3) * sizeof(char*);

  for (const char* const* entry = stack.environment(); *entry != nullptr; ++entry) {
    const Text text = Text::of(*entry);
    if (!is_between_sides(text)) entries_[count_++] = *entry;
  }
  for (OptionReader reader(options.argv); reader.next();) apply(reader.option());
  if (options.reporting.report) add_report(handover, now);
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

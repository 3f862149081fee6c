// Fuzzes nsrun's command line.
#include "tools/nsrun/command_line/options.h"

#include <algorithm>
#include <cstring>
#include <memory>

#include "tests/fuzz/targets.h"

namespace fuzz {

namespace {

class CommandLine {
 public:
  explicit CommandLine(const std::vector<Bytes>& words) {
    for (const Bytes& word : words) memory_.push_back(std::make_unique<Exact>(word + '\0'));
    for (const auto& word : memory_) argv_.push_back(word->data());
    argv_.push_back(nullptr);
  }
  [[nodiscard]] const char* const* argv() const { return argv_.data(); }

 private:
  std::vector<std::unique_ptr<Exact>> memory_;
  std::vector<const char*> argv_;
};

Bytes said(const char* text) { return text == nullptr ? "(null)" : Bytes("'") + text + "'"; }

// Returns everything that a command line means, as text.
Bytes meaning_of(const nsrun::Options& options) {
  Bytes all;
  for (const char* text :
       {options.identity.uid_map, options.identity.gid_map, options.identity.user,
        options.files.rootfs, options.files.chdir, options.process.hostname,
        options.process.domainname, options.rights.seccomp, options.process.oom_score_adj,
        options.process.nice, options.process.cgroup, options.reporting.pid_file,
        options.reporting.info_fd, options.namespaces.monotonic_offset,
        options.namespaces.boottime_offset, options.supervise}) {
    all += said(text) + " ";
  }
  for (const unsigned number :
       {options.namespaces.create, options.namespaces.shared, unsigned{options.seal}}) {
    all += std::to_string(number) + " ";
  }
  for (const bool flag : {options.namespaces.create_given,
                          options.namespaces.joins,
                          options.files.mounts,
                          options.identity.map_root_user,
                          options.identity.map_auto,
                          options.files.overlay_root,
                          options.files.read_only,
                          options.files.mask,
                          options.files.slave,
                          options.files.given,
                          options.files.id_mapped,
                          options.rights.new_privs,
                          options.process.die_with_parent,
                          options.process.tty,
                          options.process.init,
                          options.reporting.verbose,
                          options.reporting.quiet,
                          options.reporting.report,
                          options.help,
                          options.version}) {
    all += flag ? '1' : '0';
  }
  if (options.command == nullptr) return all;
  for (const char* const* word = options.command; *word != nullptr; ++word) all += said(*word);
  return all;
}

}  // namespace

void run_options(const Bytes& bytes) {
  std::vector<Bytes> words = words_of(bytes);
  words.insert(words.begin(), "nsrun");
  const CommandLine line(words);
  const nsrun::Options options = nsrun::parse_options(line.argv());
  if (options.wrong.reason != nullptr) {
    FUZZ_REQUIRE(options.wrong.option != nullptr, bytes);
    return;
  }
  FUZZ_REQUIRE(options.wrong.option == nullptr && options.wrong.value == nullptr, bytes);
  FUZZ_REQUIRE((options.namespaces_to_create() & ~sys::kAllNamespaces) == 0, bytes);

  // The options, written back in one form, must mean the same.
  std::vector<Bytes> written = {"nsrun"};
  nsrun::OptionReader reader(line.argv());
  while (reader.next()) {
    const nsrun::Option& option = reader.option();
    written.emplace_back(option.name);
    // The value may be part of the option's own word, or the next word.
    for (const char* value : {option.value, option.second}) {
      if (std::any_of(line.argv(), line.argv() + words.size(), [&](const char* word) {
            return value >= word && value <= word + strlen(word);
          }))
        written.emplace_back(value);
    }
  }
  FUZZ_REQUIRE(reader.wrong() == nullptr, bytes);
  written.emplace_back("--");
  for (const char* const* word = reader.rest(); *word != nullptr; ++word)
    written.emplace_back(*word);
  const CommandLine again(written);
  const nsrun::Options rewritten = nsrun::parse_options(again.argv());
  FUZZ_REQUIRE(rewritten.wrong.reason == nullptr, bytes);
  FUZZ_REQUIRE(meaning_of(rewritten) == meaning_of(options), bytes);
}

std::vector<Bytes> options_seeds() {
  const std::vector<std::vector<const char*>> lines = {
      {"--rootfs", "/srv", "--hostname", "box", "--", "/bin/sh", "-c", "true"},
      {"--ns", "user,mnt,pid", "--map-root-user", "--uid-map=0:1000:1", "id"},
      {"--unshare-net", "--share-time", "--bind", "/a", "/b", "--tmpfs", "/tmp", "sh"},
      {"--unshare-all", "--join", "net:/proc/1/ns/net", "--user", "1000:100,4,5", "x"},
      {"--rlimit", "nofile=1024:unlimited", "--cap-drop", "all", "--cap-add", "net_admin", "x"},
      {"--overlay", "/a", "/", "--read-only", "--env", "A=b", "--unset-env=C", "--clear-env", "x"},
      {"--time-offset", "monotonic=3", "--seal", "memfd", "--oom-score-adj", "-500", "--nice=3",
       "x"},
      {"--supervise", "/etc/nsrun.conf"},
      {"--perms", "0700", "--file", "5", "/a", "--bind-data", "6", "/b", "--ro-bind-fd", "7", "/c",
       "x"},
      {"--chmod", "755", "/", "--remount-ro", "/", "--propagation", "rslave", "--bind-idmap", "/a",
       "/d", "x"},
      {"--tty", "--init", "--die-with-parent", "--new-session", "--quiet", "x"},
      {"--pid-file", "/run/x", "--info-fd", "3", "--cgroup", "/a", "--seccomp", "4", "x"},
      {"--help"},
      {"--version"},
  };
  std::vector<Bytes> seeds;
  for (const auto& line : lines) {
    Bytes seed;
    for (const char* word : line) seed += Bytes(word) + '\0';
    seeds.push_back(seed);
  }
  return seeds;
}

}  // namespace fuzz

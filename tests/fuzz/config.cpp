// Fuzzes the parser of /etc/nsrun.conf.
#include "tools/nsrun/command_line/config.h"

#include <algorithm>
#include <memory>

#include "tests/fuzz/targets.h"

namespace fuzz {

namespace {

struct Complaints {
  unsigned last_line = 0;
  size_t count = 0;
};
Complaints complaints;

void complain(const char* /*file*/, unsigned line, const char* reason) {
  FUZZ_REQUIRE(reason != nullptr && *reason != '\0', "");
  FUZZ_REQUIRE(line > complaints.last_line, "");
  complaints.last_line = line;
  ++complaints.count;
}

struct Parsed {
  explicit Parsed(const Bytes& text) : memory(text + '\0') {
    complaints = {};
    wrong = config->parse({memory.data(), text.size()}, "conf", complain);
    FUZZ_REQUIRE(wrong == complaints.count, text);
  }
  Exact memory;
  std::unique_ptr<nsrun::Config> config = std::make_unique<nsrun::Config>();
  size_t wrong = 0;
};

Bytes quoted(const Bytes& word) {
  Bytes all = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') all += '\\';
    all += c;
  }
  return all + "\"";
}

// Writes the configuration back with every word in quotes.
Bytes write(const nsrun::Config& config) {
  const char* const restarts[] = {"once", "always", "on-failure"};
  const char* const ends[] = {"poweroff", "reboot", "stay"};
  Bytes text = Bytes("finally ") + ends[static_cast<size_t>(config.finally())] + "\n";
  for (size_t i = 0; i < config.size(); ++i) {
    text += quoted(config[i].name) + " " + restarts[static_cast<size_t>(config[i].restart)];
    for (const char* const* word = config[i].argv + 2; *word != nullptr; ++word) {
      text += " " + quoted(*word);
    }
    text += "\n";
  }
  return text;
}

}  // namespace

void run_config(const Bytes& bytes) {
  const Bytes text = bytes.substr(0, bytes.find('\0'));
  const Parsed parsed(text);
  const nsrun::Config& config = *parsed.config;
  const auto lines = static_cast<size_t>(std::count(text.begin(), text.end(), '\n')) + 1;
  FUZZ_REQUIRE(config.size() + parsed.wrong <= lines, bytes);
  FUZZ_REQUIRE(config.size() <= nsrun::Config::kMostContainers, bytes);
  for (size_t i = 0; i < config.size(); ++i) {
    FUZZ_REQUIRE(Bytes("nsrun") == config[i].argv[0], bytes);
    FUZZ_REQUIRE(nsrun::parse_options(config[i].argv).command != nullptr, bytes);
    for (size_t j = 0; j < i; ++j) FUZZ_REQUIRE(Bytes(config[i].name) != config[j].name, bytes);
  }
  const Bytes written = write(config);
  const Parsed again(written);
  FUZZ_REQUIRE(again.wrong == 0, bytes);
  FUZZ_REQUIRE(write(*again.config) == written, bytes);
}

std::vector<Bytes> config_seeds() {
  return {"# nothing\n",
          "web always --rootfs /srv/web -- /bin/httpd -f\nlog once --rootfs /srv/log logger\n",
          "a on-failure --hostname 'a b' -- sh -c \"echo \\\"x\\\"\"\nfinally stay\n",
          "a once sh\na once sh\n",
          "a never sh\n",
          "a once 'sh\n",
          "finally never\n",
          "a\tonce\tsh # x\r\n"};
}

}  // namespace fuzz

// Writes nsrun's completions for a shell from the option table: `make completions`.
#include <algorithm>
#include <cstring>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "tools/nsrun/command_line/capabilities.h"
#include "tools/nsrun/command_line/option_table.h"

namespace {

using nsrun::OptionEntry;
using Words = std::vector<std::string>;

// What kind of value an option takes.
enum class Value { kAny, kWords, kList, kCapability, kDirectory, kFile, kProcess, kVariable };

Words split(std::string text) {
  for (char& c : text) {
    if (c == ',') c = ' ';
  }
  std::istringstream stream(text);
  Words words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<OptionEntry> options() {
  std::vector<OptionEntry> all;
  for (const OptionEntry& entry : nsrun::kOptions) {
    if (entry.names != nullptr && !entry.hidden) all.push_back(entry);
  }
  return all;
}

bool is_of_types(const std::string& name) { return name.ends_with("TYPE"); }
std::string without_type(const std::string& name) { return name.substr(0, name.size() - 4); }

// The names of an entry, as a user types them.
Words names_of(const OptionEntry& entry) {
  Words typed;
  for (const std::string& name : split(entry.names)) {
    if (!is_of_types(name)) typed.push_back(name);
    for (const std::string& type : split(is_of_types(name) ? nsrun::kTypes : "")) {
      typed.push_back(without_type(name) + type);
    }
  }
  return typed;
}

Words values_of(const OptionEntry& entry) {
  std::istringstream stream{std::string(entry.values)};
  Words values;
  for (std::string value; stream >> value;) values.push_back(value);
  return values;
}

Value kind_of(const OptionEntry& entry, const std::string& value) {
  if (entry.id == nsrun::OptionId::kUnsetEnv) return Value::kVariable;
  if (value.starts_with("CAP")) return Value::kCapability;
  if (entry.words[0] != '\0') return value == "LIST" ? Value::kList : Value::kWords;
  if (value == "DIR") return Value::kDirectory;
  if (value == "PID" || value.starts_with("PID|")) return Value::kProcess;
  for (const char* file : {"FILE", "PATH", "SRC", "DEST"}) {
    if (value == file) return Value::kFile;
  }
  return value.starts_with("LOWER") ? Value::kFile : Value::kAny;
}

std::string joined(const Words& words, const char* between) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : between) + word;
  return text;
}

std::string capabilities() {
  std::string words = "all";
  for (unsigned i = 0; i < nsrun::kNamedCapabilities; ++i) {
    words += std::string(" ") + nsrun::capability_name(i);
  }
  return words;
}

// bash.

std::string bash_reply(const OptionEntry& entry, Value kind) {
  const auto reply = [](const std::string& how) {
    return "            COMPREPLY=($(compgen " + how + " -- \"$cur\"))\n";
  };
  switch (kind) {
    case Value::kWords: {
      const std::string words = entry.words;
      const bool goes_on = words.ends_with(":") || words.ends_with("=");
      return reply("-W '" + words + "'") + (goes_on ? "            compopt -o nospace\n" : "");
    }
    case Value::kList:
      return "            _nsrun_list '" + std::string(entry.words) + "'\n";
    case Value::kCapability:
      return reply("-W '" + capabilities() + "'");
    case Value::kProcess:
      return "            COMPREPLY=($(compgen -W \"$(cd /proc && echo [0-9]*)\" -- \"$cur\"))\n";
    case Value::kDirectory:
      return reply("-d");
    case Value::kFile:
      return reply("-f");
    case Value::kVariable:
      return reply("-e");
    default:
      return "";
  }
}

// The cases for value number `index` of the options that have one. Options with the same completion
// share a case.
void write_bash_cases(std::ostream& out, size_t index) {
  std::vector<std::pair<std::string, Words>> cases;
  for (const OptionEntry& entry : options()) {
    const Words values = values_of(entry);
    if (values.size() <= index) continue;
    const std::string reply = bash_reply(entry, kind_of(entry, values[index]));
    auto same = std::find_if(cases.begin(), cases.end(),
                             [&](const auto& one) { return one.first == reply; });
    if (same == cases.end()) same = cases.insert(cases.end(), {reply, {}});
    const Words names = names_of(entry);
    same->second.insert(same->second.end(), names.begin(), names.end());
  }
  for (const auto& [reply, names] : cases) {
    out << "        " << joined(names, " | ") << ")\n" << reply << "            return ;;\n";
  }
}

void write_bash(std::ostream& out) {
  out << R"(# bash completion for nsrun(1). Written by `make completions` from nsrun's option table.

# Completes the word after the last comma, and keeps the text before it.
_nsrun_list() {
    local head=
    [[ $cur == *,* ]] && head=${cur%,*},
    COMPREPLY=($(compgen -P "$head" -W "$1" -- "${cur##*,}"))
}

_nsrun() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} before= i
    # A negative index would count from the end.
    ((COMP_CWORD > 1)) && before=${COMP_WORDS[COMP_CWORD - 2]}
    # After "--" the command and its arguments are completed.
    for ((i = 1; i < COMP_CWORD; i++)); do
        if [[ ${COMP_WORDS[i]} == -- ]]; then
            _command_offset $((i + 1)) 2> /dev/null
            return
        fi
    done
    case $prev in
)";
  write_bash_cases(out, 0);
  out << "    esac\n"
         "    # The second value of an option.\n"
         "    case $before in\n";
  write_bash_cases(out, 1);
  out << "    esac\n"
         "    if [[ $cur == -* ]]; then\n"
         "        COMPREPLY=($(compgen -W '\n";
  for (const OptionEntry& entry : options()) {
    for (const std::string& name : names_of(entry)) out << "            " << name << "\n";
  }
  out << R"(            --' -- "$cur"))
    else
        COMPREPLY=($(compgen -c -- "$cur"))
    fi
}
complete -F _nsrun nsrun
)";
}

// zsh: _arguments of zshcompsys(1).

// Puts text into single quotes, and a backslash before each character of `special`.
std::string quoted(const std::string& text, const char* special) {
  std::string result;
  for (const char c : text) {
    if (c == '\n') {
      result += ' ';
    } else if (c == '\'') {
      result += "'\\''";
    } else {
      if (strchr(special, c) != nullptr) result += '\\';
      result += c;
    }
  }
  return result;
}

std::string zsh_action(const OptionEntry& entry, Value kind) {
  switch (kind) {
    case Value::kWords:
      return "(" + quoted(entry.words, ":") + ")";
    case Value::kList:
      return "_values -s , list " + std::string(entry.words);
    case Value::kCapability:
      return "(" + capabilities() + ")";
    case Value::kDirectory:
      return "_files -/";
    case Value::kFile:
      return "_files";
    case Value::kProcess:
      return "_pids";
    case Value::kVariable:
      return "_parameters -g \"*export*\"";
    default:
      return "";
  }
}

// '--name', '--prefix-'{a,b}, or '(-n --name)'{-n,--name}
std::string zsh_names(const OptionEntry& entry, bool repeats) {
  const Words names = split(entry.names);
  const std::string star = repeats ? "*" : "";
  if (names.size() > 1) {
    const std::string exclusion = repeats ? "'*'" : "'(" + joined(names, " ") + ")'";
    return exclusion + "{" + joined(names, ",") + "}'";
  }
  if (!is_of_types(names[0])) return "'" + star + names[0];
  return "'" + star + without_type(names[0]) + "'{" + joined(split(nsrun::kTypes), ",") + "}'";
}

void write_zsh(std::ostream& out) {
  out << "#compdef nsrun\n"
         "# zsh completion for nsrun(1). Written by `make completions` from nsrun's option "
         "table.\n\n"
         "_arguments -S \\\n";
  for (const OptionEntry& entry : options()) {
    // --time-offset can be given once for each clock.
    const bool repeats = entry.id != nsrun::OptionId::kSetting || entry.wants == CLONE_NEWTIME;
    out << "    " << zsh_names(entry, repeats) << "[" << quoted(entry.help, "[]:") << "]";
    for (const std::string& value : values_of(entry)) {
      out << ":" << quoted(value, ":[]") << ":" << zsh_action(entry, kind_of(entry, value));
    }
    out << "' \\\n";
  }
  out << "    '*::command:_normal'\n";
}

// fish: complete(1).

std::string fish_action(const OptionEntry& entry, Value kind) {
  switch (kind) {
    case Value::kWords:
      return " -x -a '" + std::string(entry.words) + "'";
    case Value::kList:
      return " -x -a '(__fish_append , " + std::string(entry.words) + ")'";
    case Value::kCapability:
      return " -x -a '" + capabilities() + "'";
    case Value::kDirectory:
      return " -x -a '(__fish_complete_directories)'";
    case Value::kFile:
      return " -r";
    case Value::kProcess:
      return " -x -a '(__fish_complete_pids)'";
    case Value::kVariable:
      return " -x -a '(set -nx)'";
    default:
      return " -x";
  }
}

void write_fish(std::ostream& out) {
  out << "# fish completion for nsrun(1). Written by `make completions` from nsrun's option "
         "table.\n\n"
         "complete -c nsrun -x -a '(__fish_complete_subcommand)'\n";
  for (const OptionEntry& entry : options()) {
    const Words values = values_of(entry);
    out << "complete -c nsrun";
    for (const std::string& name : names_of(entry)) {
      out << (name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1));
    }
    if (!values.empty()) out << fish_action(entry, kind_of(entry, values[0]));
    out << " -d '" << quoted(entry.help, "\\") << "'\n";
  }
}

}  // namespace

int main(int count, char** arguments) {
  const std::string_view shell = count == 2 ? arguments[1] : "";
  if (shell == "bash") {
    write_bash(std::cout);
  } else if (shell == "zsh") {
    write_zsh(std::cout);
  } else if (shell == "fish") {
    write_fish(std::cout);
  } else {
    std::cerr << "usage: generate-completions bash|zsh|fish\n";
    return 2;
  }
  return 0;
}

// A word for a shell: the path of the checkout may have spaces.
#pragma once

#include <string>

namespace test {

inline std::string quoted(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

}  // namespace test

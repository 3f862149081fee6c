// Splits an id map's text into the arguments of newuidmap(1), one for each number.
#pragma once

#include <stddef.h>

namespace stub {

/// The most numbers that a map of that many characters can have: each takes one character and a
/// separator.
constexpr size_t most_numbers(size_t map_length) { return map_length / 2 + 1; }

/// Splits the map in place and stores its numbers, as strings, from `argument` on. Returns the
/// place after the last one.
constexpr const char** take_numbers(char* map, const char** argument) {
  const auto is_separator = [](char c) { return c == ' ' || c == '\n'; };
  while (*map != '\0') {
    if (is_separator(*map)) {
      *map++ = '\0';
      continue;
    }
    *argument++ = map;
    while (*map != '\0' && !is_separator(*map)) ++map;
  }
  return argument;
}

}  // namespace stub

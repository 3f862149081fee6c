// An id map's text as newuidmap(1) wants it: each number an argument of its own.
#pragma once

#include <stddef.h>

namespace stub {

/// How many numbers a map of that many characters can have: each takes one, and one separates it
/// from the next.
constexpr size_t most_numbers(size_t map_length) { return map_length / 2 + 1; }

/// Takes the map apart where it stands and puts its numbers, each a string, where `argument`
/// points. Gives where the next one would go.
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

// Counts a text in another.
#pragma once

#include <string_view>

namespace sake::test {

/// How often `text` contains `wanted`.
inline int times_in(std::string_view text, std::string_view wanted) {
  int found = 0;
  for (auto at = text.find(wanted); at != text.npos; at = text.find(wanted, at + 1))
    ++found;
  return found;
}

} // namespace sake::test

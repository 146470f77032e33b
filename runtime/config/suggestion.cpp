#include "suggestion.hpp"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>

namespace sake {

namespace {

/// The edit distance: insertions, removals and replacements of single letters.
std::size_t distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < from.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i] == to[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

} // namespace

std::string suggestion(std::string_view name, const std::vector<std::string>& candidates) {
  const std::string* best = nullptr;
  // A third of the letters and one more may differ, three at most.
  std::size_t least = std::min<std::size_t>(name.size() / 3 + 2, 4);
  for (const auto& each : candidates)
    if (const auto apart = distance(name, each); apart < least) {
      best = &each;
      least = apart;
    }
  return best == nullptr ? "" : "; did you mean \"" + *best + "\"?";
}

} // namespace sake

#include "head_cache.hpp"

#include <cstring>

namespace sake::http {

namespace {

constexpr std::size_t longest_head = 2048;

// One of this many heads that were not found is kept.
constexpr std::size_t admission = 8;

// After that many misses in a row only one head of `rare` is looked for: the clients of this time
// do not repeat themselves.
constexpr std::size_t many_misses = 64;
constexpr std::size_t rare = 16;

bool starts_with_head(std::string_view input, std::string_view head) noexcept {
  const std::size_t size = head.size();
  return input.size() >= size + 2 && input[size] == '\r' && input[size + 1] == '\n'
         && std::memcmp(input.data(), head.data(), size) == 0;
}

} // namespace

std::optional<request> head_cache::find(std::string_view input) {
  if (misses_in_a_row_++ >= many_misses && misses_in_a_row_ % rare != 0)
    return std::nullopt;
  for (std::size_t i = 0; i < places; ++i) {
    const std::size_t at = (last_hit_ + i) % places;
    if (!heads_[at])
      continue;
    const request& known = heads_[at];
    if (!starts_with_head(input, known.data().head))
      continue;
    last_hit_ = at;
    misses_in_a_row_ = 0;
    request found;
    found.data().copy_head(known.data());
    return found;
  }
  return std::nullopt;
}

void head_cache::offer(const request& parsed, std::string_view octets) {
  // Where heads are looked for rarely, they are kept rarely as well.
  const std::size_t one_of = misses_in_a_row_ >= many_misses ? admission * rare : admission;
  if (misses_++ % one_of != 0)
    return;
  const std::string_view head = parsed.data().head;
  if (head.size() > longest_head || octets.size() != head.size() + 2
      || !starts_with_head(octets, head))
    return;
  request kept;
  kept.data().copy_head(parsed.data());
  heads_[next_place_] = std::move(kept);
  next_place_ = (next_place_ + 1) % places;
}

} // namespace sake::http

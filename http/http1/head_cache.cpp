#include "head_cache.hpp"

#include <cstring>

namespace sake::http {

namespace {

constexpr std::size_t longest_head = 2048;

// One of this many heads that were not found is kept.
constexpr std::size_t admission = 8;

bool starts_with_head(std::string_view input, std::string_view head) noexcept {
  return input.size() >= head.size() + 2 && std::memcmp(input.data(), head.data(), head.size()) == 0
         && input[head.size()] == '\r' && input[head.size() + 1] == '\n';
}

} // namespace

std::optional<request> head_cache::find(std::string_view input) {
  for (std::size_t i = 0; i < places; ++i) {
    const std::size_t at = (last_hit_ + i) % places;
    if (!heads_[at])
      continue;
    const request& known = heads_[at];
    if (!starts_with_head(input, known.data().head))
      continue;
    last_hit_ = at;
    request found;
    found.data().copy_head(known.data());
    return found;
  }
  return std::nullopt;
}

void head_cache::offer(const request& parsed, std::string_view octets) {
  if (misses_++ % admission != 0)
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

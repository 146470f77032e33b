#include "json_utf8.hpp"

#include <cstddef>

namespace sake::http::detail {

namespace {

struct sequence {
  std::size_t size;
  bool is_valid;
};

/// The sequence at the start of `text`, which must not be empty: a whole character, or the longest
/// start of one (at least one octet).
sequence first_sequence(std::string_view text) noexcept {
  const auto octet = [&](std::size_t i) noexcept { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = octet(0);
  if (lead < 0x80)
    return {1, true};
  if (lead < 0xC2 || lead > 0xF4)
    return {1, false};
  // The second octet carries the rules against overlong forms, surrogates and U+110000 and above.
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  switch (lead) {
    case 0xE0:
      low = 0xA0;
      break;
    case 0xED:
      high = 0x9F;
      break;
    case 0xF0:
      low = 0x90;
      break;
    case 0xF4:
      high = 0x8F;
      break;
    default:
      break;
  }
  const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  for (std::size_t i = 1; i < size; ++i) {
    if (i == text.size() || octet(i) < low || octet(i) > high)
      return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {size, true};
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const sequence next = first_sequence(text);
    if (!next.is_valid)
      return false;
    text.remove_prefix(next.size);
  }
  return true;
}

std::string replace_invalid_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size() + 8);
  while (!text.empty()) {
    const sequence next = first_sequence(text);
    repaired += next.is_valid ? text.substr(0, next.size) : std::string_view{"\xEF\xBF\xBD"};
    text.remove_prefix(next.size);
  }
  return repaired;
}

} // namespace sake::http::detail

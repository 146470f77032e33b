// Text that JSON takes between quotation marks as it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sake::http::detail {

/// Finds octets that cannot stand in a JSON string as they are, or are not ASCII: 0x80 and above,
/// less than 0x20, '"' and '\\'. Returns nonzero if there is one among the eight.
constexpr std::uint64_t special_octets(std::uint64_t eight) noexcept {
  // Each of the four leaves the top bit of its lane set; a borrow only comes out of such a lane.
  constexpr std::uint64_t ones = 0x0101010101010101;
  return (eight | (eight - ones * 0x20) | ((eight ^ ones * '"') - ones)
          | ((eight ^ ones * '\\') - ones))
         & (ones * 0x80);
}

/// Copies `text` to `to`. Returns whether all of it is plain: ASCII without need of an escape. If
/// not, the copy is meaningless.
inline bool copy_plain(std::string_view text, char* to) noexcept {
  const char* from = text.data();
  const std::size_t size = text.size();
  const auto copy = [&]<class Word>(std::size_t i, Word word) noexcept {
    std::memcpy(&word, from + i, sizeof word);
    std::memcpy(to + i, &word, sizeof word);
    return word;
  };
  // The last word overlaps the one before.
  std::uint64_t special = 0;
  if (size >= 8) {
    const std::size_t last = size - 8;
    for (std::size_t i = 0;; i = i + 8 < last ? i + 8 : last) {
      special |= special_octets(copy(i, std::uint64_t{}));
      if (i == last)
        break;
    }
  } else if (size >= 4) {
    const std::uint64_t first = copy(0, std::uint32_t{});
    special = special_octets(first << 32 | copy(size - 4, std::uint32_t{}));
  } else {
    std::uint64_t octets = 0x2020202020202020;
    for (std::size_t i = 0; i < size; ++i)
      octets = octets << 8 | copy(i, std::uint8_t{});
    special = special_octets(octets);
  }
  return special == 0;
}

} // namespace sake::http::detail

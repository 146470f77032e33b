#include "fields.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace sake::http {

namespace {

constexpr std::uint64_t in_each_octet(std::uint64_t octet) noexcept {
  return octet * 0x0101010101010101;
}

// The eight octets of `word`, with the letters of ASCII in lower case.
constexpr std::uint64_t lower(std::uint64_t word) noexcept {
  const std::uint64_t low_bits = word & in_each_octet(0x7f);
  const std::uint64_t from_a = low_bits + in_each_octet(0x80 - 'A');
  const std::uint64_t behind_z = low_bits + in_each_octet(0x7f - 'Z');
  const std::uint64_t is_upper = (from_a & ~behind_z & ~word) & in_each_octet(0x80);
  return word | is_upper >> 2;
}

template <class Word>
std::uint64_t load(const char* from) noexcept {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

bool is_same(std::uint64_t a, std::uint64_t b) noexcept {
  return a == b || lower(a) == lower(b);
}

} // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size())
    return false;
  // A word at a time; the last one may overlap the word before.
  const std::size_t size = a.size();
  if (size >= 8) {
    for (std::size_t at = 0; at + 8 < size; at += 8)
      if (!is_same(load<std::uint64_t>(a.data() + at), load<std::uint64_t>(b.data() + at)))
        return false;
    return is_same(load<std::uint64_t>(a.data() + size - 8),
                   load<std::uint64_t>(b.data() + size - 8));
  }
  if (size >= 4)
    return is_same(load<std::uint32_t>(a.data()), load<std::uint32_t>(b.data()))
           && is_same(load<std::uint32_t>(a.data() + size - 4),
                      load<std::uint32_t>(b.data() + size - 4));
  for (std::size_t i = 0; i < size; ++i)
    if (!is_same(static_cast<unsigned char>(a[i]), static_cast<unsigned char>(b[i])))
      return false;
  return true;
}

bool has_list_element(std::string_view list, std::string_view element) noexcept {
  bool found = false;
  for_each_list_element(list,
                        [&](std::string_view each) { found = found || iequals(each, element); });
  return found;
}

bool is_field_value(std::string_view value) noexcept {
  // No early exit, so that the compiler checks many octets at a time.
  unsigned bad = 0;
  for (unsigned char c : value)
    bad |= static_cast<unsigned>((c < 0x20) & (c != '\t')) | static_cast<unsigned>(c == 0x7f);
  return bad == 0;
}

bool is_framing_field(std::string_view name) noexcept {
  return iequals(name, "content-length") || iequals(name, "transfer-encoding");
}

} // namespace sake::http

#include "fields.hpp"

#include <cstddef>

namespace sake::http {

namespace {

constexpr unsigned char lower(unsigned char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<unsigned char>(c | 0x20) : c;
}

} // namespace

bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size())
    return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(static_cast<unsigned char>(a[i])) != lower(static_cast<unsigned char>(b[i])))
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

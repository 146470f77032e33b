// Field lines of a message, as views (RFC 9110 §5).
#pragma once

#include <cstddef>
#include <string_view>

namespace sake::http {

/// One field line. The views point into the message.
struct field {
  std::string_view name;
  std::string_view value;
};

/// Whether two field names are the same: ASCII letters compare without case (RFC 9110 §5.1).
bool iequals(std::string_view a, std::string_view b) noexcept;

/// Whether `list`, a comma-separated list (RFC 9110 §5.6.1), holds `element`, without case.
bool has_list_element(std::string_view list, std::string_view element) noexcept;

/// Calls `function` with each element of `list`, a comma-separated list (RFC 9110 §5.6.1), without
/// surrounding whitespace. Skips empty elements.
template <class Function>
void for_each_list_element(std::string_view list, Function function) {
  constexpr std::string_view whitespace = " \t";
  while (!list.empty()) {
    const auto comma = list.find(',');
    std::string_view element = list.substr(0, comma);
    list = comma == list.npos ? std::string_view{} : list.substr(comma + 1);
    const auto begin = element.find_first_not_of(whitespace);
    if (begin == element.npos)
      continue;
    element = element.substr(begin, element.find_last_not_of(whitespace) + 1 - begin);
    function(element);
  }
}

/// Whether `value` may stand in a field line: no CR, LF, NUL or other control octet but HTAB
/// (RFC 9110 §5.5).
bool is_field_value(std::string_view value) noexcept;

/// Whether the field `name` belongs to the framing of a message (RFC 9112 §6), and so is set by the
/// connection.
bool is_framing_field(std::string_view name) noexcept;

} // namespace sake::http

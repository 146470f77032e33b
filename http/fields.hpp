// Field lines of a message, as views (RFC 9110 §5).
#pragma once

#include <algorithm>
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
  for (std::size_t end = 0; !list.empty(); list.remove_prefix(std::min(end, list.size()))) {
    end = list.find(',');
    std::string_view element = list.substr(0, end);
    element.remove_prefix(std::min(element.find_first_not_of(whitespace), element.size()));
    element = element.substr(0, element.find_last_not_of(whitespace) + 1);
    if (!element.empty())
      function(element);
    if (end != std::string_view::npos)
      ++end;
  }
}

/// Whether `value` may stand in a field line: no CR, LF, NUL or other control octet but HTAB
/// (RFC 9110 §5.5).
bool is_field_value(std::string_view value) noexcept;

/// Whether the field `name` belongs to the framing of a message (RFC 9112 §6), and so is set by the
/// connection.
bool is_framing_field(std::string_view name) noexcept;

} // namespace sake::http

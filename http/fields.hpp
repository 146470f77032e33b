// Field lines of a message, as views (RFC 9110 §5).
#pragma once

#include <string_view>

namespace sake::http {

/// One field line. The views belong to the message they came from.
struct field {
  std::string_view name;
  std::string_view value;
};

/// Whether two field names are the same: ASCII letters compare without case (RFC 9110 §5.1).
bool iequals(std::string_view a, std::string_view b) noexcept;

/// Whether `list`, a comma-separated list (RFC 9110 §5.6.1), holds `element`, without case.
bool has_list_element(std::string_view list, std::string_view element) noexcept;

/// Whether `value` may stand in a field line: no CR, LF, NUL or other control octet but HTAB
/// (RFC 9110 §5.5).
bool is_field_value(std::string_view value) noexcept;

} // namespace sake::http

// Status codes as they stand in a status line (RFC 9110 §15).
#pragma once

#include <cstddef>
#include <string_view>

namespace sake::http {

/// The reason phrase of `status` ("Not Found"); empty if IANA registers none.
std::string_view reason_phrase(int status) noexcept;

/// The whole status line, "HTTP/1.1 404 Not Found\r\n", from a table made at compile time. Costs
/// one look-up.
///
/// @param status  100 to 599; other values are our own error and give the line of 500
std::string_view status_line(int status) noexcept;

/// Octets that may be read from the start of any status line, past its end: a copy of constant size
/// costs a third of a copy of the exact size.
inline constexpr std::size_t status_line_room = 47;

} // namespace sake::http

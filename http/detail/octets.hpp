// Octets, and classes of them, that several grammars share (RFC 5234 appendix B.1).
#pragma once

#include <string_view>

namespace sake::http::detail {

/// CRLF.
inline constexpr std::string_view crlf = "\r\n";

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The value of a hexadecimal digit; negative for any other octet.
constexpr int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

constexpr bool is_hex_digit(char c) noexcept {
  return hex_digit(c) >= 0;
}

/// Whether a token may hold `c` (RFC 9110 §5.6.2).
constexpr bool is_token_octet(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c != '\0' && std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos);
}

/// Whether a request target may hold `c`: the visible octets of ASCII except octets that no URI
/// holds (RFC 3986 §2), and '#', as a target has no fragment. Accepts '[' and ']', which a URI
/// holds only in an IPv6 address, because they are common in queries.
constexpr bool is_uri_octet(char c) noexcept {
  switch (c) {
    case '"':
    case '#':
    case '<':
    case '>':
    case '\\':
    case '^':
    case '`':
    case '{':
    case '|':
    case '}':
      return false;
    default:
      return c > ' ' && c < '\x7f';
  }
}

} // namespace sake::http::detail

// Classes of octets that several grammars share (RFC 5234 appendix B.1).
#pragma once

namespace sake::http::detail {

constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

constexpr bool is_hex_digit(char c) noexcept {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

} // namespace sake::http::detail

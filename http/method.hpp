// Request methods (RFC 9110 §9).
#pragma once

#include <cstdint>
#include <string_view>

namespace sake::http {

/// A request method that Sake knows by name; every other token is `other`.
enum class method : std::uint8_t {
  get,
  head,
  post,
  put,
  delete_,
  patch,
  options,
  trace,
  connect,
  other
};

/// Whether `m` is safe: it asks for no change on the server (RFC 9110 §9.2.1).
[[nodiscard]] constexpr bool is_safe(method m) noexcept {
  return m == method::get || m == method::head || m == method::options || m == method::trace;
}

/// Whether `m` is idempotent: several requests are meant to have the effect of one (RFC 9110
/// §9.2.2).
[[nodiscard]] constexpr bool is_idempotent(method m) noexcept {
  return is_safe(m) || m == method::put || m == method::delete_;
}

/// The token of `m` ("GET"); empty for `other`.
std::string_view to_string(method m) noexcept;

/// The method that `token` names. Method tokens are case-sensitive (RFC 9110 §9.1).
method to_method(std::string_view token) noexcept;

/// Whether `text` is a token (RFC 9110 §5.6.2), as methods and field names are.
bool is_token(std::string_view text) noexcept;

} // namespace sake::http

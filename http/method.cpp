#include "method.hpp"

#include "detail/octets.hpp"

#include <array>
#include <cstddef>

namespace sake::http {

namespace {

constexpr std::array<std::string_view, 10> tokens{"GET",   "HEAD",    "POST",  "PUT",     "DELETE",
                                                  "PATCH", "OPTIONS", "TRACE", "CONNECT", ""};

constexpr std::array<bool, 256> make_token_octets() {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = detail::is_token_octet(static_cast<char>(c));
  return table;
}

constexpr auto token_octets = make_token_octets();

} // namespace

std::string_view to_string(method m) noexcept {
  return tokens[static_cast<std::size_t>(m)];
}

method to_method(std::string_view token) noexcept {
  for (std::size_t i = 0; i + 1 < tokens.size(); ++i)
    if (tokens[i] == token)
      return static_cast<method>(i);
  return method::other;
}

bool is_token(std::string_view text) noexcept {
  for (unsigned char c : text)
    if (!token_octets[c])
      return false;
  return !text.empty();
}

} // namespace sake::http

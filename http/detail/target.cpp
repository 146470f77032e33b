#include "target.hpp"

#include "../fields.hpp"
#include "octets.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace sake::http::detail {

namespace {

constexpr auto npos = std::string_view::npos;

// -- octets -------------------------------------------------------------------

enum class octet : std::uint8_t { plain, special, refused };

constexpr std::array<octet, 256> make_target_octets() {
  std::array<octet, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c)
    table[c] = is_uri_octet(static_cast<char>(c)) ? octet::plain : octet::refused;
  table['%'] = table['?'] = octet::special;
  return table;
}

// unreserved and sub-delims of RFC 3986 §2.
constexpr std::array<bool, 256> make_name_octets() {
  std::array<bool, 256> table{};
  for (unsigned char c : std::string_view{"-._~!$&'()*+,;=0123456789"
                                          "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"})
    table[c] = true;
  return table;
}

constexpr auto target_octets = make_target_octets();
constexpr auto name_octets = make_name_octets();

octet kind_of(char c) noexcept {
  return target_octets[static_cast<unsigned char>(c)];
}

bool is_name_octet(char c) noexcept {
  return name_octets[static_cast<unsigned char>(c)];
}

bool is_percent_encoded(std::string_view text, std::size_t at) noexcept {
  return text.size() - at > 2 && is_hex_digit(text[at + 1]) && is_hex_digit(text[at + 2]);
}

// -- authority ----------------------------------------------------------------

bool is_registered_name(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_name_octet(text[i]))
      continue;
    if (text[i] != '%' || !is_percent_encoded(text, i))
      return false;
    i += 2;
  }
  return true;
}

// IPvFuture = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
bool is_future_address(std::string_view text) noexcept {
  const std::size_t dot = text.find('.');
  if (dot == npos || dot < 2 || dot + 1 == text.size() || (text[0] != 'v' && text[0] != 'V'))
    return false;
  const std::string_view address = text.substr(dot + 1);
  return std::all_of(text.begin() + 1, text.begin() + static_cast<std::ptrdiff_t>(dot),
                     is_hex_digit)
         && std::all_of(address.begin(), address.end(),
                        [](char c) { return c == ':' || is_name_octet(c); });
}

bool is_ipv6_address(std::string_view text) noexcept {
  char terminated[INET6_ADDRSTRLEN] = {};
  if (text.size() >= sizeof terminated || text.find('\0') != npos)
    return false;
  text.copy(terminated, text.size());
  in6_addr address;
  return inet_pton(AF_INET6, terminated, &address) == 1;
}

struct authority_parts {
  std::string_view host;
  std::string_view port; // with its ':'
};

authority_parts split_authority(std::string_view text) noexcept {
  const std::size_t host_end = text.starts_with('[') ? text.find(']') : 0;
  const std::size_t colon = text.find(':', host_end == npos ? text.size() : host_end);
  return {text.substr(0, colon), colon == npos ? std::string_view{} : text.substr(colon)};
}

bool is_host(std::string_view text) noexcept {
  if (!text.starts_with('['))
    return !text.empty() && is_registered_name(text);
  if (text.size() < 2 || text.back() != ']')
    return false;
  const std::string_view literal = text.substr(1, text.size() - 2);
  return is_ipv6_address(literal) || is_future_address(literal);
}

// Of `[ ":" port ]`; RFC 3986 §3.2.3 lets a port be empty.
bool is_port(std::string_view port) noexcept {
  return port.empty() || std::all_of(port.begin() + 1, port.end(), is_digit);
}

bool is_unusual_authority(std::string_view text) noexcept {
  const auto [host, port] = split_authority(text);
  return is_host(host) && is_port(port);
}

// 1 to 65535: CONNECT needs a port that exists (RFC 9110 §9.3.6).
bool is_usable_port(std::string_view port) noexcept {
  unsigned value = 0;
  for (char c : port) {
    value = value * 10 + static_cast<unsigned>(c - '0');
    if (value > 0xffff)
      return false;
  }
  return value != 0;
}

// -- the four forms -----------------------------------------------------------

// The position of the first octet at or after `at` that is not plain, or the size of `text`.
std::size_t plain_end(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t block = 8;
  static_assert(static_cast<unsigned>(octet::plain) == 0);
  for (; text.size() - at >= block; at += block) {
    unsigned kinds = 0;
    for (std::size_t i = 0; i < block; ++i)
      kinds |= static_cast<unsigned>(kind_of(text[at + i]));
    if (kinds != 0)
      break;
  }
  while (at < text.size() && kind_of(text[at]) == octet::plain)
    ++at;
  return at;
}

// Checks the path at the start of `text` and sets `end` to its end.
const refusal* read_path(std::string_view text, std::size_t& end) noexcept {
  for (std::size_t i = 0;; ++i) {
    i = plain_end(text, i);
    if (i == text.size() || text[i] == '?') {
      end = i;
      return nullptr;
    }
    if (text[i] != '%')
      return &refusals::bad_target_octet;
    if (!is_percent_encoded(text, i))
      return &refusals::bad_percent_encoding;
    if (text[i + 1] == '0' && text[i + 2] == '0')
      return &refusals::encoded_nul;
    i += 2;
  }
}

const refusal* split_at_query(request_data& data, span origin) noexcept {
  const std::string_view text = origin.in(data.head);
  std::size_t end = 0;
  if (const refusal* why = read_path(text, end))
    return why;
  data.path = {origin.offset, static_cast<std::uint32_t>(end)};
  if (end == text.size())
    return nullptr;
  const std::string_view query = text.substr(end + 1);
  data.query = {origin.offset + data.path.size + 1, static_cast<std::uint32_t>(query.size())};
  const bool is_clean =
      std::none_of(query.begin(), query.end(), [](char c) { return kind_of(c) == octet::refused; });
  return is_clean ? nullptr : &refusals::bad_target_octet;
}

const refusal* read_authority_form(std::string_view target) noexcept {
  const auto [host, port] = split_authority(target);
  const bool is_valid = is_authority(target) && !port.empty() && is_usable_port(port.substr(1));
  return is_valid ? nullptr : &refusals::authority_form;
}

const refusal* read_absolute_form(request_data& data, span& authority) noexcept {
  const std::string_view target = data.target.in(data.head);
  const std::size_t colon = target.find(':');
  const std::string_view scheme = target.substr(0, colon);
  if (!(iequals(scheme, "http") || iequals(scheme, "https"))
      || target.substr(scheme.size(), 3) != "://")
    return &refusals::bad_target;
  const auto start = static_cast<std::uint32_t>(scheme.size()) + 3;
  const auto end =
      static_cast<std::uint32_t>(std::min(target.find_first_of("/?#", start), target.size()));
  authority = {data.target.offset + start, end - start};
  const std::string_view host_and_port = authority.in(data.head);
  if (host_and_port.find('@') != npos)
    return &refusals::userinfo;
  if (!is_authority(host_and_port))
    return &refusals::bad_authority;
  const refusal* why =
      split_at_query(data, {authority.offset + authority.size, data.target.size - end});
  // An empty path is "/" (RFC 9110 §4.2.3): the one in "://" does.
  if (data.path.size == 0)
    data.path = {authority.offset - 1, 1};
  return why;
}

bool judge_authority(std::string_view text) noexcept {
  // Nearly every host is a name of plain octets.
  std::size_t end = 0;
  while (end < text.size() && is_name_octet(text[end]))
    ++end;
  if (end == text.size())
    return end != 0;
  if (text[end] != ':' || end == 0)
    return is_unusual_authority(text);
  return is_port(text.substr(end));
}

// The last authority that was valid: nearly all requests name the same one.
struct known_authority {
  [[nodiscard]] std::string_view view() const noexcept { return {text.data(), size}; }
  void remember(std::string_view valid) noexcept {
    if (valid.size() <= text.size())
      size = valid.copy(text.data(), valid.size());
  }

  std::array<char, 64> text{};
  std::size_t size = 0;
};

constinit thread_local known_authority last_authority;

} // namespace

bool is_authority(std::string_view text) noexcept {
  if (!text.empty() && text == last_authority.view())
    return true;
  const bool is_valid = judge_authority(text);
  if (is_valid)
    last_authority.remember(text);
  return is_valid;
}

const refusal* read_target(request_data& data, span& authority) noexcept {
  const std::string_view target = data.target.in(data.head);
  if (data.method == method::connect)
    return read_authority_form(target);
  if (target.starts_with('/')) [[likely]]
    return split_at_query(data, data.target);
  if (target == "*") {
    data.path = data.target;
    return data.method == method::options ? nullptr : &refusals::asterisk_form;
  }
  return read_absolute_form(data, authority);
}

} // namespace sake::http::detail

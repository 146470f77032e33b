#include "uri.hpp"

#include "detail/octets.hpp"

#include <array>
#include <cstddef>

namespace sake::http {

namespace {

/// The octet of the escape at the start of `text`; negative if there is none.
constexpr int escaped_octet(std::string_view text) noexcept {
  if (text.size() < 3 || text[0] != '%')
    return -1;
  const int high = detail::hex_digit(text[1]);
  const int low = detail::hex_digit(text[2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

constexpr std::array<bool, 256> make_segment_octets() {
  std::array<bool, 256> table{};
  for (const char c : std::string_view{"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-._~!$&'()*+,;=:@"})
    table[static_cast<unsigned char>(c)] = true;
  return table;
}

constexpr auto segment_octets = make_segment_octets();

/// Takes the next octet off the front of `text`, by the rules of a query.
char take_query_octet(std::string_view& text) noexcept {
  const char c = text.front();
  if (c == '%') {
    if (const int octet = escaped_octet(text); octet >= 0) {
      text.remove_prefix(3);
      return static_cast<char>(octet);
    }
  }
  text.remove_prefix(1);
  return c == '+' ? ' ' : c;
}

std::string decode_query_text(std::string_view text) {
  const std::size_t first = text.find_first_of("%+");
  if (first == std::string_view::npos)
    return std::string{text};
  std::string decoded;
  decoded.reserve(text.size());
  decoded += text.substr(0, first);
  text.remove_prefix(first);
  while (!text.empty())
    decoded += take_query_octet(text);
  return decoded;
}

bool decodes_to(std::string_view text, std::string_view decoded) noexcept {
  if (text.size() < decoded.size())
    return false;
  for (const char expected : decoded)
    if (text.empty() || take_query_octet(text) != expected)
      return false;
  return text.empty();
}

struct raw_parameter {
  std::string_view name;
  std::string_view value;
};

/// Takes the next parameter off the front of `raw`.
raw_parameter take_parameter(std::string_view& raw) noexcept {
  const std::string_view whole = raw.substr(0, raw.find('&'));
  raw.remove_prefix(whole.size() == raw.size() ? raw.size() : whole.size() + 1);
  const std::size_t equals = whole.find('=');
  if (equals == std::string_view::npos)
    return {whole, {}};
  return {whole.substr(0, equals), whole.substr(equals + 1)};
}

/// Calls `visit` with each parameter until it returns true.
template <class Visitor>
void visit_parameters(std::string_view raw, Visitor visit) {
  while (!raw.empty()) {
    if (raw.front() == '&') {
      raw.remove_prefix(1);
      continue;
    }
    if (visit(take_parameter(raw)))
      return;
  }
}

} // namespace

bool percent_decode(std::string_view in, std::string& out) {
  const std::size_t size_before = out.size();
  for (;;) {
    const std::size_t escape = in.find('%');
    out += in.substr(0, escape);
    if (escape == std::string_view::npos)
      return true;
    in.remove_prefix(escape);
    const int octet = escaped_octet(in);
    if (octet < 0) {
      out.resize(size_before);
      return false;
    }
    out += static_cast<char>(octet);
    in.remove_prefix(3);
  }
}

std::string percent_encode(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (segment_octets[octet]) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += digits[octet >> 4];
      encoded += digits[octet & 15];
    }
  }
  return encoded;
}

std::vector<query_parameter> parse_query(std::string_view raw) {
  std::vector<query_parameter> parameters;
  visit_parameters(raw, [&](const raw_parameter& p) {
    parameters.push_back({decode_query_text(p.name), decode_query_text(p.value)});
    return false;
  });
  return parameters;
}

std::optional<std::string> query_value(std::string_view raw, std::string_view name) {
  std::optional<std::string> found;
  visit_parameters(raw, [&](const raw_parameter& p) {
    if (!decodes_to(p.name, name))
      return false;
    found = decode_query_text(p.value);
    return true;
  });
  return found;
}

} // namespace sake::http

#include "path_pattern.hpp"

#include "../http/detail/octets.hpp"
#include "../http/quote.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace sake::routing {

namespace {

using segment = path_pattern::segment;
using kind = path_pattern::kind;

constexpr std::string_view letters_and_digits =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789";

constexpr std::array<bool, 256> make_table(std::string_view others) {
  std::array<bool, 256> table{};
  for (unsigned char c : letters_and_digits)
    table[c] = true;
  for (unsigned char c : others)
    table[c] = true;
  return table;
}

// RFC 3986 §3.3: pchar, but for the '%' of an escape.
constexpr auto path_octets = make_table("-._~!$&'()*+,;=:@");
constexpr auto name_octets = make_table("_-");

std::string hex(unsigned char octet) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  return {digits[octet >> 4], digits[octet & 15]};
}

std::string refusal(std::string_view pattern, std::string_view reason) {
  return "path pattern " + http::quote(pattern) + ' ' + std::string{reason};
}

bool is_name(std::string_view text) noexcept {
  return !text.empty()
         && std::all_of(text.begin(), text.end(), [](unsigned char c) { return name_octets[c]; });
}

// Translates a segment in another framework's notation: {id}, {*rest} or <id>; empty for others.
std::string translated(std::string_view part) {
  const bool is_braced = part.starts_with('{') && part.ends_with('}');
  const bool is_bracketed = part.starts_with('<') && part.ends_with('>');
  if (!is_braced && !is_bracketed)
    return {};
  auto name = part.substr(1, part.size() - 2);
  const char mark = name.starts_with('*') ? '*' : ':';
  name.remove_prefix(mark == '*' ? 1 : 0);
  return is_name(name) ? mark + std::string{name} : std::string{};
}

std::optional<std::string> check_literal(std::string_view text) {
  if (const auto meant = translated(text); !meant.empty())
    return "holds " + http::quote(text) + "; write " + http::quote(meant);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (path_octets[static_cast<unsigned char>(c)])
      continue;
    if (c == '?' || c == '#')
      return "holds '" + std::string{c} + "', but a route matches the path alone";
    if (c != '%')
      return "holds " + http::quote({&c, 1}) + ", which cannot stand in a path; write it as %"
             + hex(static_cast<unsigned char>(c));
    if (text.size() - i < 3 || !http::detail::is_hex_digit(text[i + 1])
        || !http::detail::is_hex_digit(text[i + 2]))
      return "holds a '%' without two hexadecimal digits after it; write '%' itself as %25";
  }
  return std::nullopt;
}

std::optional<std::string> check_name(const segment& named, const std::vector<segment>& earlier) {
  const std::string what = named.kind == kind::parameter ? "parameter" : "wildcard";
  if (named.text.empty())
    return "has a " + what + " without a name";
  if (!is_name(named.text))
    return "has a " + what + " named " + http::quote(named.text)
           + ", but names are made of letters, digits, '_' and '-'";
  for (const segment& other : earlier)
    if (other.kind != kind::literal && other.text == named.text)
      return "uses the name " + http::quote(named.text) + " twice";
  return std::nullopt;
}

segment make_segment(std::string_view part) {
  if (part.starts_with(':'))
    return {kind::parameter, std::string{part.substr(1)}};
  if (part.starts_with('*'))
    return {kind::wildcard, std::string{part.substr(1)}};
  return {kind::literal, std::string{part}};
}

} // namespace

boost::system::result<path_pattern, std::string> path_pattern::parse(std::string_view text) {
  if (!text.starts_with('/'))
    return refusal(text, "does not start with '/'");
  path_pattern pattern;
  pattern.text_ = text;
  for (std::string_view rest = text; !rest.empty();) {
    rest.remove_prefix(1);
    if (!pattern.segments_.empty() && pattern.segments_.back().kind == kind::wildcard)
      return refusal(text, "goes on after its wildcard, which matches all that is left");
    const std::string_view part = rest.substr(0, rest.find('/'));
    segment next = make_segment(part);
    const auto wrong =
        next.kind == kind::literal ? check_literal(part) : check_name(next, pattern.segments_);
    if (wrong)
      return refusal(text, *wrong);
    pattern.segments_.push_back(std::move(next));
    rest.remove_prefix(part.size());
  }
  return pattern;
}

std::string path_pattern::shape() const {
  std::string result;
  for (const segment& each : segments_) {
    result += '/';
    if (each.kind == kind::literal)
      result += each.text;
    else
      result += each.kind == kind::parameter ? parameter_mark : wildcard_mark;
  }
  return result;
}

} // namespace sake::routing

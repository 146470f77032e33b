#include "route_table.hpp"

#include "../http/detail/octets.hpp"

#include <algorithm>
#include <cstring>

namespace sake::routing {

namespace {

using http::method;

// Decodes the octets of `value` in place (RFC 3986 §2.1).
bool decode(std::string& text, http::detail::span& value) noexcept {
  char* const first = text.data() + value.offset;
  const char* const last = first + value.size;
  char* to = first;
  for (const char* from = first; from != last; ++from, ++to) {
    if (*from != '%') {
      *to = *from;
      continue;
    }
    if (last - from < 3)
      return false;
    const int high = http::detail::hex_digit(*++from);
    const int low = http::detail::hex_digit(*++from);
    if (high < 0 || low < 0)
      return false;
    *to = static_cast<char>(high * 16 + low);
  }
  value.size = static_cast<std::uint32_t>(to - first);
  return true;
}

} // namespace

std::uint32_t route_table::choice::route_for(method m, std::string_view token) const noexcept {
  if (m != method::other)
    return by_method[position(m)];
  const auto named = std::find_if(by_token.begin(), by_token.end(),
                                  [token](const named_route& each) { return each.token == token; });
  return named != by_token.end() ? named->route : by_method[position(method::other)];
}

route_table::match route_table::find(method m, std::string_view token, std::string_view path,
                                     http::detail::request_data& out) const {
  out.parameter_text.clear();
  out.parameters.clear();
  outcome missing = outcome::not_found;
  std::uint32_t chosen = none;
  const auto choose = [&](radix_tree::leaf leaf) {
    missing = outcome::method_not_allowed;
    chosen = choices_[leaf].route_for(m, token);
    return chosen != none;
  };
  if (const auto leaf = tree_.literal(path); leaf != radix_tree::no_leaf && choose(leaf))
    return {outcome::found, routes_[chosen].index};
  if (!tree_.search(path, choose))
    return {missing};
  const route& found = routes_[chosen];
  if (found.parameter_count != 0 && !bind(found, path, out)) {
    out.parameter_text.clear();
    out.parameters.clear();
    return {outcome::not_found};
  }
  return {outcome::found, found.index};
}

// Writes the names, then the path from the first value on; the values are decoded in that text.
bool route_table::bind(const route& found, std::string_view path,
                       http::detail::request_data& out) const {
  const parameter* next = &parameters_[found.first_parameter];
  const parameter* const last = next + found.parameter_count;
  std::size_t at = next->skip;
  out.parameter_text.append(names_.data() + found.names.offset, found.names.size);
  out.parameter_text.append(path.data() + at, path.size() - at);
  const std::size_t shift = found.names.size - at;
  const bool has_escapes = std::memchr(path.data() + at, '%', path.size() - at) != nullptr;
  for (;;) {
    const std::size_t end = next->is_last ? path.size() : std::min(path.find('/', at), path.size());
    http::detail::span value{static_cast<std::uint32_t>(at + shift),
                             static_cast<std::uint32_t>(end - at)};
    if (has_escapes && !decode(out.parameter_text, value))
      return false;
    out.parameters.push_back({next->name, value});
    if (++next == last)
      return true;
    at = end + next->skip;
  }
}

std::string route_table::allow(std::string_view path) const {
  std::uint16_t allowed = 0;
  std::vector<std::string_view> names;
  tree_.search(path, [&](radix_tree::leaf leaf) {
    allowed |= choices_[leaf].allowed;
    for (const named_route& each : choices_[leaf].by_token)
      names.push_back(each.token);
    return false;
  });
  for (std::size_t i = 0; i < position(method::other); ++i)
    if ((allowed >> i & 1U) != 0)
      names.push_back(to_string(static_cast<method>(i)));
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::string value;
  for (std::string_view name : names) {
    if (!value.empty())
      value += ", ";
    value += name;
  }
  return value;
}

bool route_table::knows_method(std::string_view token) const {
  return http::to_method(token) != method::other
         || std::binary_search(tokens_.begin(), tokens_.end(), token);
}

std::optional<std::string> route_table::slash_sibling(std::string_view path) const {
  std::string sibling{path};
  if (path.ends_with('/'))
    sibling.pop_back();
  else
    sibling += '/';
  if (!tree_.search(sibling, [](radix_tree::leaf) { return true; }))
    return std::nullopt;
  return sibling;
}

} // namespace sake::routing

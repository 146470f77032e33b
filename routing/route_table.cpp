#include "route_table.hpp"

#include "../http/detail/octets.hpp"
#include "../http/quote.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace sake::routing {

namespace {

using http::method;

// CONNECT has no path, so no path allows it unless a route asks for it by name.
constexpr std::uint16_t methods_with_a_path = 0b0'1111'1111;

constexpr std::size_t position(method m) noexcept {
  return static_cast<std::size_t>(m);
}

constexpr std::uint16_t bit(method m) noexcept {
  return static_cast<std::uint16_t>(1U << position(m));
}

static_assert((methods_with_a_path & bit(method::connect)) == 0);
static_assert((methods_with_a_path & bit(method::other)) == 0);

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

// -- route_table --------------------------------------------------------------

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

// -- route_table_builder ------------------------------------------------------

std::optional<std::string> route_table_builder::add(std::string_view method_token,
                                                    std::string_view pattern, route_index route) {
  if (!http::is_token(method_token))
    return "cannot add a route for " + http::quote(pattern)
           + ": its method is not a token (RFC 9110 §9.1)";
  const std::string method{method_token};
  auto parsed = path_pattern::parse(pattern);
  if (!parsed)
    return "cannot add a route for " + method + ": " + parsed.error();
  const std::string name = method + ' ' + parsed->text();
  entries& same_shape = shapes_[parsed->shape()];
  for (const entry& other : same_shape) {
    if (other.method_token != method_token)
      continue;
    if (other.pattern.text() == parsed->text())
      return "cannot add route " + name + ": it was added before";
    return "cannot add route " + name + ": " + other.method_token + ' ' + other.pattern.text()
           + " matches the same paths";
  }
  same_shape.push_back({method, std::move(*parsed), route});
  return std::nullopt;
}

route_table route_table_builder::build() const {
  std::vector<std::string> shapes;
  shapes.reserve(shapes_.size());
  for (const auto& [shape, ignored] : shapes_)
    shapes.push_back(shape);
  route_table table{shapes};
  for (const auto& [ignored, same_shape] : shapes_)
    table.choices_.push_back(choose(table, same_shape));
  auto& tokens = table.tokens_;
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  return table;
}

// Appends the route itself; returns its position.
std::uint32_t route_table_builder::append(route_table& table, const entry& added) {
  route_table::route made;
  made.index = added.route;
  made.first_parameter = static_cast<std::uint32_t>(table.parameters_.size());
  made.names.offset = static_cast<std::uint32_t>(table.names_.size());
  std::size_t skip = 0;
  const auto& segments = added.pattern.segments();
  for (const auto& segment : segments) {
    ++skip;
    if (segment.kind == path_pattern::kind::literal) {
      skip += segment.text.size();
      continue;
    }
    route_table::parameter next;
    next.name = {made.names.size, static_cast<std::uint32_t>(segment.text.size())};
    next.skip = static_cast<std::uint32_t>(std::exchange(skip, 0));
    next.is_last = &segment == &segments.back();
    table.parameters_.push_back(next);
    table.names_ += segment.text;
    made.names.size += next.name.size;
    ++made.parameter_count;
  }
  table.routes_.push_back(made);
  return static_cast<std::uint32_t>(table.routes_.size() - 1);
}

// Precomputes the result of `find` for each method.
route_table::choice route_table_builder::choose(route_table& table, const entries& same_shape) {
  constexpr auto none = route_table::none;
  route_table::choice made;
  made.by_method.fill(none);
  made.allowed = bit(method::options);
  std::uint32_t for_every_method = none;
  for (const entry& each : same_shape) {
    const std::uint32_t route = append(table, each);
    const method m = http::to_method(each.method_token);
    if (each.method_token == every_method) {
      for_every_method = route;
      made.allowed |= methods_with_a_path;
    } else if (m == method::other) {
      made.by_token.push_back({each.method_token, route});
      table.tokens_.push_back(each.method_token);
    } else {
      made.by_method[position(m)] = route;
      made.allowed |= bit(m);
    }
  }
  auto& head = made.by_method[position(method::head)];
  if (head == none)
    head = made.by_method[position(method::get)];
  if (head != none)
    made.allowed |= bit(method::head);
  for (std::uint32_t& route : made.by_method)
    if (route == none)
      route = for_every_method;
  return made;
}

} // namespace sake::routing

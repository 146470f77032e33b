#include "route_table_builder.hpp"

#include "../http/detail/octets.hpp"
#include "../http/quote.hpp"

#include <algorithm>
#include <utility>

namespace sake::routing {

namespace {

using http::method;

constexpr std::uint16_t bit(method m) noexcept {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(m));
}

// CONNECT has no path, so no path allows it unless a route asks for it by name.
constexpr std::uint16_t methods_with_a_path = 0b0'1111'1111;

static_assert((methods_with_a_path & bit(method::connect)) == 0);
static_assert((methods_with_a_path & bit(method::other)) == 0);

} // namespace

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
      made.by_method[route_table::position(m)] = route;
      made.allowed |= bit(m);
    }
  }
  auto& head = made.by_method[route_table::position(method::head)];
  if (head == none)
    head = made.by_method[route_table::position(method::get)];
  if (head != none)
    made.allowed |= bit(method::head);
  for (std::uint32_t& route : made.by_method)
    if (route == none)
      route = for_every_method;
  return made;
}

} // namespace sake::routing

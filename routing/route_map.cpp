#include "route_map.hpp"

#include "context.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace sake::routing {

namespace {

// The endpoints after those of the routes.
enum fallback : std::size_t { not_found, method_not_allowed, not_implemented, options };

// FNV-1a (64 bits): the same on every machine, and no defence against collisions by intent.
std::uint64_t id_from(const endpoint& route) noexcept {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const std::string_view text :
       {std::string_view{route.method}, std::string_view{route.pattern},
        std::string_view{route.name}, std::string_view{route.version}}) {
    for (const unsigned char octet : text)
      hash = (hash ^ octet) * 0x100000001b3;
    hash = (hash ^ '\n') * 0x100000001b3; // no part holds one
  }
  return hash;
}

void answer_plainly(context& ctx, int status) {
  ctx.abort_with_status(status);
}

} // namespace

route_map::route_map(route_table table, std::vector<endpoint> endpoints, const chain& global)
    : table_(std::move(table)),
      endpoints_(std::move(endpoints)),
      route_count_(endpoints_.size()),
      some_have_rules_(std::any_of(endpoints_.begin(), endpoints_.end(), [](const endpoint& p) {
        return p.streams_content || p.content_bytes.has_value();
      })) {
  for (std::size_t i = 0; i < route_count_; ++i) {
    ids_.push_back(id_from(endpoints_[i]));
    by_id_.emplace_back(ids_[i], i);
  }
  std::ranges::sort(by_id_);
  add_fallback(global, "not found", [](context& ctx) { answer_plainly(ctx, 404); });
  add_fallback(global, "method not allowed", [this](context& ctx) {
    answer_plainly(ctx, 405);
    ctx.set_header("Allow", table_.allow(ctx.path()));
  });
  add_fallback(global, "not implemented", [](context& ctx) { answer_plainly(ctx, 501); });
  add_fallback(global, "options", [this](context& ctx) {
    ctx.status(204);
    const auto allow = table_.allow(ctx.path());
    ctx.set_header("Allow", allow.empty() ? "GET, HEAD, POST, PUT, DELETE, PATCH, OPTIONS" : allow);
  });
}

void route_map::add_fallback(const chain& global, std::string title, handler answer) {
  endpoint& added = endpoints_.emplace_back();
  added.layers = global;
  added.layers.push_back(answer.get());
  added.place.where = placement::kind::reactor;
  added.ignores_content = true;
  added.name = std::move(title);
}

std::size_t route_map::find(http::detail::request_data& request) const {
  const auto path = request.path.in(request.head);
  const auto token = request.method_token.in(request.head);
  const auto found = table_.find(request.method, token, path, request);
  if (found.what == route_table::outcome::found)
    return found.route;
  if (request.method == http::method::connect || !table_.knows_method(token))
    return route_count_ + not_implemented;
  if (request.method == http::method::options
      && (found.what == route_table::outcome::method_not_allowed || path == "*"))
    return route_count_ + options;
  return route_count_
         + (found.what == route_table::outcome::not_found ? fallback::not_found
                                                          : fallback::method_not_allowed);
}

http::content_rules route_map::content_rules(http::detail::request_data& request,
                                             std::uint64_t most) const {
  if (!some_have_rules_)
    return {most, false};
  const endpoint& found = endpoints_[find(request)];
  return {found.content_bytes.value_or(most), found.streams_content};
}

std::optional<std::size_t> route_map::find_id(std::uint64_t id) const noexcept {
  const auto found = std::ranges::lower_bound(by_id_, id, {}, &decltype(by_id_)::value_type::first);
  if (found == by_id_.end() || found->first != id)
    return std::nullopt;
  return found->second;
}

bool route_map::wants_workers() const noexcept {
  const placement wanted{placement::kind::pool, {}};
  return std::any_of(endpoints_.begin(), endpoints_.end(),
                     [&wanted](const endpoint& each) { return each.place == wanted; });
}

} // namespace sake::routing

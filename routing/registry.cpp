#include "registry.hpp"

#include "../http/method.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace sake {

using routing::detail::group_node;

routing_registry::routing_registry() {
  groups_.emplace_back();
}

void routing_registry::check_open() const {
  if (!registration_.is_open)
    throw std::logic_error("routes and middleware are registered before the engine starts");
}

route& routing_registry::add(const group_node& group, std::string_view method,
                             std::string_view path, handler handler) {
  check_open();
  std::string pattern{path};
  for (const group_node* at = &group; at != nullptr; at = at->parent)
    pattern.insert(0, at->prefix);
  std::string title =
      (method == routing::every_method ? "ANY" : std::string{method}) + ' ' + pattern;
  if (method == http::to_string(http::method::connect))
    throw std::invalid_argument("cannot add route " + title
                                + ": CONNECT has no path (RFC 9112 §3.2.3), so no route can match; "
                                  "middleware can answer it");
  (void)routing::detail::checked_layer(handler, "cannot add route " + title + ": its handler");
  const auto index = static_cast<routing::route_index>(routes_.size());
  if (const auto error = table_.add(method, pattern, index))
    throw std::invalid_argument(*error);
  return routes_.emplace_back(route::key{}, std::move(title), std::string{method},
                              std::move(pattern), std::move(handler), &group, registration_);
}

routing::chain routing_registry::middleware_of(const group_node* group) {
  if (group == nullptr)
    return {};
  auto layers = middleware_of(group->parent);
  layers.insert(layers.end(), group->middleware.begin(), group->middleware.end());
  return layers;
}

// The first route with the same handler, if they share its actors; empty for that route itself.
std::optional<std::size_t> routing_registry::actors_of(const route& which) const {
  if (!which.shares_actors())
    return {};
  const auto first = std::find_if(routes_.begin(), routes_.end(), [&which](const route& other) {
    return other.handler_.get() == which.handler_.get() && other.shares_actors();
  });
  if (&*first == &which)
    return {};
  return static_cast<std::size_t>(first - routes_.begin());
}

std::vector<std::string> routing_registry::check_actors() const {
  std::vector<std::string> errors;
  for (const route& each : routes_) {
    const auto first = actors_of(each);
    if (first
        && (each.choices_.actors != routes_[*first].choices_.actors
            || each.choices_.placement != routes_[*first].choices_.placement))
      errors.push_back("route " + each.choices_.name + ": has the handler of route "
                       + routes_[*first].choices_.name
                       + ", and so its actors, but wants them otherwise; say the same "
                         ".keyed_by(), .supervised() and place, or give it a handler of its own");
  }
  return errors;
}

std::vector<std::string> routing_registry::check_pools(
    const std::vector<std::string>& pools) const {
  std::vector<std::string> errors;
  for (const route& each : routes_) {
    const std::string& wanted = each.choices_.placement.pool;
    if (!wanted.empty() && std::find(pools.begin(), pools.end(), wanted) == pools.end())
      errors.push_back("route " + each.choices_.name + ": no pool is named \"" + wanted
                       + "\"; declare it with config::with_pool");
  }
  return errors;
}

std::vector<std::string> routing_registry::check_queues(bool is_adaptive) const {
  using kind = routing::placement::kind;
  std::vector<std::string> errors;
  for (const route& each : routes_) {
    const auto where = each.choices_.placement.where;
    if (each.choices_.admission.max_queued != 0
        && (where == kind::reactor || (where == kind::automatic && !is_adaptive)))
      errors.push_back("route " + each.choices_.name
                       + ": .max_queued() limits the requests that wait for a worker, but the "
                         "handler stays on its reactor; say .worker(), or leave the limit out");
  }
  return errors;
}

std::unique_ptr<const routing::route_map> routing_registry::seal() {
  check_open();
  registration_.is_open = false;
  std::vector<routing::endpoint> endpoints;
  for (const route& each : routes_) {
    routing::endpoint& endpoint = endpoints.emplace_back();
    endpoint.layers = middleware_of(each.group_);
    endpoint.layers.insert(endpoint.layers.end(), each.choices_.middleware.begin(),
                           each.choices_.middleware.end());
    endpoint.layers.push_back(each.handler_.get());
    endpoint.place = each.choices_.placement;
    endpoint.streams_content = each.choices_.streams_content;
    endpoint.content_bytes = each.choices_.limits.content_bytes;
    endpoint.timeout = each.choices_.timeout;
    endpoint.actors = each.choices_.actors;
    endpoint.actors_of = actors_of(each);
    endpoint.admission = each.choices_.admission;
    endpoint.is_idempotent = each.choices_.is_idempotent;
    endpoint.version = each.choices_.version;
    endpoint.name = each.choices_.name;
    endpoint.method = each.method_;
    endpoint.pattern = each.pattern_;
  }
  return std::make_unique<routing::route_map>(table_.build(), std::move(endpoints),
                                              groups_.front().middleware);
}

} // namespace sake

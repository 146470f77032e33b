#include <sake/routing/registry.hpp>

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
  if (sealed_)
    throw std::logic_error("routes and middleware are registered before the engine starts");
}

route& routing_registry::add(const group_node& group, std::string_view method,
                             std::string_view path, handler handler) {
  check_open();
  std::string pattern{path};
  for (const group_node* at = &group; at != nullptr; at = at->parent)
    pattern.insert(0, at->prefix);
  std::string title = std::string{method == "*" ? "ANY" : method} + ' ' + pattern;
  const auto index = static_cast<routing::route_index>(routes_.size());
  if (const auto error = table_.add(method, pattern, index))
    throw std::invalid_argument(*error);
  return routes_.emplace_back(route::key{}, std::move(title), std::move(pattern),
                              std::move(handler), &group);
}

routing::chain routing_registry::middleware_of(const group_node* group) {
  if (group == nullptr)
    return {};
  auto layers = middleware_of(group->parent);
  layers.insert(layers.end(), group->middleware.begin(), group->middleware.end());
  return layers;
}

// The first route that was given the same handler, where that makes them share its actors; empty
// for that one itself.
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
        && (each.actors_ != routes_[*first].actors_
            || each.placement_ != routes_[*first].placement_))
      errors.push_back("route " + each.title_ + ": has the handler of route "
                       + routes_[*first].title_
                       + ", and so its actors, but wants them otherwise; say the same "
                         ".keyed_by(), .supervised() and place, or give it a handler of its own");
  }
  return errors;
}

std::vector<std::string> routing_registry::check_pools(
    const std::vector<std::string>& pools) const {
  std::vector<std::string> errors;
  for (const route& each : routes_) {
    const std::string& wanted = each.placement_.pool;
    if (!wanted.empty() && std::find(pools.begin(), pools.end(), wanted) == pools.end())
      errors.push_back("route " + each.title_ + ": no pool is named \"" + wanted
                       + "\"; declare it with config::with_pool");
  }
  return errors;
}

std::unique_ptr<const routing::route_map> routing_registry::seal() {
  check_open();
  sealed_ = true;
  std::vector<routing::plan> plans;
  for (const route& each : routes_) {
    routing::plan& plan = plans.emplace_back();
    plan.layers = middleware_of(each.group_);
    plan.layers.insert(plan.layers.end(), each.middleware_.begin(), each.middleware_.end());
    plan.layers.push_back(each.handler_.get());
    plan.place = each.placement_;
    plan.streams_content = each.streams_content_;
    plan.content_bytes = each.limits_.content_bytes;
    plan.timeout = each.timeout_;
    plan.actors = each.actors_;
    plan.actors_of = actors_of(each);
    plan.bounds = each.bounds_;
    plan.title = each.title_;
  }
  return std::make_unique<routing::route_map>(table_.build(), std::move(plans),
                                              groups_.front().middleware);
}

} // namespace sake

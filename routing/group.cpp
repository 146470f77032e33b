#include "group.hpp"

#include "../http/quote.hpp"
#include "registry.hpp"

#include <stdexcept>
#include <utility>

namespace sake {

route_group::route_group(routing_registry& registry)
    : route_group(registry, registry.groups_.front()) {}

route& route_group::any(std::string_view path, handler handler) {
  return registry_->add(*node_, routing::every_method, path, std::move(handler));
}

route& route_group::handle(std::string_view method, std::string_view path, handler handler) {
  if (method == routing::every_method)
    throw std::invalid_argument("cannot add a route for " + http::quote(path)
                                + ": the method \"*\" is refused, as any() is for every method");
  return registry_->add(*node_, method, path, std::move(handler));
}

void route_group::add_middleware(const handler& middleware) {
  registry_->check_open();
  std::string prefix;
  for (const auto* at = node_; at != nullptr; at = at->parent)
    prefix.insert(0, at->prefix);
  node_->middleware.push_back(routing::detail::checked_middleware(
      middleware, prefix.empty() ? "the engine" : "group " + prefix));
}

route_group route_group::group(std::string_view prefix) {
  registry_->check_open();
  auto& node = registry_->groups_.emplace_back();
  node.prefix = prefix;
  node.parent = node_;
  return {*registry_, node};
}

} // namespace sake

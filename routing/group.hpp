// Registration: routes, groups of routes, and the middleware before them.
#pragma once

#include "handler.hpp"
#include "route.hpp"

#include <string_view>
#include <utility>

namespace sake {

class routing_registry;

namespace routing::detail {
struct group_node;
} // namespace routing::detail

/// Routes under one path prefix, with middleware that they share. A light value that refers to its
/// engine. Registration must happen before the engine starts, on one thread.
///
/// Every registration throws `std::invalid_argument` with one sentence if the path is no path
/// pattern, the method no token, the route conflicts with an earlier one, a handler or middleware
/// is empty, or a middleware is an actor.
class route_group {
public:
  route& get(std::string_view path, handler handler) {
    return handle("GET", path, std::move(handler));
  }
  route& post(std::string_view path, handler handler) {
    return handle("POST", path, std::move(handler));
  }
  route& put(std::string_view path, handler handler) {
    return handle("PUT", path, std::move(handler));
  }
  route& delete_(std::string_view path, handler handler) {
    return handle("DELETE", path, std::move(handler));
  }
  route& patch(std::string_view path, handler handler) {
    return handle("PATCH", path, std::move(handler));
  }
  route& options(std::string_view path, handler handler) {
    return handle("OPTIONS", path, std::move(handler));
  }
  route& head(std::string_view path, handler handler) {
    return handle("HEAD", path, std::move(handler));
  }

  /// One route for every method; a route for a single method takes precedence.
  route& any(std::string_view path, handler handler);

  /// One route for the method token `method` (RFC 9110 §9.1).
  /// @throws std::invalid_argument for "*", which other frameworks take for every method: see `any`
  route& handle(std::string_view method, std::string_view path, handler handler);

  /// Adds middleware before every route of this group and of the groups within it, whether
  /// registered before or after.
  template <class... Middleware>
  route_group& use(Middleware&&... middleware) {
    (add_middleware(handler{std::forward<Middleware>(middleware)}), ...);
    return *this;
  }

  /// A group within this one.
  [[nodiscard]] route_group group(std::string_view prefix);

protected:
  explicit route_group(routing_registry& registry);
  route_group(routing_registry& registry, routing::detail::group_node& node)
      : registry_(&registry), node_(&node) {}

private:
  void add_middleware(const handler& middleware);

  routing_registry* registry_;
  routing::detail::group_node* node_;
};

} // namespace sake

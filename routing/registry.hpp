// The routes and middleware registered with an engine.
#pragma once

#include "detail/registration.hpp"
#include "handler.hpp"
#include "route.hpp"
#include "route_map.hpp"
#include "route_table_builder.hpp"

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake {

namespace routing::detail {

/// A group of routes in the registry.
struct group_node {
  std::string prefix;
  const group_node* parent = nullptr;
  chain middleware;
};

} // namespace routing::detail

/// The routes and middleware registered with an engine.
class routing_registry {
public:
  routing_registry();
  routing_registry(const routing_registry&) = delete;
  routing_registry& operator=(const routing_registry&) = delete;

  /// One sentence for each route placed on a pool that is not among `pools`.
  [[nodiscard]] std::vector<std::string> check_pools(const std::vector<std::string>& pools) const;
  /// One sentence for each route that shares its actors with another, but configures them
  /// differently.
  [[nodiscard]] std::vector<std::string> check_actors() const;

  /// One sentence for each route with `.max_queued()` whose handler never waits for a worker.
  /// @param is_adaptive  whether routes may move to the worker pool
  [[nodiscard]] std::vector<std::string> check_queues(bool is_adaptive) const;

  /// Refuses all further registration, and makes the map of all routes.
  std::unique_ptr<const routing::route_map> seal();

  /// All routes, in the order of registration.
  [[nodiscard]] std::deque<route>& routes() noexcept { return routes_; }

private:
  friend class route_group;

  route& add(const routing::detail::group_node& group, std::string_view method,
             std::string_view path, handler handler);
  void check_open() const;
  [[nodiscard]] std::optional<std::size_t> actors_of(const route& which) const;
  static routing::chain middleware_of(const routing::detail::group_node* group);

  std::deque<routing::detail::group_node> groups_;
  std::deque<route> routes_;
  routing::route_table_builder table_;
  routing::detail::registration registration_;
};

} // namespace sake

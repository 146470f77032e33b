// All routes of an engine, and their endpoints.
#pragma once

#include "../http/limits.hpp"
#include "actor_use.hpp"
#include "admission_limits.hpp"
#include "handler.hpp"
#include "placement.hpp"
#include "route_table.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sake::routing {

/// The layers and options of one route.
struct endpoint {
  /// Middleware in order, the handler last.
  chain layers;
  /// Where the handler runs.
  placement place;
  /// Whether the handler takes the content as it arrives; otherwise it begins once that is whole.
  bool streams_content = false;
  /// Whether the handler answers whatever the content is, and does not wait for it.
  bool ignores_content = false;
  /// The most octets of content, and the time from the end of a request to its response; empty:
  /// those of the engine. 0 ms: no limit.
  std::optional<std::uint64_t> content_bytes;
  std::optional<std::chrono::milliseconds> timeout;
  /// The limits on its requests at a time.
  admission_limits admission;
  /// Which actors answer, if the handler spawns them.
  actor_use actors;
  /// The index of the endpoint that owns the actors: the first with the same handler. Empty: this
  /// one.
  std::optional<std::size_t> actors_of;
  /// "GET /users/:id", or the purpose of an endpoint for requests without a route; for logs and
  /// metrics.
  std::string name;
  /// Whether a second run of the handler for one request does no harm, whatever the method is.
  bool is_idempotent = false;
  /// The version of the handler, as the program tells it; empty: none.
  std::string version;
  /// The method token, "*" for every method, and the pattern "/users/:id" of the route; empty for
  /// an endpoint for requests without a route.
  std::string method;
  std::string pattern;

  /// Whether another process may run the handler: a function or a coroutine.
  [[nodiscard]] bool may_run_elsewhere() const noexcept { return !layers.back()->is_actor(); }
  /// Whether the handler may be moved to the worker pool when it blocks its reactor.
  [[nodiscard]] bool may_move() const noexcept {
    return place.where == placement::kind::automatic && !layers.back()->is_actor();
  }
};

/// All routes of an engine, and the endpoints for requests without a route, which pass the global
/// middleware as well. Never changes once built; safe from any thread.
class route_map {
public:
  /// @param table    finds indexes into `endpoints`
  /// @param global   the middleware that every request passes
  route_map(route_table table, std::vector<endpoint> endpoints, const chain& global);
  route_map(const route_map&) = delete;
  route_map& operator=(const route_map&) = delete;

  /// Returns the index of the endpoint for `request`, and sets its path parameters. A match, else
  /// the endpoint that answers 404, 405 with Allow, 501, or OPTIONS.
  std::size_t find(http::detail::request_data& request) const;

  [[nodiscard]] const std::vector<endpoint>& endpoints() const noexcept { return endpoints_; }
  [[nodiscard]] const route_table& table() const noexcept { return table_; }
  /// Returns the content rules for the route of `request`, which needs to have only its head.
  /// @param most  octets for routes without a limit of their own
  http::content_rules content_rules(http::detail::request_data& request, std::uint64_t most) const;
  /// Returns the name of the route of `request`, which needs to have only its head.
  [[nodiscard]] std::string_view name(http::detail::request_data& request) const {
    return endpoints_[find(request)].name;
  }
  /// Tells a route from all others, in every process: a hash of its method, pattern, name and
  /// version, whatever its handler is. `index` is that of a route.
  [[nodiscard]] std::uint64_t id_of(std::size_t index) const noexcept { return ids_[index]; }
  /// Returns the index of the route with this id; empty if there is none.
  [[nodiscard]] std::optional<std::size_t> find_id(std::uint64_t id) const noexcept;
  /// The number of routes, which come before all other endpoints.
  [[nodiscard]] std::size_t route_count() const noexcept { return route_count_; }
  /// Whether `index` is that of a route whose handler another process may run.
  [[nodiscard]] bool may_run_elsewhere(std::size_t index) const noexcept {
    return index < route_count_ && endpoints_[index].may_run_elsewhere();
  }
  /// Whether some route is placed on the unnamed pool.
  [[nodiscard]] bool wants_workers() const noexcept;

private:
  void add_fallback(const chain& global, std::string title, handler answer);

  route_table table_;
  std::vector<endpoint> endpoints_;
  std::size_t route_count_;
  bool some_have_rules_;
  std::vector<std::uint64_t> ids_;
  /// The routes by id, in order.
  std::vector<std::pair<std::uint64_t, std::size_t>> by_id_;
};

} // namespace sake::routing

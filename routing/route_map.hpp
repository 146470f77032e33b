// All routes of an engine, with what a request passes on each.
#pragma once

#include <sake/http/limits.hpp>
#include <sake/routing/actor_use.hpp>
#include <sake/routing/handler.hpp>
#include <sake/routing/placement.hpp>
#include <sake/routing/route_bounds.hpp>
#include <sake/routing/route_table.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sake::routing {

/// What a request passes on one route.
struct plan {
  /// Middleware in order, the handler last.
  chain layers;
  /// Where the handler runs.
  placement place;
  /// Whether the handler takes the content as it arrives; otherwise it begins once that is whole.
  bool streams_content = false;
  /// Whether the handler answers whatever the content is, and does not wait for it.
  bool ignores_content = false;
  /// Octets of content that the route takes, and the time from the end of a request to its
  /// response; empty: as for all. 0 ms: no bound.
  std::optional<std::uint64_t> content_bytes;
  std::optional<std::chrono::milliseconds> timeout;
  /// How much of it there may be at a time.
  route_bounds bounds;
  /// Where the handler spawns actors.
  actor_use actors;
  /// The index of the plan whose actors answer: the first with the same handler. Empty: its own do.
  std::optional<std::size_t> actors_of;
  /// "GET /users/:id", or what the plan is for where no route matches; for logs and metrics.
  std::string title;

  /// Whether the handler may be moved to the worker pool when it holds up its reactor.
  [[nodiscard]] bool may_move() const noexcept {
    return place.where == placement::kind::by_nature && !layers.back()->is_actor();
  }
};

/// All routes of an engine, and the plans for requests that no route matches: those pass the
/// global middleware as well. Never changes once built; safe from any thread.
class route_map {
public:
  /// @param table    finds indexes into `plans`
  /// @param global   the middleware that every request passes
  route_map(route_table table, std::vector<plan> plans, const chain& global);
  route_map(const route_map&) = delete;
  route_map& operator=(const route_map&) = delete;

  /// The index of the plan for the request, whose path parameters are set. A match, else one that
  /// answers 404, 405 with Allow, 501, or OPTIONS.
  std::size_t find(http::detail::request_data& request) const;

  [[nodiscard]] const std::vector<plan>& plans() const noexcept { return plans_; }
  [[nodiscard]] const route_table& table() const noexcept { return table_; }
  /// What the route of the request, of which there is the head, wants of its content.
  /// @param most  octets that routes take which do not say
  http::content_rules content_rules(http::detail::request_data& request, std::uint64_t most) const;
  /// Whether some route is to run on the pool without a name.
  [[nodiscard]] bool wants_workers() const noexcept;

private:
  void add_fallback(const chain& global, std::string title, handler answer);

  route_table table_;
  std::vector<plan> plans_;
  std::size_t route_count_;
  bool some_have_rules_;
};

} // namespace sake::routing

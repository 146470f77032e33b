// Registration: routes, groups of routes, and the middleware before them.
#pragma once

#include <sake/routing/actor_use.hpp>
#include <sake/routing/handler.hpp>
#include <sake/routing/placement.hpp>
#include <sake/routing/route_bounds.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake {

class route_group;
class routing_registry;

namespace routing::detail {
struct group_node;
} // namespace routing::detail

/// What a route bounds for its own requests. What is empty is as the engine has it.
struct route_limits {
  /// Octets of content, after the transfer coding is removed; past it 413.
  std::optional<std::uint64_t> content_bytes{};
};

/// One route, as its registration returned it: says what is special about it. Belongs to the
/// engine; valid as long as the engine.
class route {
public:
  // What is said of a copy would not count: write `auto& r = app.get(…)`.
  route(const route&) = delete;
  route& operator=(const route&) = delete;

  /// Only registration makes routes.
  class key {
    friend class routing_registry;
    explicit key() noexcept {}
  };
  route(key, std::string title, std::string pattern, handler handler,
        const routing::detail::group_node* group)
      : title_(std::move(title)),
        pattern_(std::move(pattern)),
        handler_(std::move(handler)),
        group_(group) {}

  // Where the handler runs, and with an actor that the route spawns, the actor. Middleware stays on
  // the reactor. A route has one place: a second one throws `std::invalid_argument`, and so does
  // any for the handle of an actor, which runs where its spawner put it.

  /// Runs the handler on the worker pool, or on the one named `pool`, which `config::with_pool`
  /// declares: an engine does not start with a pool that nobody declared.
  route& worker(std::string pool = {});

  /// Runs the handler on CAF's scheduler, beside the actors there.
  route& on_scheduler();

  /// Runs the handler on a thread of the route's own, one request at a time: for what blocks.
  route& detached();

  /// Keeps the handler on its reactor, however long it holds it: adaptive mode leaves it alone.
  route& pinned_to_reactor();

  /// At most `n` requests have their handler at work, or waiting for something, at a time; a
  /// further one is answered 503 with Retry-After, and middleware sees it. A request that an actor
  /// has counts until that lets go of it, whether the client still waits or not.
  /// @throws std::invalid_argument for 0, and for a route of high priority
  route& max_in_flight(std::size_t n);

  /// At most `n` requests wait for a worker at a time, beside one for each worker; a further one is
  /// answered 503 with Retry-After, and middleware sees it. The bound of the pool holds as well.
  /// @throws std::invalid_argument for 0, for an actor, and for a route of high priority
  route& max_queued(std::size_t n);

  /// The priority lane, for health checks and the like: an actor takes the request before all that
  /// waits for it, a worker takes the handler before what waits there, but after eight in a row one
  /// without priority. The pool counts them apart: as many as may wait of the others may wait of
  /// these, and neither take places from the others.
  /// @throws std::invalid_argument for a route that has bounds
  route& high_priority();

  /// Calls the handler as soon as the head of a request is there; the content is read by
  /// `co_await ctx.read()`, and `ctx.body()` is empty, for middleware as well.
  /// @throws std::invalid_argument for an actor, which takes its content whole
  route& streams_content();

  /// Bounds what a request of this route may have, in place of the options of the engine, up or
  /// down: so one route that takes uploads does not open all others. Holds from the head of the
  /// request on.
  route& limits(const route_limits& bounds);

  /// Gives a request of this route so much time from its end to its response, in place of
  /// `deadlines.request`; past it 504. 0: no bound.
  /// @throws std::invalid_argument below 0 and above 24 h
  route& timeout(std::chrono::milliseconds patience);

  /// Spawns an actor for each request: it answers, and ends when nobody refers to it any more. Where
  /// the request is over before that (its client has left, its deadline has passed, the engine ends)
  /// the actor is told to exit, with `user_shutdown`.
  /// @throws std::invalid_argument unless the handler is a behavior function or `sake::spawned`,
  ///         and for a route that is `.supervised()`
  route& per_request();

  /// Spawns an actor for each value of the path parameter `parameter`, at the first request with
  /// it. One that has no request and was not asked for `idle` is let go: it is told to exit, behind
  /// the messages that it has. The next request with that value gets a new one.
  ///
  /// Routes that are given copies of one `sake::handler` share its actors, and must say the same of
  /// them, or the engine does not start.
  ///
  /// @param most  actors of this handler on one reactor; past it the one unasked for longest is let
  ///         go, or, where all have requests, the answer is 503 with Retry-After
  /// @throws std::invalid_argument unless the handler is a behavior function or `sake::spawned`,
  /// and
  ///         the path has the parameter
  route& keyed_by(std::string parameter,
                  std::chrono::milliseconds idle = std::chrono::milliseconds{60'000},
                  std::size_t most = 10'000);

  /// Says what happens when an actor that the route spawned fails; without it the defaults of
  /// `supervision` hold.
  ///
  /// @throws std::invalid_argument unless the handler is a behavior function or `sake::spawned`,
  ///         not `.per_request()`, and every value makes sense
  route& supervised(const supervision& bounds);

  /// Adds middleware for this route alone, behind that of its groups.
  template <class... Middleware>
  route& use(Middleware&&... middleware) {
    (add_middleware(handler{std::forward<Middleware>(middleware)}), ...);
    return *this;
  }

  /// Names the route in logs and metrics, in place of "GET /users/:id".
  route& name(std::string name);

private:
  friend class route_group;
  friend class routing_registry;
  void add_middleware(const handler& middleware);
  route& place(routing::placement where);
  void check_bounds() const;
  void check_spawns(const char* what) const;
  void check_outlives_requests() const;
  [[nodiscard]] bool shares_actors() const noexcept;

  std::string title_;
  std::string pattern_;
  handler handler_;
  const routing::detail::group_node* group_;
  routing::chain middleware_;
  routing::placement placement_;
  bool is_supervised_ = false;
  bool streams_content_ = false;
  route_limits limits_;
  std::optional<std::chrono::milliseconds> timeout_;
  routing::actor_use actors_;
  routing::route_bounds bounds_;
};

/// Routes under one path prefix, with middleware that they share. A light value that refers to
/// its engine. Registration happens before the engine starts, on one thread.
///
/// Every registration throws `std::invalid_argument` with one sentence when the path is no path
/// pattern, the method no token, the route conflicts with one registered before, or a middleware is
/// an actor.
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

  /// One route for every method; a route for a method of its own comes before it.
  route& any(std::string_view path, handler handler) {
    return handle("*", path, std::move(handler));
  }

  /// One route for any method token (RFC 9110 §9.1).
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

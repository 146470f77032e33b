// One route and its options.
#pragma once

#include "actor_use.hpp"
#include "admission_limits.hpp"
#include "handler.hpp"
#include "placement.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace sake {

class route_group;
class routing_registry;

namespace routing::detail {
struct group_node;
struct registration;
/// The layer of `given`.
/// @param what  names the handler in the error, such as "route GET /: its handler"
/// @throws std::invalid_argument if it is empty
[[nodiscard]] const std::shared_ptr<const layer>& checked_layer(const handler& given,
                                                                const std::string& what);
/// The layer of a middleware.
/// @param owner  names its route or group in the error, such as "route GET /"
/// @throws std::invalid_argument if it is empty, and for an actor, which answers and passes nothing
///         on
[[nodiscard]] std::shared_ptr<const layer> checked_middleware(const handler& middleware,
                                                              const std::string& owner);
} // namespace routing::detail

/// The limits of a route for its own requests. Empty values are those of the engine.
struct route_limits {
  /// Octets of content, after the transfer coding is removed; past it 413.
  std::optional<std::uint64_t> content_bytes{};
};

/// One route, as its registration returned it, for setting its options. Belongs to the engine;
/// valid as long as the engine.
class route {
public:
  // Options set on a copy would have no effect: write `auto& r = app.get(…)`.
  route(const route&) = delete;
  route& operator=(const route&) = delete;

  /// Only registration makes routes.
  class key {
    friend class routing_registry;
    explicit key() noexcept {}
  };
  /// @param title  such as "GET /users/:id", for messages; the name of the route until it has one
  route(key, std::string title, std::string method, std::string pattern, handler handler,
        const routing::detail::group_node* group, routing::detail::registration& registration);

  // Every option throws `std::logic_error` once the engine has started.

  // Where the handler runs, or the actor that the route spawns. Middleware stays on the reactor. A
  // route has one place: a different second one throws `std::invalid_argument`, and so does any for
  // the handle of an actor, which runs where its spawner put it.

  /// Runs the handler on the worker pool, or on the one named `pool`, which `config::with_pool`
  /// must declare: an engine does not start with an undeclared pool.
  route& worker(std::string pool = {});

  /// Runs the handler on CAF's scheduler, beside the actors there.
  route& on_scheduler();

  /// Runs the handler on a thread of the route's own, one request at a time: for blocking handlers.
  route& detached();

  /// Keeps the handler on its reactor, however long it blocks that: adaptive mode never moves it.
  route& pinned_to_reactor();

  /// At most `n` requests may be in their handler at a time, working or waiting; a further one is
  /// answered 503 with Retry-After, and middleware sees it. A request with an actor counts until
  /// the actor releases it, whether or not the client still waits.
  /// @throws std::invalid_argument for 0, and for a route of high priority
  route& max_in_flight(std::size_t n);

  /// At most `n` requests may wait for a worker at a time, beside one for each worker; a further
  /// one is answered 503 with Retry-After, and middleware sees it. The limit of the pool applies as
  /// well. An engine does not start if the handler never waits for a worker: with
  /// `pinned_to_reactor`, or without a place while adaptive mode is off. Where
  /// `config::with_worker_pool` has switched off all pools, the limit has no effect.
  /// @throws std::invalid_argument for 0, for an actor, and for a route of high priority
  route& max_queued(std::size_t n);

  /// The priority lane, for health checks and the like. An actor takes the request before its other
  /// messages. A worker takes the handler before its other tasks, but after eight in a row one
  /// without priority. The pool counts priority tasks separately, with the same limit as for the
  /// others.
  /// @throws std::invalid_argument for a route that has limits
  route& high_priority();

  /// Calls the handler as soon as the head of a request is there; the content is read by
  /// `co_await ctx.read()`, and `ctx.body()` is empty, for middleware as well.
  /// @throws std::invalid_argument for an actor, which takes its content whole
  route& streams_content();

  /// Sets the limits of this route in place of those of the engine, higher or lower, so that one
  /// route can take uploads without opening all others. Applies from the head of the request on.
  route& limits(const route_limits& limits);

  /// Sets the time from the end of a request of this route to its response, in place of
  /// `deadlines.request`; past it 504. 0: no limit.
  /// @throws std::invalid_argument below 0 and above 24 h
  route& timeout(std::chrono::milliseconds patience);

  /// Spawns an actor for each request. It answers, and ends when it is no longer referenced. If the
  /// request is over before that (its client has left, its deadline has passed, the engine ends),
  /// the actor is told to exit, with `user_shutdown`.
  /// @throws std::invalid_argument unless the handler is a behavior function or `sake::spawned`,
  ///         and for a route that is `.supervised()`
  route& per_request();

  /// Spawns an actor for each value of the path parameter `parameter`, at the first request with
  /// it. An actor that is without requests for `idle` is told to exit, after the messages that it
  /// has. The next request with that value gets a new one.
  ///
  /// Routes with copies of one `sake::handler` share its actors, and must configure them alike, or
  /// the engine does not start.
  ///
  /// @param most  the most actors of this handler on one reactor; past it the one idle for longest
  ///              is told to exit. If all have requests, or the 64 looked at, the response is 503
  ///              with Retry-After; the search continues at the next request
  /// @throws std::invalid_argument unless the handler is a behavior function or `sake::spawned`,
  ///         the path has the parameter, and `idle` and `most` are above 0
  route& keyed_by(std::string parameter,
                  std::chrono::milliseconds idle = std::chrono::milliseconds{60'000},
                  std::size_t most = 10'000);

  /// Sets what happens when an actor that the route spawned fails; the default is that of
  /// `supervision`.
  ///
  /// @throws std::invalid_argument unless the handler is a behavior function or `sake::spawned`,
  ///         not `.per_request()`, and every value makes sense
  route& supervised(const supervision& policy);

  /// Adds middleware for this route alone, after that of its groups.
  template <class... Middleware>
  route& use(Middleware&&... middleware) {
    (add_middleware(handler{std::forward<Middleware>(middleware)}), ...);
    return *this;
  }

  /// Names the route in logs, in metrics and for `context::route`, in place of "GET /users/:id".
  /// @throws std::invalid_argument if another route has that name, and for a name that is empty or
  ///         holds white space or a control octet
  /// @throws std::logic_error for a second name
  route& name(std::string name);

  /// A second run of the handler for one request does no harm, whatever the method is: a request
  /// whose node has died is run again on another (RFC 9110 §9.2.2). GET, HEAD, PUT, DELETE, OPTIONS
  /// and TRACE are idempotent without this.
  route& idempotent();

  /// Tells versions of the handler apart. A node runs the handler for another one only if both have
  /// the same version of the route.
  /// @throws std::invalid_argument for a version that holds a control octet
  route& version(std::string version);

private:
  friend class route_group;
  friend class routing_registry;
  void add_middleware(const handler& middleware);
  route& place(routing::placement where);
  void check_admission() const;
  void check_spawns(const char* what) const;
  void check_outlives_requests() const;
  [[nodiscard]] bool shares_actors() const noexcept;

  /// What the options set.
  struct choices {
    /// Such as "GET /users/:id" unless `.name()` gives another.
    std::string name;
    routing::chain middleware;
    routing::placement placement;
    bool is_supervised = false;
    bool streams_content = false;
    route_limits limits;
    std::optional<std::chrono::milliseconds> timeout;
    routing::actor_use actors;
    routing::admission_limits admission;
    bool is_idempotent = false;
    std::string version;
  };
  /// The options, to set one.
  /// @throws std::logic_error once the engine has started
  choices& change();

  std::string method_;
  std::string pattern_;
  handler handler_;
  const routing::detail::group_node* group_;
  routing::detail::registration* registration_;
  choices choices_;
};

} // namespace sake

// What observers learn of the runtime.
#pragma once

#include "../../http/peer.hpp"

#include <chrono>
#include <memory>
#include <string_view>
#include <vector>

namespace sake::actors {

/// A handler or an offloaded function on its way to a pool and back. The views are valid during the
/// call that passes it.
struct pool_task {
  /// The name of the pool: empty for the pool without one, "scheduler" for CAF's scheduler,
  /// "detached-0" and so on for the threads of detached routes.
  std::string_view pool;
  /// The name of the route of the request; see `route_info`.
  std::string_view route_name;
  /// From the submission until a worker began it, and from there to its end; 0 if it was refused.
  std::chrono::nanoseconds waited{};
  std::chrono::nanoseconds ran{};
};

/// An actor that a route spawned, for all requests or for one key. The views are valid during the
/// call that passes it.
struct route_actor {
  /// The name of the route, the first of those that share the actor; see `route_info`.
  std::string_view route_name;
  /// Its key; empty if it answers all requests.
  std::string_view key;
};

/// Is told of connections, of tasks on pools, and of actors that routes spawned: each call does
/// nothing unless it is overridden.
///
/// Belongs to one reactor, which makes all calls: needs no lock. Only actors for all requests,
/// which are made before the reactors run, are told on the thread that starts the engine. A call
/// must not block.
class runtime_observer {
public:
  virtual ~runtime_observer() = default;

  // -- connections ------------------------------------------------------------------

  /// A connection has opened: also one past `config::with_max_connections`, which gets a 503.
  virtual void on_connection_opened(const http::peer&) noexcept {}
  virtual void on_connection_closed(const http::peer&) noexcept {}

  // -- tasks on pools ---------------------------------------------------------------

  /// A task was run. A handler that waits is one task up to its wait, and one after it. Told on the
  /// reactor of its request, also if the request has ended meanwhile.
  virtual void on_task_done(const pool_task&) noexcept {}
  /// A task was refused: the pool was full, or a limit of the route was reached.
  virtual void on_task_refused(const pool_task&) noexcept {}

  // -- actors that routes spawned -------------------------------------------------------

  // Told on the reactor of the supervisor, which is another than that of the request for some.
  // Actors for a single request have no supervisor, and are not told.

  /// An actor was made: the first, or one after an actor that ended by itself.
  virtual void on_actor_started(const route_actor&) noexcept {}
  /// An actor has failed, or its constructor has thrown; the text says why.
  virtual void on_actor_failed(const route_actor&, std::string_view) noexcept {}
  /// An actor was made after one that failed, and after the given delay: a back-off, a quarantine,
  /// or none.
  virtual void on_actor_restarted(const route_actor&, std::chrono::nanoseconds) noexcept {}
  /// There were too many failures: requests are refused for the given time.
  virtual void on_actor_quarantined(const route_actor&, std::chrono::nanoseconds) noexcept {}
  /// The quarantine is over: requests are taken again.
  virtual void on_quarantine_over(const route_actor&) noexcept {}
};

/// The observers of one reactor, in the order of registration.
using runtime_observers = std::vector<std::unique_ptr<runtime_observer>>;

} // namespace sake::actors

namespace sake {
using actors::pool_task;
using actors::route_actor;
using actors::runtime_observer;
} // namespace sake

// An engine's components without sockets, threads or time of their own.
#pragma once

#include "../../actors/connection/connection_limit.hpp"
#include "../../actors/nodes/cluster.hpp"
#include "../../actors/nodes/node_settings.hpp"
#include "../../actors/reactor/observers.hpp"
#include "../../actors/shards.hpp"
#include "../../actors/workers/executors.hpp"
#include "../../actors/workers/pool_settings.hpp"
#include "../../http/settings.hpp"
#include "../../routing/group.hpp"
#include "../../routing/registry.hpp"
#include "manual_clock.hpp"
#include "manual_executor.hpp"
#include "manual_executors.hpp"
#include "memory_peer.hpp"
#include "ready_queue.hpp"
#include "virtual_network.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// The settings of a test runtime.
struct test_runtime_settings {
  http::settings connections;
  std::size_t reactors = 1;
  /// Connections past this limit get a 503.
  std::size_t max_connections = actors::connection_limit::default_max;
  /// Whether there are pools, and which; only their workers and queue limits are used.
  actors::executor_settings executors{.pool = {.workers = 2}};
};

/// All components of an engine on the test's own thread: reactors with their connections, routers
/// and handlers, actors that CAF schedules, and the tasks of the worker pool. Events are handled
/// and time passes only when the test says so; the events and their order depend on its calls
/// alone.
///
/// Routes are registered first; the first call that needs a reactor starts it. Detached actors have
/// threads of their own here too.
class test_runtime {
public:
  explicit test_runtime(test_runtime_settings chosen = {});
  test_runtime(const test_runtime&) = delete;
  test_runtime& operator=(const test_runtime&) = delete;
  ~test_runtime();

  // -- components -------------------------------------------------------------------

  /// The group to register routes in, before anything runs.
  [[nodiscard]] route_group& routes() noexcept { return routes_; }
  [[nodiscard]] routing_registry& registry() noexcept { return *registry_; }
  /// Makes the observers of each reactor at the start. They are kept as long as the test runtime.
  [[nodiscard]] actors::observer_factories& observers() noexcept { return observers_; }
  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] const manual_clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const test_runtime_settings& settings() const noexcept { return settings_; }

  /// The executor of a worker pool, made on the first call; "" is the unnamed pool. Its size comes
  /// from the settings; a pool that they do not name is as large as the unnamed one.
  manual_executor& executor(std::string_view name = {}) { return executors_->pool(name); }
  /// Replaces the executor of that name. Call it before the start.
  void set_executor(std::string_view name, std::unique_ptr<manual_executor> other) {
    executors_->set_pool(name, std::move(other));
  }
  /// Runs routes on the executors of an engine, which have threads of their own. Call it before the
  /// start; `others` must outlive the test runtime.
  void set_places(actors::executors& others) noexcept { outside_ = &others; }

  /// Makes this a node among those of `network`, which must outlive it. Call it before the start.
  /// @param own  with a name and an address that no other node has; each has a link to all others
  void join(virtual_network& network, actors::node_settings own);
  /// This node among others; null unless it was made one, and before the start.
  [[nodiscard]] actors::nodes::cluster* cluster() noexcept {
    return cluster_ ? &*cluster_ : nullptr;
  }

  /// Starts the registered routes, unless they have started.
  /// @throws std::invalid_argument for a route on an undeclared pool, or for routes that share a
  ///         handler but configure its actors differently
  void start();
  [[nodiscard]] bool has_started() const noexcept { return route_map_ != nullptr; }
  [[nodiscard]] actors::shard& shard(std::size_t reactor = 0);
  [[nodiscard]] std::size_t open_connections() const noexcept {
    return shards_ ? shards_->connections().open() : 0;
  }

  /// Moves every movable handler to the worker pool, as the adaptive mode would.
  void move_handlers();

  /// Ends `actor` with the test runtime.
  void end_later(caf::strong_actor_ptr actor) { to_end_.push_back(std::move(actor)); }

  // -- connections ------------------------------------------------------------------

  /// Opens a connection to each reactor in turn and returns its peer. Past `max_connections` it
  /// gets a 503.
  [[nodiscard]] memory_peer connect(const http::peer& from = {});
  /// Opens a connection that gets a 503, as past the limit.
  [[nodiscard]] memory_peer connect_refused();

  // -- one event at a time --------------------------------------------------------------

  /// The number of events that could be next: those of connections, posts to reactors, deadlines
  /// that are due, actors that CAF has scheduled, tasks.
  [[nodiscard]] std::size_t ready();
  /// Handles one event with all its effects in the same turn.
  /// @param i  below `ready()`; 0 is the event that `step` handles
  void handle(std::size_t i);

  /// Handles one event; false if there was none.
  bool step();
  /// As `step`, but leaves actors that CAF has scheduled, and tasks.
  bool step_reactors();
  /// Handles events until none is left.
  void run();

  // -- time -------------------------------------------------------------------------

  /// The next time at which something may be due; empty if nothing waits for time to pass.
  [[nodiscard]] std::optional<actors::time_point> next_due();
  /// Lets time pass, but handles nothing: events due in the interval are late.
  void pass(std::chrono::nanoseconds by);
  /// Lets time pass up to the next time at which something may be due, and runs.
  /// @param by  the latest such time
  /// @returns whether there was one
  bool run_next_due(actors::time_point by = actors::time_point::max());
  /// Lets time pass, and runs whenever something is due, and at the end.
  void advance(std::chrono::milliseconds by);
  /// Handles events, and lets time pass as far as needed, until `holds()`. Stops after `patience`,
  /// because periodic events never end.
  /// @returns whether `holds()` at the end
  bool run_until(const std::function<bool()>& holds,
                 std::chrono::nanoseconds patience = std::chrono::hours{24});

  // -- the end ------------------------------------------------------------------------

  /// Closes the shards as an engine does at its end: waiting requests are answered with 503.
  void close();

private:
  struct open_group final : route_group {
    explicit open_group(routing_registry& registry) : route_group(registry) {}
  };

  /// A reactor's shard and its socket events.
  struct hosted_shard {
    explicit hosted_shard(actors::shard& own) : shard(own), events(own.reactor()) {}
    actors::shard& shard;
    ready_queue events;
  };

  [[nodiscard]] caf::scheduler::test_coordinator& coordinator();
  [[nodiscard]] actors::executor* worker_pool();
  [[nodiscard]] actors::executor* find(const routing::placement& wanted);
  void check_routes() const;
  bool pass_to_next_due(actors::time_point by);
  void start_node();
  memory_peer open(actors::connection_limit::place place, const http::peer& from);
  bool run_leftovers();
  bool handle_of(hosted_shard& own, std::size_t& i);

  test_runtime_settings settings_;
  actors::observer_factories observers_;
  std::unique_ptr<routing_registry> registry_ = std::make_unique<routing_registry>();
  open_group routes_{*registry_};
  manual_clock clock_;
  // Declared before the system: its actors may run on them and answer to them until they end.
  std::optional<manual_executors> executors_;
  actors::executors* outside_ = nullptr;
  std::optional<actors::shards> shards_;
  std::vector<std::unique_ptr<hosted_shard>> hosted_;
  /// Of a node among others.
  virtual_network* network_ = nullptr;
  actors::node_settings node_settings_;
  std::unique_ptr<actors::nodes::network> own_network_;
  std::optional<actors::nodes::cluster> cluster_;
  caf::actor_system_config system_config_;
  caf::actor_system system_;
  std::unique_ptr<const routing::route_map> route_map_;
  std::size_t connected_ = 0;
  std::vector<caf::strong_actor_ptr> to_end_;
};

} // namespace sake::testing

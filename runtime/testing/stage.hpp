// Everything that an engine runs, without sockets, threads or time of its own.
#pragma once

#include <sake/actors/executors.hpp>
#include <sake/actors/pool_settings.hpp>
#include <sake/actors/scheduler_executor.hpp>
#include <sake/actors/shard.hpp>
#include <sake/http/settings.hpp>
#include <sake/routing/group.hpp>
#include <sake/routing/registry.hpp>
#include <sake/testing/manual_clock.hpp>
#include <sake/testing/manual_executor.hpp>
#include <sake/testing/memory_peer.hpp>
#include <sake/testing/ready_queue.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sake::actors {
class connection;
} // namespace sake::actors

namespace sake::testing {

/// What there is to be on a stage.
struct stage_settings {
  http::settings connections;
  std::size_t reactors = 1;
  /// Connections past these are turned away.
  std::size_t max_connections = 10'000;
  /// Whether handlers of `.worker()` routes and offloaded functions go to an executor.
  bool worker_pool = true;
  /// How large the executor without a name is. The bound holds for CAF's scheduler and for detached
  /// routes too.
  std::size_t workers = 2;
  std::size_t queue_bound = 1024;
  /// Those with a name, of which only workers and bound count.
  std::vector<actors::named_pool> pools{};
};

/// Everything that an engine runs, on the test's own thread: reactors with their connections,
/// routers and handlers, actors that CAF schedules, and the tasks of the worker pool. Nothing
/// happens but what the test has handled, and no time passes but what the test lets pass. What
/// happens, and in which order, depends on the calls alone.
///
/// Routes are registered first; the first call that needs a reactor starts it. Detached actors have
/// threads of their own here too.
class stage {
public:
  explicit stage(stage_settings chosen = {});
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;
  ~stage();

  // -- what is on it ----------------------------------------------------------------

  /// Where routes are registered, before anything runs.
  [[nodiscard]] route_group& routes() noexcept { return routes_; }
  [[nodiscard]] routing_registry& registry() noexcept { return *registry_; }
  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] const manual_clock& clock() const noexcept { return clock_; }
  [[nodiscard]] const stage_settings& settings() const noexcept { return settings_; }

  /// The executor of that name, made when it is first asked for: a worker pool, "" the one without
  /// a name. As large as the settings say; one that they do not name is as large as that without.
  manual_executor& executor(std::string_view name = {});
  /// Puts `other` in the place of the executor of that name; before the start.
  void set_executor(std::string_view name, std::unique_ptr<manual_executor> other);
  /// Has routes run in the places of an engine, which have threads of their own; before the start.
  /// They outlive the stage.
  void set_places(actors::executors& others) noexcept { outside_ = &others; }

  /// Begins to run what was registered, unless it does already.
  /// @throws std::invalid_argument for a route that is to run on a pool which nobody declared, or
  ///         routes that want the actors of one handler otherwise
  void start();
  [[nodiscard]] bool has_started() const noexcept { return route_map_ != nullptr; }
  [[nodiscard]] actors::shard& shard(std::size_t reactor = 0);
  [[nodiscard]] std::size_t open_connections() const noexcept { return open_connections_; }

  /// Has every handler that may be moved run where the adaptive mode would move it.
  void move_handlers();

  /// Tells `actor` to end with the stage.
  void end_later(caf::strong_actor_ptr actor) { to_end_.push_back(std::move(actor)); }

  // -- connections ------------------------------------------------------------------

  /// A new connection to each reactor in turn, and its peer. It is turned away when there are too
  /// many.
  [[nodiscard]] memory_peer connect(const http::peer& from = {});
  /// A new connection that is one too many.
  [[nodiscard]] memory_peer connect_past_the_bound();

  // -- one thing after the other --------------------------------------------------------

  /// How many things could be next: what connections were told of, what was posted to a reactor,
  /// deadlines that are due, actors that CAF has scheduled, tasks.
  [[nodiscard]] std::size_t ready();
  /// Handles one of them, with all that comes of it in the same turn.
  /// @param i  below `ready()`; 0 is what a run takes next
  void handle(std::size_t i);

  /// Handles one thing; false when there was none.
  bool step();
  /// As `step`, but leaves alone what CAF has scheduled, and tasks.
  bool step_reactors();
  /// Handles one thing after the other until none is left.
  void run();

  // -- time -------------------------------------------------------------------------

  /// When something may be due next; empty when nothing waits for time to pass.
  [[nodiscard]] std::optional<actors::time_point> next_due();
  /// Lets time pass, but handles nothing: what was due meanwhile is late.
  void pass(std::chrono::nanoseconds by);
  /// Lets time pass up to the next moment at which something may be due, and runs.
  /// @param by  the last moment
  /// @returns whether there was one
  bool run_next_due(actors::time_point by = actors::time_point::max());
  /// Lets time pass, and runs whenever something is due, and at the end.
  void advance(std::chrono::milliseconds by);
  /// Handles one thing after the other, and lets time pass as far as it takes, until `holds()`.
  /// What repeats itself for ever has no end: so up to `patience`.
  /// @returns whether `holds()` at the end
  bool run_until(const std::function<bool()>& holds,
                 std::chrono::nanoseconds patience = std::chrono::hours{24});

  // -- the end ------------------------------------------------------------------------

  /// Ends the reactors as an engine does at its end: what waits is let go.
  void close();

private:
  struct open_group final : route_group {
    explicit open_group(routing_registry& registry) : route_group(registry) {}
  };

  /// A reactor with what its sockets would tell it.
  struct station {
    station(caf::actor_system& system, std::size_t index, const stage& own, actors::executor* pool,
            std::atomic<std::size_t>& open_connections);
    actors::shard shard;
    ready_queue events;
  };

  [[nodiscard]] caf::scheduler::test_coordinator& coordinator();
  [[nodiscard]] actors::executor* worker_pool();
  [[nodiscard]] actors::executor* find(const routing::placement& wanted);
  manual_executor& detach();
  void check_routes() const;
  bool pass_to_next_due(actors::time_point by);
  memory_peer open(void (actors::connection::*begin)(), const http::peer& from);
  bool run_leftovers();
  bool handle_of(station& own, std::size_t& i);

  stage_settings settings_;
  std::unique_ptr<routing_registry> registry_ = std::make_unique<routing_registry>();
  open_group routes_{*registry_};
  manual_clock clock_;
  // Before the system: its actors may run there, and answer there, as long as they are.
  std::map<std::string, std::unique_ptr<manual_executor>, std::less<>> executors_;
  std::size_t detached_ = 0;
  std::unique_ptr<actors::scheduler_executor> scheduler_;
  actors::executors* outside_ = nullptr;
  std::vector<std::unique_ptr<station>> stations_;
  actors::route_states route_states_;
  caf::actor_system_config system_config_;
  caf::actor_system system_;
  std::atomic<std::size_t> open_connections_{0};
  std::unique_ptr<const routing::route_map> route_map_;
  std::size_t connected_ = 0;
  std::vector<caf::strong_actor_ptr> to_end_;
};

} // namespace sake::testing

// Every place of an engine beside its reactors.
#pragma once

#include <sake/actors/pool_settings.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/routing/route_map.hpp>

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::actors {

class scheduler_executor;
class worker_pool;

/// What the places beside the reactors take from the configuration.
struct executor_settings {
  /// False: no worker pool, with or without a name; handlers that belong there run on their
  /// reactor.
  bool has_pools = true;
  /// The pool without a name. Its bound is that of CAF's scheduler and of detached routes too.
  pool_settings pool{};
  std::vector<named_pool> named_pools{};
};

/// Every place of an engine beside its reactors: worker pools, CAF's scheduler, the threads of
/// detached routes. Outlives the actor system's actors, and with that the system: `stop` ends what
/// runs. Safe from any thread but for `find`.
class executors {
public:
  executors(caf::actor_system& system, executor_settings chosen);
  executors(const executors&) = delete;
  executors& operator=(const executors&) = delete;
  ~executors();

  /// The place that a route asks for; null for its reactor. Threads of a pool begin when it is
  /// found first; what is detached gets a thread each time.
  [[nodiscard]] executor* find(const routing::placement& wanted);

  /// The pool of that name, or the one without; null where there is none.
  [[nodiscard]] worker_pool* pool(std::string_view name = {}) const noexcept;

  /// Ends all: what runs is waited for, what is not begun is dropped.
  /// @returns false when something still runs at the deadline: nothing may then be destroyed
  bool stop(std::chrono::milliseconds patience);

private:
  worker_pool& detach();

  caf::actor_system& system_;
  const executor_settings settings_;
  std::vector<std::pair<std::string, std::unique_ptr<worker_pool>>> pools_;
  std::vector<std::unique_ptr<worker_pool>> detached_;
  std::unique_ptr<scheduler_executor> scheduler_;
};

/// Tells each route where its handler runs, or the actors that it spawns, as `find` has it for what
/// the route asks for. Before the shards are made.
void assign_places(const routing::route_map& routes, route_state* states,
                   const std::function<executor*(const routing::placement&)>& find);

} // namespace sake::actors

// Finds the executor for a placement.
#pragma once

#include "../../routing/placement.hpp"
#include "scheduler_executor.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <memory>
#include <string_view>

namespace sake::actors {

/// Finds the executor for a placement: a pool, CAF's scheduler, or a thread of its own. Derived
/// classes make the pools and the threads. Must outlive the actors of the actor system, hence the
/// system itself.
class executor_finder {
public:
  executor_finder(const executor_finder&) = delete;
  executor_finder& operator=(const executor_finder&) = delete;

  /// Returns the executor that a route asks for; null for its reactor. Starts the threads of a pool
  /// when it is found first; a detached route gets a new thread on each call.
  [[nodiscard]] executor* find(const routing::placement& wanted);

protected:
  /// @param max_queued  of CAF's scheduler
  executor_finder(caf::actor_system& system, std::size_t max_queued) noexcept
      : system_(system), max_queued_(max_queued) {}
  ~executor_finder() = default;

  [[nodiscard]] caf::actor_system& system() const noexcept { return system_; }
  /// The executor on CAF's scheduler; null if no route has asked for it.
  [[nodiscard]] scheduler_executor* scheduler() const noexcept { return scheduler_.get(); }

private:
  /// Returns the pool of that name, ready to run tasks; null if there is none.
  virtual executor* start_pool(std::string_view name) = 0;
  /// Returns a new executor of one thread.
  virtual executor& start_detached() = 0;

  caf::actor_system& system_;
  const std::size_t max_queued_;
  std::unique_ptr<scheduler_executor> scheduler_;
};

} // namespace sake::actors

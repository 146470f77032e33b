// The executors of an engine.
#pragma once

#include "executor_finder.hpp"
#include "pool_settings.hpp"

#include <caf/fwd.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::actors {

class worker_pool;

/// The executors of an engine, beside its reactors: worker pools, CAF's scheduler, the threads of
/// detached routes. `stop` ends running work. Safe from any thread except `find`.
class executors final : public executor_finder {
public:
  executors(caf::actor_system& system, executor_settings chosen);
  ~executors();

  /// Returns the pool of that name, or the pool without one; null if there is none.
  [[nodiscard]] worker_pool* pool(std::string_view name = {}) const noexcept;

  /// Ends all executors: waits for running tasks and drops tasks that have not begun.
  /// @returns false when a task still runs at the deadline: nothing must then be destroyed
  bool stop(std::chrono::milliseconds patience);

private:
  executor* start_pool(std::string_view name) override;
  executor& start_detached() override;

  const executor_settings settings_;
  std::vector<std::pair<std::string, std::unique_ptr<worker_pool>>> pools_;
  std::vector<std::unique_ptr<worker_pool>> detached_;
};

} // namespace sake::actors

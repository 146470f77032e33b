// The manual executors of a test runtime.
#pragma once

#include "../../actors/workers/executor_finder.hpp"
#include "../../actors/workers/pool_settings.hpp"
#include "manual_executor.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace sake::testing {

/// The executors of a test runtime: manual executors in place of pools and detached threads.
/// Belongs to one thread.
class manual_executors final : public actors::executor_finder {
public:
  /// @param chosen  of the settings of pools only workers and queue limit are used
  manual_executors(caf::actor_system& system, actors::executor_settings chosen);
  ~manual_executors();

  /// The executor of a pool, made on the first call; "" is the unnamed pool. A pool without
  /// settings is as large as the unnamed one.
  manual_executor& pool(std::string_view name = {});
  /// Replaces the executor of a pool.
  void set_pool(std::string_view name, std::unique_ptr<manual_executor> other);

  /// The number of tasks that `run` may start now.
  [[nodiscard]] std::size_t ready();
  /// Runs task `i`, below `ready()`, to its end.
  void run(std::size_t i);
  /// Drops all queued tasks.
  void drop();

private:
  actors::executor* start_pool(std::string_view name) override;
  actors::executor& start_detached() override;

  const actors::executor_settings settings_;
  /// By the name of the pool; those of detached routes under names that no pool has.
  std::map<std::string, std::unique_ptr<manual_executor>, std::less<>> all_;
  std::size_t detached_ = 0;
};

} // namespace sake::testing

// CAF's scheduler as an executor.
#pragma once

#include "executor.hpp"

#include <chrono>
#include <cstddef>
#include <memory>

namespace sake::actors {

/// CAF's scheduler as an executor: tasks take turns with the actors there. Limits the queued tasks.
///
/// Safe from any thread.
class scheduler_executor final : public executor {
public:
  /// @param max_queued  tasks that may wait beside the running ones
  scheduler_executor(caf::actor_system& system, std::size_t max_queued);

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;
  [[nodiscard]] bool is_full(bool has_priority) const noexcept override;
  [[nodiscard]] std::size_t load() const noexcept override;
  /// The number of threads of the scheduler.
  [[nodiscard]] std::size_t width() const noexcept override;

  /// From now on, tasks that have not begun are dropped when their turn comes.
  void begin_stop();
  /// Waits until no task is left, after `begin_stop`.
  /// @returns false when a task still waits or runs at the deadline
  bool await_end(std::chrono::steady_clock::time_point deadline);

private:
  class job;
  struct tally;

  bool enqueue(std::shared_ptr<routing::work> task);

  /// Shared with the jobs, as the last job may outlive `await_end`.
  std::shared_ptr<tally> tally_;
  const std::size_t width_;
  const std::size_t max_queued_;
};

} // namespace sake::actors

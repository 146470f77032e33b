// CAF's scheduler as a place for handlers.
#pragma once

#include <sake/actors/executor.hpp>

#include <chrono>
#include <cstddef>
#include <memory>

namespace sake::actors {

/// CAF's scheduler as a place for handlers: each task takes its turn among the actors there. Has a
/// bound on the tasks that wait.
///
/// Safe from any thread.
class scheduler_executor final : public executor {
public:
  /// @param queue_bound  tasks that may wait beside those that run
  scheduler_executor(caf::actor_system& system, std::size_t queue_bound);

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;
  [[nodiscard]] bool is_full(bool has_priority) const noexcept override;
  [[nodiscard]] std::size_t load() const noexcept override;
  /// Threads of the scheduler.
  [[nodiscard]] std::size_t width() const noexcept override;

  /// Has tasks that are not begun dropped when their turn comes.
  void begin_stop();
  /// Waits until no task is left, after `begin_stop`.
  /// @returns false when some task still waits or runs at the deadline
  bool await_end(std::chrono::steady_clock::time_point deadline);

private:
  class job;
  struct tally;

  bool enqueue(std::shared_ptr<routing::work> task);

  /// Shared with the jobs, the last of which may outlive the wait for it.
  std::shared_ptr<tally> tally_;
  const std::size_t width_;
  const std::size_t queue_bound_;
};

} // namespace sake::actors

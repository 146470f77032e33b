// The CPU actors of `.worker()` routes.
#pragma once

#include <sake/actors/executor.hpp>
#include <sake/actors/pool_settings.hpp>

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <vector>

namespace sake::actors {

class worker;

/// The CPU actors of `.worker()` routes: a fixed number of workers, each a detached actor on a
/// thread of its own, with a bound on the tasks that wait. A task goes to the least loaded worker
/// as a message. A worker that dies is replaced; the tasks it had not begun go to the others.
///
/// Safe from any thread.
class worker_pool final : public executor {
public:
  /// Makes a pool whose workers start with `start`, or with the first task.
  worker_pool(caf::actor_system& system, const pool_settings& config);
  /// The pool has been stopped.
  ~worker_pool();

  void start();

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;

  /// Tells the workers to end after what they are doing, and waits for that.
  /// @returns false when some worker is still busy at the deadline: the pool must then not be
  ///          destroyed
  bool stop(std::chrono::milliseconds deadline);

  [[nodiscard]] std::size_t load() const noexcept override {
    return load_.load(std::memory_order_relaxed);
  }
  /// Workers.
  [[nodiscard]] std::size_t width() const noexcept override { return config_.workers; }
  /// The workers as they are now, for monitoring and tests.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> workers() const;

private:
  friend class worker;

  struct seat {
    caf::strong_actor_ptr actor;
    /// Tasks that wait or run here.
    std::unique_ptr<std::atomic<std::size_t>> load;
  };

  void hire(std::size_t index);
  void place(std::shared_ptr<routing::work> task);
  [[nodiscard]] const seat* least_loaded() const noexcept;

  // What workers tell.
  void leave(std::size_t index);
  void worker_ended(std::size_t index);
  void task_ended(std::size_t index) noexcept;

  caf::actor_system& system_;
  const pool_settings config_;
  std::once_flag started_;
  std::atomic<std::size_t> load_{0};
  mutable std::atomic<std::size_t> next_{0};

  // Written only when a worker is replaced. Workers of the idle class take it shared, as everybody
  // does, so that none of them can hold up a reactor.
  mutable std::shared_mutex seats_mutex_;
  std::vector<seat> seats_;
  std::vector<std::shared_ptr<routing::work>> unplaced_;

  std::mutex ending_mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  bool stopping_ = false;
};

} // namespace sake::actors

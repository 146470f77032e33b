// A pool of actors that run CPU work, each on a thread of its own.
#pragma once

#include "../reactor/log.hpp"
#include "../reactor/reactor.hpp"
#include "executor.hpp"
#include "pool_settings.hpp"
#include "worker.hpp"
#include "worker_slot.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <vector>

namespace sake::actors {

/// The actors that run CPU work: workers, each a detached actor on a thread of its own, with a
/// limit on queued tasks. A task goes to the least loaded worker as a message. A worker that dies
/// is replaced. Tasks that a dead or surplus worker had not begun go to the others.
///
/// Safe from any thread.
class worker_pool final : public executor, public reactor::idle_workers, private worker::owner {
public:
  /// Workers start with `start` or with the first task.
  /// @param name  see `executor::name`
  worker_pool(caf::actor_system& system, const pool_settings& config, std::string name = {});
  /// The pool must have been stopped.
  ~worker_pool();

  void start();

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;
  [[nodiscard]] bool is_full(bool has_priority) const noexcept override {
    return load_.is_full(has_priority, width() + config_.max_queued);
  }

  /// Sets the number of workers. New workers start at once; surplus workers (highest index first)
  /// stop after their current task. The limit on queued tasks beside the workers stays.
  /// @param workers  1 to `max_threads`
  /// @returns false if the pool is stopping: nothing has changed
  bool resize(std::size_t workers);

  /// Tells the workers to end after their current task. Tasks that have not begun are dropped, now
  /// and later.
  void begin_stop();
  /// Waits until all workers have ended.
  /// @returns false when a worker is still busy at the deadline: the pool must then not be
  ///          destroyed
  bool await_end(std::chrono::steady_clock::time_point deadline);
  /// `begin_stop`, then `await_end`.
  bool stop(std::chrono::milliseconds deadline);

  [[nodiscard]] std::size_t load() const noexcept override { return load_.total(); }
  bool steal(std::shared_ptr<routing::work> task) override;
  /// The number of workers.
  [[nodiscard]] std::size_t width() const noexcept override {
    return width_.load(std::memory_order_relaxed);
  }
  /// The current workers, for monitoring and tests.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> workers() const;

private:
  /// Returns false if a thread could not be started.
  bool hire_where_missing();
  bool hire(std::size_t index);
  void note_shortage() noexcept;
  void hire_if_due();
  [[nodiscard]] caf::strong_actor_ptr spawn(worker_slot& taken);
  worker_slot* take_slot(std::size_t index);
  /// Like `place`, for a task that `load_` counts: if it throws, the task is not counted any more.
  void place_counted(std::shared_ptr<routing::work> task);
  [[nodiscard]] worker_slot* least_loaded(int preferred_core = worker_slot::no_core) const noexcept;
  [[nodiscard]] int core_of_reactor() const noexcept;
  static void give(worker_slot& whom, std::shared_ptr<routing::work> task);
  static void wake(const caf::strong_actor_ptr& worker);
  void drop(std::shared_ptr<routing::work> task) noexcept;
  /// The log fields of the worker with this index.
  [[nodiscard]] std::vector<log_field> facts_of(std::size_t index) const;

  // -- for workers --------------------------------------------------------------------
  [[nodiscard]] const pool_settings& settings() const noexcept override { return config_; }
  [[nodiscard]] std::string thread_name(std::size_t index) const override;
  [[nodiscard]] bool is_too_many(const worker_slot& own) const noexcept override {
    return own.index >= width() || stopping_;
  }
  void leave(worker_slot& own) override;
  void place(std::shared_ptr<routing::work> task) override;
  void count_off(routing::work& task) noexcept override;

  void worker_ended(worker_slot& own, const caf::error& reason);

  const pool_settings config_;
  std::once_flag started_;
  tallies load_;
  mutable std::atomic<std::size_t> next_{0};

  /// The number of workers; slots from this index on are not filled again. Changed with
  /// `slots_mutex_` held.
  std::atomic<std::size_t> width_;
  // Locked exclusively only when a worker starts or ends. Otherwise all threads lock it shared, so
  // that a worker of the idle class cannot hold up a reactor.
  mutable std::shared_mutex slots_mutex_;
  /// Never shrinks.
  std::vector<std::unique_ptr<worker_slot>> slots_;
  std::vector<std::shared_ptr<routing::work>> unplaced_;
  bool is_over_ = false;

  /// Held while workers are hired after a change of the width.
  std::mutex resize_mutex_;
  bool has_started_ = false;

  /// Workers are missing because no thread could be started.
  std::atomic<bool> is_short_{false};
  /// When to try again, and the number of failed tries.
  std::atomic<std::chrono::steady_clock::time_point> retry_due_{};
  std::atomic<unsigned> failed_tries_{0};

  std::mutex ending_mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::atomic<bool> stopping_{false};
};

} // namespace sake::actors

// The actors that run CPU work, each on a thread of its own.
#pragma once

#include <sake/actors/executor.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/pool_settings.hpp>
#include <sake/actors/reactor.hpp>

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

class worker;

/// The actors that run CPU work: workers, each a detached actor on a thread of its own, with a
/// bound on the tasks that wait. A task goes to the least loaded worker as a message. A worker that
/// dies is replaced; the tasks it had not begun go to the others, and so do those of one that is
/// too many once the pool has become smaller.
///
/// Safe from any thread.
class worker_pool final : public executor, public reactor::reserve {
public:
  /// Makes a pool whose workers start with `start`, or with the first task.
  /// @param name  for threads and log lines; empty for the pool without one
  worker_pool(caf::actor_system& system, const pool_settings& config, std::string name = {});
  /// The pool has been stopped.
  ~worker_pool();

  void start();

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;
  [[nodiscard]] bool is_full(bool has_priority) const noexcept override {
    return load_.is_full(has_priority, width() + config_.queue_bound);
  }

  /// Has as many workers from now on. New ones begin at once; those that are too many, the last
  /// first, end after what they are doing. The bound on what waits stays.
  /// @param workers  1 to `most_threads`
  void resize(std::size_t workers);

  /// Tells the workers to end after what they are doing. What is not begun is dropped, then and
  /// later.
  void begin_stop();
  /// Waits for that.
  /// @returns false when some worker is still busy at the deadline: the pool must then not be
  ///          destroyed
  bool await_end(std::chrono::steady_clock::time_point deadline);
  /// Both.
  bool stop(std::chrono::milliseconds deadline);

  [[nodiscard]] std::size_t load() const noexcept override {
    return load_.total();
  }
  bool pass_on(std::shared_ptr<routing::work> task) override;
  /// Workers.
  [[nodiscard]] std::size_t width() const noexcept override {
    return width_.load(std::memory_order_relaxed);
  }
  /// The workers as they are now, for monitoring and tests.
  [[nodiscard]] std::vector<caf::strong_actor_ptr> workers() const;

private:
  friend class worker;

  static constexpr int no_core = -1;

  struct seat {
    std::size_t index = 0;
    /// The core that its worker is pinned to, or `no_core`.
    std::atomic<int> core{no_core};
    /// Null while there is nobody to send a task to.
    caf::strong_actor_ptr actor;
    /// Somebody sits here, or is on his way here or out.
    bool is_taken = false;
    /// Tasks that wait or run here.
    std::atomic<std::size_t> load{0};
  };

  /// False when there was a thread too few.
  bool hire_where_missing();
  bool hire(std::size_t index);
  void note_shortage() noexcept;
  void hire_if_due();
  [[nodiscard]] caf::strong_actor_ptr spawn(seat& taken);
  seat* take_seat(std::size_t index);
  void place(std::shared_ptr<routing::work> task);
  /// The same for a task that `load_` counts: counts it off where it throws.
  void place_counted(std::shared_ptr<routing::work> task);
  [[nodiscard]] seat* least_loaded(int preferred_core = no_core) const noexcept;
  [[nodiscard]] int core_of_reactor() const noexcept;
  static void give(seat& whom, std::shared_ptr<routing::work> task);
  static void wake(const caf::strong_actor_ptr& worker);
  void drop(std::shared_ptr<routing::work> task) noexcept;
  /// What log lines say of the worker with this index.
  [[nodiscard]] std::vector<log_field> facts_of(std::size_t index) const;

  // What workers ask and tell.
  [[nodiscard]] bool is_too_many(const seat& own) const noexcept {
    return own.index >= width() || stopping_;
  }
  [[nodiscard]] std::string thread_name(std::size_t index) const;
  void leave(seat& own);
  void worker_ended(seat& own, const caf::error& reason);
  void task_leaves(seat& own) noexcept;
  /// Counts off what is over, once.
  void count_off(routing::work& task) noexcept;

  const pool_settings config_;
  const std::string name_;
  std::once_flag started_;
  tallies load_;
  mutable std::atomic<std::size_t> next_{0};

  /// Changed with `seats_mutex_` held. Seats from here on are not filled again.
  std::atomic<std::size_t> width_;
  // Written only when a worker comes or goes. Workers of the idle class take it shared, as
  // everybody does, so that none of them can hold up a reactor.
  mutable std::shared_mutex seats_mutex_;
  /// Never fewer than there were.
  std::vector<std::unique_ptr<seat>> seats_;
  std::vector<std::shared_ptr<routing::work>> unplaced_;
  bool is_over_ = false;

  /// Held while workers are hired for a change of the width.
  std::mutex resize_mutex_;
  bool has_started_ = false;

  /// Workers are missing, as there were no threads to be had.
  std::atomic<bool> is_short_{false};
  /// When to try again, and how often that has failed.
  std::atomic<std::chrono::steady_clock::time_point> retry_due_{};
  std::atomic<unsigned> failed_tries_{0};

  std::mutex ending_mutex_;
  std::condition_variable ended_;
  std::size_t running_ = 0;
  std::atomic<bool> stopping_{false};
};

} // namespace sake::actors

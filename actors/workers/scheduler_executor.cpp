#include "scheduler_executor.hpp"

#include <caf/actor_system.hpp>
#include <caf/ref_counted.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <utility>

namespace sake::actors {

struct scheduler_executor::tally {
  /// Tasks queued or running, for the limit.
  tallies load;
  /// Tasks that have not been released yet.
  std::atomic<std::size_t> jobs{0};
  std::atomic<bool> stopping{false};
  std::mutex mutex;
  std::condition_variable ended;

  void job_ended() noexcept {
    if (--jobs != 0 || !stopping)
      return;
    const std::lock_guard lock{mutex};
    ended.notify_all();
  }
};

/// One task in the scheduler's queue.
class scheduler_executor::job final : public caf::resumable,
                                      public caf::ref_counted,
                                      private routing::work::counter {
public:
  job(std::shared_ptr<routing::work> task, std::shared_ptr<tally> counts) noexcept
      : task_(std::move(task)), tally_(std::move(counts)) {}
  // The scheduler destroys queued jobs when it ends.
  ~job() override { end(); }

  subtype_t subtype() const override { return function_object; }
  resume_result resume(caf::execution_unit* on, std::size_t) override {
    const stay here{on->system()};
    if (!tally_->stopping)
      task_->run(this);
    end();
    return done;
  }
  void intrusive_ptr_add_ref_impl() override { ref(); }
  void intrusive_ptr_release_impl() override { deref(); }

private:
  void work_ended(routing::work&) noexcept override { count_off(); }
  void count_off() noexcept {
    if (!std::exchange(is_counted_off_, true))
      tally_->load.remove(*task_);
  }
  void end() noexcept {
    if (task_ == nullptr)
      return;
    count_off();
    // Release the task before the count says that it is over.
    task_.reset();
    tally_->job_ended();
  }

  std::shared_ptr<routing::work> task_;
  std::shared_ptr<tally> tally_;
  bool is_counted_off_ = false;
};

scheduler_executor::scheduler_executor(caf::actor_system& system, std::size_t max_queued)
    : executor(system, "scheduler"),
      tally_(std::make_shared<tally>()),
      width_(std::max<std::size_t>(system.scheduler().num_workers(), 1)),
      max_queued_(max_queued) {}

bool scheduler_executor::submit(std::shared_ptr<routing::work> task) {
  // Count first: the task may have ended before `enqueue` returns.
  return tally_->load.admit(*task, width_ + max_queued_) && enqueue(std::move(task));
}

void scheduler_executor::resubmit(std::shared_ptr<routing::work> task) {
  tally_->load.add(*task);
  enqueue(std::move(task));
}

// Returns false after `begin_stop`; the task has then been released.
bool scheduler_executor::enqueue(std::shared_ptr<routing::work> task) {
  // In this order: either `await_end` sees the task, or we see that it is stopping.
  ++tally_->jobs;
  if (tally_->stopping) {
    tally_->load.remove(*task);
    task.reset();
    tally_->job_ended();
    return false;
  }
  system().scheduler().enqueue(new job(std::move(task), tally_));
  return true;
}

bool scheduler_executor::is_full(bool has_priority) const noexcept {
  return tally_->load.is_full(has_priority, width_ + max_queued_);
}

std::size_t scheduler_executor::load() const noexcept {
  return tally_->load.total();
}

std::size_t scheduler_executor::width() const noexcept {
  return width_;
}

void scheduler_executor::begin_stop() {
  tally_->stopping = true;
}

bool scheduler_executor::await_end(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock{tally_->mutex};
  return tally_->ended.wait_until(lock, deadline, [this] { return tally_->jobs == 0; });
}

} // namespace sake::actors

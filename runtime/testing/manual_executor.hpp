// A worker pool without threads: its tasks run when the test says so.
#pragma once

#include "../../actors/workers/executor.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>

namespace sake::testing {

/// A worker pool without threads: tasks wait until `run`. Admits and refuses the same tasks as a
/// pool with as many workers. Belongs to one thread.
class manual_executor : public actors::executor {
public:
  manual_executor(caf::actor_system& system, std::size_t workers, std::size_t max_queued,
                  std::string name = {}) noexcept
      : actors::executor(system, std::move(name)), workers_(workers), max_queued_(max_queued) {}
  ~manual_executor() override = default;

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;
  [[nodiscard]] bool is_full(bool has_priority) const noexcept override {
    return load_.is_full(has_priority, workers_ + max_queued_);
  }
  [[nodiscard]] std::size_t load() const noexcept override { return load_.total(); }
  [[nodiscard]] std::size_t width() const noexcept override { return workers_; }

  /// Sets the number of workers.
  void resize(std::size_t workers) noexcept { workers_ = workers; }

  /// Tasks that `run` may start now: those with priority, else all. After several tasks with
  /// priority in a row: the others.
  [[nodiscard]] virtual std::size_t ready();

  /// Runs task `i` to its end, on the calling thread.
  virtual void run(std::size_t i);

  /// Drops all queued tasks, as a pool does when it ends.
  void drop();

protected:
  /// Adds every task to the queue.
  virtual void insert(std::shared_ptr<routing::work> task);

private:
  using tasks = std::deque<std::shared_ptr<routing::work>>;

  tasks::iterator first_without_priority();
  [[nodiscard]] std::size_t urgent();
  [[nodiscard]] bool is_turn_of_urgent();

  std::size_t workers_;
  std::size_t max_queued_;
  tallies load_;
  std::size_t urgent_in_a_row_ = 0;
  tasks tasks_;
};

} // namespace sake::testing

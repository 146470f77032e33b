// A worker pool without threads: its tasks run when the test says so.
#pragma once

#include <sake/actors/executor.hpp>

#include <caf/fwd.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <utility>

namespace sake::testing {

/// A worker pool without threads: tasks wait until `run`. What it admits, and what it refuses, is
/// what a pool with so many workers does. Belongs to one thread.
class manual_executor : public actors::executor {
public:
  manual_executor(caf::actor_system& system, std::size_t workers, std::size_t queue_bound) noexcept
      : actors::executor(system), workers_(workers), queue_bound_(queue_bound) {}
  ~manual_executor() override = default;

  bool submit(std::shared_ptr<routing::work> task) override;
  void resubmit(std::shared_ptr<routing::work> task) override;
  [[nodiscard]] bool is_full(bool has_priority) const noexcept override {
    return load_.is_full(has_priority, workers_ + queue_bound_);
  }
  [[nodiscard]] std::size_t load() const noexcept override { return load_.total(); }
  [[nodiscard]] std::size_t width() const noexcept override { return workers_; }

  /// Tasks that `run` may begin with now: those with priority, else all; after several of the former
  /// in a row the others.
  [[nodiscard]] virtual std::size_t ready();

  /// Runs task `i` on the calling thread, to its end.
  virtual void run(std::size_t i);

  /// Drops what has not begun, as a pool does at its end.
  void drop();

protected:
  /// Where every task comes in.
  virtual void insert(std::shared_ptr<routing::work> task);

private:
  using tasks = std::deque<std::shared_ptr<routing::work>>;

  tasks::iterator first_without_priority();
  [[nodiscard]] std::size_t urgent();
  [[nodiscard]] bool is_turn_of_urgent();

  std::size_t workers_;
  std::size_t queue_bound_;
  tallies load_;
  std::size_t urgent_in_a_row_ = 0;
  tasks tasks_;
};

} // namespace sake::testing

// Where work runs that would hold up a reactor.
#pragma once

#include <sake/routing/offload.hpp>

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <atomic>
#include <cstddef>
#include <memory>

namespace sake::actors {

/// Runs work away from the reactors: handlers of routes that are placed elsewhere, and functions
/// that were offloaded; and, as an execution unit of CAF, actors. A seam: worker pools and CAF's
/// scheduler are some, and tests have one that runs when they say so.
///
/// Safe from any thread. It outlives the actors that run on it: what comes after its end goes to
/// CAF's scheduler.
class executor : public caf::execution_unit {
public:
  executor(const executor&) = delete;
  executor& operator=(const executor&) = delete;

  /// Has `task` run; false when the bound on what waits is reached, and nothing is done. Tasks with
  /// priority have a bound of their own, as large, and come before others: several in a row, then one
  /// of the others.
  virtual bool submit(std::shared_ptr<routing::work> task) = 0;

  /// As `submit`, for the continuation of something that was admitted before: never refused.
  virtual void resubmit(std::shared_ptr<routing::work> task) = 0;

  /// Whether `submit` would refuse a task, with or without priority, now.
  [[nodiscard]] virtual bool is_full(bool has_priority) const noexcept = 0;

  /// Tasks that wait or run.
  [[nodiscard]] virtual std::size_t load() const noexcept = 0;
  /// Tasks that run at a time, at most.
  [[nodiscard]] virtual std::size_t width() const noexcept = 0;

  /// Has an actor resumed by a task: never refused, for its messages wait in its mailbox whatever
  /// becomes of the task. Takes over one reference.
  void exec_later(caf::resumable* what) final;

  /// Whether the calling thread runs a task of some executor.
  [[nodiscard]] static bool is_here() noexcept { return here_; }

protected:
  /// Tasks with priority in a row, while others wait.
  static constexpr std::size_t most_urgent_in_a_row = 8;

  /// Tasks that wait or run, those with priority counted apart. Safe from any thread.
  class tallies {
  public:
    /// Counts `task`; false, and not counted, where there are `most` of its kind.
    bool admit(const routing::work& task, std::size_t most) noexcept {
      auto& of_its_kind = count(task);
      if (of_its_kind.fetch_add(1, std::memory_order_relaxed) < most)
        return true;
      of_its_kind.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    void add(const routing::work& task) noexcept {
      count(task).fetch_add(1, std::memory_order_relaxed);
    }
    void remove(const routing::work& task) noexcept {
      count(task).fetch_sub(1, std::memory_order_relaxed);
    }
    /// Whether there are `most` of that kind.
    [[nodiscard]] bool is_full(bool has_priority, std::size_t most) const noexcept {
      return (has_priority ? urgent_ : normal_).load(std::memory_order_relaxed) >= most;
    }
    [[nodiscard]] std::size_t total() const noexcept {
      return normal_.load(std::memory_order_relaxed) + urgent_.load(std::memory_order_relaxed);
    }

  private:
    [[nodiscard]] std::atomic<std::size_t>& count(const routing::work& task) noexcept {
      return task.has_priority() ? urgent_ : normal_;
    }
    std::atomic<std::size_t> normal_{0};
    std::atomic<std::size_t> urgent_{0};
  };

  explicit executor(caf::actor_system& system) noexcept
      : caf::execution_unit(&system), elsewhere_(&system) {}
  ~executor() override = default;

  /// The time in which the calling thread runs tasks.
  class stay {
  public:
    stay() noexcept : before_(here_) { here_ = true; }
    stay(const stay&) = delete;
    stay& operator=(const stay&) = delete;
    ~stay() { here_ = before_; }

  private:
    bool before_;
  };

private:
  class actor_turn;

  static inline constinit thread_local bool here_ = false;

  /// The unit of actors that run here: those that they wake run on CAF's scheduler. Not one per
  /// turn, as a blocking child keeps the unit of its parent for as long as it lives.
  caf::scoped_execution_unit elsewhere_;
};

} // namespace sake::actors

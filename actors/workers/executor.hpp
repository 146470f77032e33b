// Runs work that would hold up a reactor.
#pragma once

#include "../../routing/offload.hpp"

#include <caf/execution_unit.hpp>
#include <caf/resumable.hpp>
#include <caf/scoped_execution_unit.hpp>

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

namespace sake::actors {

/// Runs work away from the reactors: handlers of routes that are placed elsewhere, offloaded
/// functions and, as an execution unit of CAF, actors. A seam: worker pools and CAF's scheduler
/// implement it, and tests have an executor that runs on demand.
///
/// Safe from any thread. Outlives the actors that run on it: actors that are woken after its end go
/// to CAF's scheduler.
class executor : public caf::execution_unit {
public:
  executor(const executor&) = delete;
  executor& operator=(const executor&) = delete;

  /// Queues `task`. Returns false and does nothing if the queue limit is reached. Tasks with
  /// priority have a limit of their own, equally large, and run before other tasks: several in a
  /// row, then one of the others.
  virtual bool submit(std::shared_ptr<routing::work> task) = 0;

  /// Like `submit`, for the continuation of admitted work: never refused.
  virtual void resubmit(std::shared_ptr<routing::work> task) = 0;

  /// Returns whether `submit` would refuse a task, with or without priority, now.
  [[nodiscard]] virtual bool is_full(bool has_priority) const noexcept = 0;

  /// The name of the pool, for threads, logs and observers; empty for the pool without one.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// Tasks queued or running.
  [[nodiscard]] virtual std::size_t load() const noexcept = 0;
  /// The maximum number of tasks that run at a time.
  [[nodiscard]] virtual std::size_t width() const noexcept = 0;

  /// Resumes an actor in a task. Never refused, as the messages are in the actor's mailbox in any
  /// case. Takes over one reference.
  void exec_later(caf::resumable* what) final;

  /// Returns whether the calling thread runs a task of some executor.
  [[nodiscard]] static bool is_here() noexcept { return system_here_ != nullptr; }
  /// Returns the actor system of that executor; null if there is none.
  [[nodiscard]] static const caf::actor_system* system_here() noexcept { return system_here_; }

  /// Tasks with priority that run in a row while other tasks wait, at most.
  static constexpr std::size_t max_urgent_in_a_row = 8;

  /// The scope in which the calling thread runs tasks.
  class stay {
  public:
    /// @param of  the actor system of the executor
    explicit stay(const caf::actor_system& of) noexcept : before_(system_here_) {
      system_here_ = &of;
    }
    stay(const stay&) = delete;
    stay& operator=(const stay&) = delete;
    ~stay() { system_here_ = before_; }

  private:
    const caf::actor_system* before_;
  };

protected:
  /// Counts queued and running tasks, those with priority separately. Safe from any thread.
  class tallies {
  public:
    /// Counts `task`. Returns false, without counting, if there are `most` of its kind.
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
    /// Returns whether there are `most` of that kind.
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

  explicit executor(caf::actor_system& system, std::string name = {}) noexcept
      : caf::execution_unit(&system), elsewhere_(&system), name_(std::move(name)) {}
  ~executor() override = default;

private:
  class actor_turn;

  static inline constinit thread_local const caf::actor_system* system_here_ = nullptr;

  /// The unit of actors that run here: actors that they wake run on CAF's scheduler. Not one unit
  /// per turn, as a blocking child keeps its parent's unit for life.
  caf::scoped_execution_unit elsewhere_;
  const std::string name_;
};

} // namespace sake::actors

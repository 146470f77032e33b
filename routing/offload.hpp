// A function that runs on the worker pool on behalf of a handler.
#pragma once

#include "awaiting_chain.hpp"
#include "detail/nullable.hpp"
#include "once.hpp"
#include "waiter.hpp"

#include <atomic>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace sake {

/// Thrown if a function cannot be offloaded because the pool's queue is full. Uncaught in a
/// handler, it answers 503 with Retry-After.
class pool_full : public std::runtime_error {
public:
  pool_full() : std::runtime_error("the queue of the worker pool is full") {}
};

namespace routing {

/// A function on its way to the pool, shared by its waiter and the worker. The first to claim it
/// runs it: a worker, or the waiter when it blocks. So a waiter blocks only on a function that runs
/// already, and waits cannot form a cycle.
class work {
public:
  /// Counts the work that runs.
  class counter {
  public:
    /// Called when a worker is done with `which`, before its result is published, so that a caller
    /// reacting to the result never meets a limit that still counts this work.
    virtual void work_ended(work& which) noexcept = 0;

  protected:
    ~counter() = default;
  };

  /// Is count of a run, on the thread that runs the work.
  class run_observer {
  public:
    virtual ~run_observer() = default;
    /// Called before the function. Not called if the work is claimed without a run.
    virtual void on_begin() noexcept = 0;
    /// Called once, before the result is published.
    virtual void on_end() noexcept = 0;
  };

  work() = default;
  work(const work&) = delete;
  work& operator=(const work&) = delete;
  virtual ~work();

  /// Runs the function, unless it was claimed before. If the coroutine that awaits it is gone, or
  /// its request is cancelled, claims the function without running it. Calls `count` once in any
  /// case.
  void run(counter* count = nullptr) noexcept;

  /// Runs the function on this thread if it is unclaimed, else blocks until it has run.
  void wait() noexcept;

  /// Makes `own` resume `waiting` once the function has run; null: no resume. Must not be called
  /// while a worker can have the work.
  void resume_when_done(awaiting_chain* own, waiter_ptr waiting) noexcept;
  /// Tells `by` of the run. Must not be called while a worker can have the work.
  void observe(std::unique_ptr<run_observer> by) noexcept { observer_ = std::move(by); }
  /// Returns true for the first call only: several workers may have been given the work, but only
  /// one may count it off.
  [[nodiscard]] bool count_off() noexcept {
    return !is_counted_off_.exchange(true, std::memory_order_relaxed);
  }

  /// Whether it has been claimed.
  [[nodiscard]] bool has_begun() const noexcept {
    return state_.load(std::memory_order_relaxed) != state::waiting;
  }

  /// Whether it goes before other waiting work, under a limit of its own.
  [[nodiscard]] virtual bool has_priority() const noexcept { return false; }
  /// The coroutine that waits for it, or null.
  [[nodiscard]] const waiter_ptr& awaited_by() const noexcept { return waiting_; }

protected:
  void end() noexcept {
    if (observer_ != nullptr)
      std::exchange(observer_, nullptr)->on_end();
    if (auto* const count = std::exchange(count_, nullptr))
      count->work_ended(*this);
  }

private:
  enum class state : std::uint8_t { waiting, running, done };

  /// Whether `act` will do no work: its result is no longer wanted.
  [[nodiscard]] virtual bool is_dropped() const noexcept { return false; }
  /// Must call `end` before it publishes a result itself.
  virtual void act() noexcept = 0;

  std::atomic<state> state_{state::waiting};
  std::atomic<bool> is_counted_off_{false};
  counter* count_ = nullptr;
  std::unique_ptr<run_observer> observer_;
  awaiting_chain* chain_ = nullptr;
  waiter_ptr waiting_;
};

namespace detail {

template <class Function>
class function_work final : public work {
public:
  using result = std::invoke_result_t<Function&>;
  using stored = std::conditional_t<std::is_void_v<result>, bool, result>;

  explicit function_work(Function function) : function_(std::move(function)) {}

  /// Returns the result of the function, or throws its exception. Call it once.
  result take() {
    if (error_)
      std::rethrow_exception(std::exchange(error_, {}));
    if constexpr (!std::is_void_v<result>)
      return std::move(*result_);
  }

private:
  void act() noexcept override {
    try {
      if constexpr (std::is_void_v<result>)
        function_();
      else
        result_.emplace(function_());
    } catch (...) {
      error_ = std::current_exception();
    }
  }

  Function function_;
  std::optional<stored> result_;
  std::exception_ptr error_;
};

} // namespace detail

/// The wait for an offloaded function.
template <class Function, bool MayBeTemporary>
class offload_suspension {
public:
  using work = detail::function_work<Function>;

  offload_suspension(awaiting_chain& own, Function function) : chain_(&own) {
    if (detail::is_null(function))
      throw std::invalid_argument("ctx.offload() is given an empty function");
    work_ = std::make_shared<work>(std::move(function));
  }

  static void check_temporary() {
    // A closure in an expression with co_await lives in the coroutine's frame.
    constexpr bool is_safe = !MayBeTemporary || std::is_trivially_destructible_v<Function>
                             || !detail::destroys_temporaries_twice;
    static_assert(is_safe, "g++ 12 destroys twice what a temporary lambda has captured; name what "
                           "offload gives and await that: "
                           "auto work = ctx.offload([text] { ... }); co_await work;");
  }

  typename work::result get() {
    if (chain_->submit(work_) == submission::full)
      throw pool_full{};
    work_->wait();
    return work_->take();
  }

  bool await_ready() const noexcept { return false; }
  bool await_suspend(std::coroutine_handle<> waiting) {
    // Before the work is offered: a worker may finish it before submit returns.
    work_->resume_when_done(chain_, wait_.begin(waiting));
    submission_ = chain_->submit(work_);
    if (submission_ == submission::queued)
      return true;
    work_->resume_when_done(nullptr, {});
    return false;
  }
  typename work::result await_resume() {
    if (submission_ == submission::full)
      throw pool_full{};
    if (submission_ == submission::run_here)
      work_->run();
    return work_->take();
  }

private:
  awaiting_chain* chain_;
  std::shared_ptr<work> work_;
  wait wait_;
  routing::submission submission_ = submission::run_here;
};

/// Returned by `offload`: await it once, or call `get` once.
template <class Function, bool MayBeTemporary>
class [[nodiscard("nothing runs before it is awaited: write co_await, or get()")]] offload_awaiter
    : public once<offload_suspension<Function, MayBeTemporary>> {
public:
  offload_awaiter(awaiting_chain& own, Function function)
      : once<offload_suspension<Function, MayBeTemporary>>(
          offload_suspension<Function, MayBeTemporary>{own, std::move(function)}) {}

  /// Waits without a coroutine: blocks this thread, or runs the function on it.
  auto get() { return this->take().get(); }
};

} // namespace routing
} // namespace sake

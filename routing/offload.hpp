// A function that runs on the worker pool on behalf of a handler.
#pragma once

#include <sake/routing/waiter.hpp>

#include <atomic>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace sake {

class context;

/// Thrown where a function was to be offloaded and the pool's queue is full. A handler that lets
/// it pass answers 503 with Retry-After.
class pool_full : public std::runtime_error {
public:
  pool_full() : std::runtime_error("the queue of the worker pool is full") {}
};

namespace routing {

/// A function on its way to the pool, shared by the one who waits for it and the worker. Whoever
/// claims it first runs it: a worker, or the one who waits, when he blocks. So a wait only ever
/// stands on a function that runs already, and waits cannot close a circle.
class work {
public:
  /// Whoever counts what is at work.
  class counter {
  public:
    /// One who was given `which` is through with it: before anybody hears of what he has run, so
    /// that whoever asks for more then is not refused for the sake of what is over.
    virtual void work_ended(work& which) noexcept = 0;

  protected:
    ~counter() = default;
  };

  work() = default;
  work(const work&) = delete;
  work& operator=(const work&) = delete;
  virtual ~work();

  /// Runs the function, unless it was claimed before. One that was awaited by a coroutine which is
  /// gone, or whose request is cancelled, is claimed, but not run. `count` is told once, whatever
  /// becomes of it.
  void run(counter* count = nullptr) noexcept;

  /// Runs the function here when nobody has begun it, else blocks until it has run.
  void wait() noexcept;

  /// Has `ctx` resume `waiting` once the function has run; with null, nobody. Only while no worker
  /// can have the work.
  void resume_when_done(context* ctx, waiter_ptr waiting) noexcept;
  /// True for the first who asks: several may have been given it, and one counts it off.
  [[nodiscard]] bool count_off() noexcept {
    return !is_counted_off_.exchange(true, std::memory_order_relaxed);
  }

  /// Whether somebody has claimed it.
  [[nodiscard]] bool has_begun() const noexcept {
    return state_.load(std::memory_order_relaxed) != state::waiting;
  }

  /// Whether it comes before all that waits for a worker, and no bound refuses it.
  [[nodiscard]] virtual bool has_priority() const noexcept { return false; }
  /// The coroutine that waits for it, or null.
  [[nodiscard]] const waiter_ptr& awaited_by() const noexcept { return waiting_; }

protected:
  void end() noexcept {
    if (auto* const told = std::exchange(count_, nullptr))
      told->work_ended(*this);
  }

private:
  enum class state : std::uint8_t { waiting, running, done };

  /// Where others hear of it before it returns, it calls `end` before.
  virtual void act() noexcept = 0;

  std::atomic<state> state_{state::waiting};
  std::atomic<bool> is_counted_off_{false};
  counter* count_ = nullptr;
  context* context_ = nullptr;
  waiter_ptr waiting_;
};

/// Something under way on behalf of a coroutine, such as a sleep. Destroying it calls it off.
class pending {
public:
  virtual ~pending() = default;
  /// Whether it has ended before its time, as the engine shuts down.
  [[nodiscard]] virtual bool is_cut_short() const noexcept { return false; }
};

/// What became of a function that was offered to the pool.
enum class admission : std::uint8_t {
  queued,   ///< a worker will run it
  run_here, ///< there is no pool: the caller runs it
  full      ///< the queue is at its bound
};

namespace detail {

template <class Function>
class function_work final : public work {
public:
  using result = std::invoke_result_t<Function&>;
  using stored = std::conditional_t<std::is_void_v<result>, bool, result>;

  explicit function_work(Function function) : function_(std::move(function)) {}

  /// What the function returned; throws what it threw. Once.
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
} // namespace routing
} // namespace sake

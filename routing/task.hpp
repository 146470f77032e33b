// The coroutine type of handlers and middleware.
#pragma once

#include "awaiting_chain.hpp"
#include "detail/frame_pool.hpp"

#include <coroutine>
#include <cstddef>
#include <exception>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace sake {

template <class T = void>
class task;

namespace routing::detail {

class promise_base;

/// Several coroutines that another one waits for: see `when_all` and `when_any`.
class join_state {
public:
  /// One of them has ended.
  /// @returns the coroutine to continue
  std::coroutine_handle<> ended(promise_base& one) noexcept;

  /// The waiting coroutine, and how many must end before it continues.
  std::coroutine_handle<> awaiting;
  std::size_t left = 0;
  /// The first that ended; the first that failed.
  promise_base* first = nullptr;
  promise_base* failed = nullptr;
};

class promise_base {
public:
  static void* operator new(std::size_t size) { return allocate_frame(size); }
  static void operator delete(void* frame, std::size_t size) noexcept { free_frame(frame, size); }

  std::suspend_always initial_suspend() noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) noexcept {
      promise_base& promise = self.promise();
      if (promise.continuation)
        return promise.continuation;
      if (promise.part_of != nullptr)
        return promise.part_of->ended(promise);
      if (promise.owner != nullptr)
        promise.owner->layer_ended();
      return std::noop_coroutine();
    }
    void await_resume() noexcept {}
  };

  final_awaiter final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { error = std::current_exception(); }

  /// The coroutine that awaits this one; none if a chain runs it.
  std::coroutine_handle<> continuation;
  /// The chain that runs this coroutine; none if it is awaited.
  awaiting_chain* owner = nullptr;
  /// The join that this coroutine is part of, or null.
  join_state* part_of = nullptr;
  /// Whether it, or a coroutine that awaits it, is part of a join.
  bool is_beside_others = false;
  /// Whether it has been awaited.
  bool has_begun = false;
  std::exception_ptr error;
};

inline std::coroutine_handle<> join_state::ended(promise_base& one) noexcept {
  if (left == 0)
    return std::noop_coroutine(); // the waiting coroutine continues already
  if (first == nullptr)
    first = &one;
  if (one.error && failed == nullptr)
    failed = &one;
  left = failed != nullptr ? 0 : left - 1;
  if (left != 0 || !awaiting)
    return std::noop_coroutine();
  return awaiting;
}

template <class Promise>
bool runs_beside_others(std::coroutine_handle<Promise> coroutine) noexcept {
  if constexpr (std::is_base_of_v<promise_base, Promise>)
    return coroutine.promise().is_beside_others;
  else
    return false;
}

template <class T>
struct promise : promise_base {
  task<T> get_return_object() noexcept;
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() { return std::move(*value); }
  std::optional<T> value;
};

template <>
struct promise<void> : promise_base {
  task<void> get_return_object() noexcept;
  void return_void() noexcept {}
  void take() noexcept {}
};

} // namespace routing::detail

/// A coroutine that starts when it is awaited, or when a chain runs it as a handler or a
/// middleware. Owns its frame: destroying a task destroys its frame. An exception that leaves the
/// coroutine is rethrown where it is awaited; from a handler it answers 500. May be awaited once: a
/// second await, and that of an empty task, throws `std::logic_error`.
///
/// Frames come from a pool of the thread: a coroutine that does not wait costs no allocation.
template <class T>
class [[nodiscard("a task begins when it is awaited: write co_await")]] task {
public:
  using promise_type = routing::detail::promise<T>;
  using handle_type = std::coroutine_handle<promise_type>;

  task() noexcept = default;
  explicit task(handle_type frame) noexcept : frame_(frame) {}
  task(task&& other) noexcept : frame_(std::exchange(other.frame_, {})) {}
  task& operator=(task&& other) noexcept {
    if (this != &other) {
      destroy();
      frame_ = std::exchange(other.frame_, {});
    }
    return *this;
  }
  ~task() { destroy(); }

  class awaiter;

  /// Starts the coroutine, waits for its end, and returns its result.
  awaiter operator co_await() && noexcept { return awaiter{frame_}; }

  explicit operator bool() const noexcept { return static_cast<bool>(frame_); }
  [[nodiscard]] handle_type frame() const noexcept { return frame_; }

private:
  void destroy() noexcept {
    if (frame_)
      frame_.destroy();
  }

  handle_type frame_;
};

template <class T>
class task<T>::awaiter {
public:
  explicit awaiter(handle_type frame) noexcept : frame_(frame) {}

  bool await_ready() const noexcept { return false; }

  // Resumes by a call: compilers make a jump of symmetric transfer only when they optimise, and
  // without that a loop of awaits would use up the stack.
  template <class Promise>
  bool await_suspend(std::coroutine_handle<Promise> awaiting) {
    if (!frame_ || std::exchange(frame_.promise().has_begun, true)) {
      frame_ = {};
      return false;
    }
    frame_.promise().is_beside_others = routing::detail::runs_beside_others(awaiting);
    frame_.resume();
    if (frame_.done())
      return false;
    frame_.promise().continuation = awaiting;
    return true;
  }

  T await_resume() {
    if (!frame_)
      throw std::logic_error("a task is awaited again, or is empty");
    if (frame_.promise().error)
      std::rethrow_exception(frame_.promise().error);
    return frame_.promise().take();
  }

private:
  handle_type frame_;
};

namespace routing::detail {

template <class T>
task<T> promise<T>::get_return_object() noexcept {
  return task<T>{std::coroutine_handle<promise<T>>::from_promise(*this)};
}

inline task<void> promise<void>::get_return_object() noexcept {
  return task<void>{std::coroutine_handle<promise<void>>::from_promise(*this)};
}

} // namespace routing::detail

} // namespace sake

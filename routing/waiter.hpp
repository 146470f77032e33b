// A coroutine of a request that waits for something.
#pragma once

#include "detail/frame_pool.hpp"

#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <utility>

namespace sake::routing {

class waiter_ptr;

/// A coroutine of a request that waits for one thing. Shared by its awaiter and the code that ends
/// the wait, and counted, because either may go first: a coroutine destroyed while it waits is
/// forgotten and never resumed.
class waiter {
public:
  waiter(const waiter&) = delete;
  waiter& operator=(const waiter&) = delete;

  [[nodiscard]] std::coroutine_handle<> coroutine() const noexcept { return coroutine_; }

  /// Whether the coroutine is gone. Safe from any thread; final where its chain runs.
  [[nodiscard]] bool is_forgotten() const noexcept {
    return forgotten_.load(std::memory_order_acquire);
  }

  /// For the code that resumes it: the next in its list.
  waiter* next = nullptr;
  /// For the same code: a function that may use the coroutine's frame runs on its behalf.
  bool has_function = false;

  static void* operator new(std::size_t size) { return detail::allocate_frame(size); }
  static void operator delete(void* memory, std::size_t size) noexcept {
    detail::free_frame(memory, size);
  }

private:
  friend class waiter_ptr;
  friend class wait;

  explicit waiter(std::coroutine_handle<> coroutine) noexcept : coroutine_(coroutine) {}
  ~waiter() = default;

  std::coroutine_handle<> coroutine_;
  std::atomic<std::uint32_t> references_{1};
  std::atomic<bool> forgotten_{false};
};

/// A counted pointer to a waiter.
class waiter_ptr {
public:
  waiter_ptr() noexcept = default;
  /// Takes over one reference.
  explicit waiter_ptr(waiter* taken) noexcept : waiter_(taken) {}
  waiter_ptr(const waiter_ptr& other) noexcept : waiter_(other.waiter_) {
    if (waiter_ != nullptr)
      waiter_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  waiter_ptr(waiter_ptr&& other) noexcept : waiter_(other.release()) {}
  waiter_ptr& operator=(waiter_ptr other) noexcept {
    std::swap(waiter_, other.waiter_);
    return *this;
  }
  ~waiter_ptr() {
    if (waiter_ != nullptr && waiter_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1)
      delete waiter_;
  }

  waiter* operator->() const noexcept { return waiter_; }
  explicit operator bool() const noexcept { return waiter_ != nullptr; }
  /// Gives the reference away.
  waiter* release() noexcept { return std::exchange(waiter_, nullptr); }

private:
  waiter* waiter_ = nullptr;
};

/// The awaiter's share of a wait, which lives in the frame of the coroutine.
class wait {
public:
  wait() noexcept = default;
  wait(wait&&) noexcept = default;
  wait& operator=(wait&&) = delete;
  ~wait() {
    if (waiter_)
      waiter_->forgotten_.store(true, std::memory_order_release);
  }

  /// Makes the waiter; give it to `context::resume_later` once the wait is over.
  /// @throws std::logic_error the second time
  waiter_ptr begin(std::coroutine_handle<> coroutine) {
    if (waiter_)
      throw std::logic_error("an awaiter is awaited again");
    return waiter_ = waiter_ptr{new waiter{coroutine}};
  }

private:
  waiter_ptr waiter_;
};

} // namespace sake::routing

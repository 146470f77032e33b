// The route that holds a reactor at present.
#pragma once

#include "detail/thread_times.hpp"
#include "sampling_pause.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace sake::actors {

struct route_load;

/// The part of a route that holds a reactor: its handler, or the middleware before the handler.
enum class holding : std::uint8_t { middleware, handler };

/// The route that holds a reactor at present. Written by the reactor, read by the watchdog.
class activity {
public:
  void begin(route_load& of, holding what = holding::handler) noexcept {
    const auto next = (count_.load(std::memory_order_relaxed) | 1U) + 1;
    count_.store(next | (what == holding::handler ? 1U : 0U), std::memory_order_relaxed);
    route_.store(&of, std::memory_order_release);
    if (wakes_.load(std::memory_order_acquire)) [[unlikely]]
      wake();
  }
  void end() noexcept { route_.store(nullptr, std::memory_order_relaxed); }

  /// Asks that the next route that begins ends a pause. A route that begins at the same time may
  /// not: the caller must look once more before it relies on it. By the watchdog, always with the
  /// same pause.
  void wake_at_next(const std::shared_ptr<sampling_pause>& pause) {
    if (pause_ == nullptr)
      pause_ = pause;
    wakes_.store(true, std::memory_order_release);
  }
  /// Takes that back.
  void wake_no_more() noexcept { wakes_.store(false, std::memory_order_relaxed); }

  /// Sets the thread of the reactor. Called once the reactor runs.
  void set_thread(const detail::thread_identity& running) noexcept {
    cpu_clock_.store(running.cpu_clock, std::memory_order_relaxed);
    thread_.store(running.id, std::memory_order_release);
  }
  [[nodiscard]] detail::thread_identity thread() const noexcept {
    const auto id = thread_.load(std::memory_order_acquire);
    return {id, cpu_clock_.load(std::memory_order_relaxed)};
  }

  /// The route at work, or null; and a number that differs between consecutive runs.
  struct sample {
    route_load* route = nullptr;
    std::uint32_t number = 0;
    [[nodiscard]] holding what() const noexcept {
      return (number & 1U) != 0 ? holding::handler : holding::middleware;
    }
  };
  [[nodiscard]] sample now() const noexcept {
    route_load* const route = route_.load(std::memory_order_acquire);
    return {route, count_.load(std::memory_order_relaxed)};
  }

private:
  [[gnu::cold]] void wake() noexcept {
    wakes_.store(false, std::memory_order_relaxed);
    pause_->wake();
  }

  std::atomic<route_load*> route_{nullptr};
  std::atomic<std::uint32_t> count_{0};
  std::atomic<bool> wakes_{false};
  std::atomic<pid_t> thread_{0};
  std::atomic<clockid_t> cpu_clock_{CLOCK_MONOTONIC};
  std::shared_ptr<sampling_pause> pause_;
};

} // namespace sake::actors

// Decides when a route moves between its reactor and the worker pool.
#pragma once

#include "../reactor/clock.hpp"
#include "adaptive_settings.hpp"

#include <chrono>
#include <cstdint>

namespace sake::actors {

/// Decides when a route that holds up its reactor moves to the worker pool, and when it comes back.
/// Callers pass the time. Used on one thread.
///
/// A route moves once its handler has held a reactor past the threshold three times in a window, or
/// once for ten times as long. It comes back when every run on the pool has taken less than half of
/// the threshold for some windows: two at first, twice as many each time the route moves again soon
/// after.
class placement_policy {
public:
  /// Reports that the handler has held a reactor for `held`, at least the threshold. May be called
  /// repeatedly during one run.
  /// @param is_new  false when the same run was reported before
  /// @returns whether the route moves
  bool on_held(const adaptive_settings& settings, time_point now, std::chrono::nanoseconds held,
               bool is_new) noexcept;

  /// Reports a window in which workers ran the handler `runs` times, for at most `longest` each.
  /// @returns whether the route comes back
  bool on_window(const adaptive_settings& settings, time_point now, std::uint32_t runs,
                 std::chrono::microseconds longest) noexcept;

  [[nodiscard]] bool is_moved() const noexcept { return is_moved_; }

private:
  void move(const adaptive_settings& settings, time_point now) noexcept;

  bool is_moved_ = false;
  std::uint32_t strikes_ = 0;
  time_point first_strike_;
  std::uint32_t calm_windows_ = 0;
  std::uint32_t windows_to_wait_ = 2;
  time_point came_back_ = time_point::min();
};

} // namespace sake::actors

#include "placement_policy.hpp"

#include <algorithm>

namespace sake::actors {

namespace {

constexpr std::uint32_t max_strikes = 3;
constexpr int at_once = 10; // thresholds
constexpr std::uint32_t fewest_windows = 2;
constexpr std::uint32_t max_windows = 64;
constexpr int soon = 10; // windows

} // namespace

bool placement_policy::on_held(const adaptive_settings& settings, time_point now,
                               std::chrono::nanoseconds held, bool is_new) noexcept {
  if (is_moved_)
    return false;
  if (is_new) {
    if (strikes_ == 0 || now - first_strike_ > settings.window) {
      strikes_ = 0;
      first_strike_ = now;
    }
    ++strikes_;
  }
  if (strikes_ < max_strikes && held < at_once * settings.threshold)
    return false;
  move(settings, now);
  return true;
}

void placement_policy::move(const adaptive_settings& settings, time_point now) noexcept {
  is_moved_ = true;
  strikes_ = calm_windows_ = 0;
  const bool is_relapse =
      came_back_ != time_point::min() && now - came_back_ < soon * settings.window;
  windows_to_wait_ = is_relapse ? std::min(windows_to_wait_ * 2, max_windows) : fewest_windows;
}

bool placement_policy::on_window(const adaptive_settings& settings, time_point now,
                                 std::uint32_t runs, std::chrono::microseconds longest) noexcept {
  // A window without a run says nothing.
  if (!is_moved_ || runs == 0)
    return false;
  calm_windows_ = 2 * longest < settings.threshold ? calm_windows_ + 1 : 0;
  if (calm_windows_ < windows_to_wait_)
    return false;
  is_moved_ = false;
  came_back_ = now;
  return true;
}

} // namespace sake::actors

// A rate limit for repeated log lines.
#pragma once

#include "../../routing/log.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace sake::actors {

/// Limits repeated log lines. Lines with the same text and the same field `route` are of one kind.
/// Of each kind `max_repeats` lines are admitted per second, which begins with the first of them;
/// the others are counted. Callers pass the time. Not thread-safe.
class log_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr unsigned max_repeats = 10;
  /// Number of kinds that are counted at a time. All lines of further kinds are admitted.
  static constexpr std::size_t max_kinds = 64;

  /// Returns whether to write this line. If it begins a new second of its kind, first reports the
  /// lines left out in the previous one.
  bool admits(const log_record& record, time_point now);

  /// Reports the lines left out in seconds that have ended.
  /// @returns whether lines are being left out in a current second
  bool tell_left_out(time_point now);

private:
  struct kind {
    std::string text;
    std::string route;
    log_level level = log_level::info;
    time_point end = time_point::min();
    unsigned admitted = 0;
    std::size_t left_out = 0;
  };

  kind* find(std::string_view text, std::string_view route, time_point now);
  static void tell(kind& of) noexcept;

  std::array<kind, max_kinds> kinds_;
};

} // namespace sake::actors

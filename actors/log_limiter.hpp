// How often a line that repeats is written.
#pragma once

#include <sake/routing/log.hpp>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace sake::actors {

/// Bounds lines that repeat. Lines with the same text and the same field `route` are of one kind; of
/// each kind `max_repeats` are admitted in a second that begins with the first of them, and the rest
/// counted. Told the time. Not thread-safe.
class log_limiter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  static constexpr unsigned max_repeats = 10;
  /// Kinds that are counted at a time. Of further ones every line is admitted.
  static constexpr std::size_t max_kinds = 64;

  /// Whether this line is to be written. Where it begins a new second of its kind, tells first what
  /// the one before has left out.
  bool admits(const log_record& record, time_point now);

  /// Tells what has been left out in seconds that are over.
  /// @returns whether a second is under way in which lines are left out
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

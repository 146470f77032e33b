// A clock that stands still until a test moves it.
#pragma once

#include "../../actors/reactor/clock.hpp"

#include <atomic>
#include <chrono>
#include <ctime>

namespace sake::testing {

/// A clock that stands still until a test moves it. Safe to read from any thread.
///
/// It is a century ahead of the machine's clock, so that a reactor's timer, which uses the latter,
/// never expires by itself.
class manual_clock final : public actors::clock {
public:
  [[nodiscard]] actors::time_point now() const noexcept override { return now_.load(); }
  [[nodiscard]] actors::time_point coarse_now() const noexcept override { return now(); }
  /// The day of RFC 9110's examples: Sun, 06 Nov 1994 08:49:37 GMT.
  [[nodiscard]] std::time_t time_of_day() const noexcept override { return 784'111'777; }

  void advance(std::chrono::nanoseconds by) noexcept { now_.store(now() + by); }

private:
  std::atomic<actors::time_point> now_{actors::time_point{std::chrono::hours{24 * 365} * 100}};
};

} // namespace sake::testing

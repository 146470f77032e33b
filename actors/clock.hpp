// The clock of a reactor: a seam for tests.
#pragma once

#include <sake/http/limits.hpp>

#include <ctime>

namespace sake::actors {

using http::time_after;
using http::time_point;

/// Tells the time. The default is the machine's; tests put their own in its place.
class clock {
public:
  virtual ~clock() = default;

  /// The exact time: what sleeps and expiries go by.
  [[nodiscard]] virtual time_point now() const noexcept;

  /// The time at the kernel's last tick, at most some milliseconds behind, for a tenth of the cost:
  /// what the deadlines of connections go by.
  [[nodiscard]] virtual time_point coarse_now() const noexcept;

  /// The time of day, for the Date field.
  [[nodiscard]] virtual std::time_t time_of_day() const noexcept;

  /// The machine's clock.
  static const clock& system() noexcept;
};

} // namespace sake::actors

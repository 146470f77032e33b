// The clock of a reactor: a seam for tests.
#pragma once

#include "../../http/limits.hpp"

#include <ctime>

namespace sake::actors {

using http::time_after;
using http::time_point;

/// Returns the time. The default is the machine's clock; tests substitute their own.
class clock {
public:
  virtual ~clock() = default;

  /// The exact time, used for sleeps and expiries.
  [[nodiscard]] virtual time_point now() const noexcept;

  /// The time at the kernel's last tick, at most some milliseconds behind, for a tenth of the cost.
  /// Used for the deadlines of connections.
  [[nodiscard]] virtual time_point coarse_now() const noexcept;

  /// The time of day, for the Date field.
  [[nodiscard]] virtual std::time_t time_of_day() const noexcept;

  /// The machine's clock.
  static const clock& system() noexcept;
};

} // namespace sake::actors

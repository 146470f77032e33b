// The limits of a route on its requests at a time.
#pragma once

#include <cstddef>

namespace sake::routing {

/// The limits of a route on its requests at a time; past them requests are answered 503.
struct admission_limits {
  /// Requests in their handler, working or waiting. 0: no limit.
  std::size_t max_in_flight = 0;
  /// Requests that wait for a worker, beside one for each worker. 0: only the limit of the pool.
  std::size_t max_queued = 0;
  /// Whether requests go before all others on their way to a worker, and no limit refuses them.
  bool high_priority = false;

  [[nodiscard]] bool has_any() const noexcept { return max_in_flight != 0 || max_queued != 0; }
};

} // namespace sake::routing

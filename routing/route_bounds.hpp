// The bounds of a route on its requests at a time.
#pragma once

#include <cstddef>

namespace sake::routing {

/// The bounds of a route on its requests at a time; past them requests are answered 503.
struct route_bounds {
  /// Requests in their handler, working or waiting. 0: no bound.
  std::size_t in_flight = 0;
  /// Requests that wait for a worker, beside one for each worker. 0: only the bound of the pool.
  std::size_t queued = 0;
  /// Whether requests go before all others on their way to a worker, and no bound refuses them.
  bool high_priority = false;

  [[nodiscard]] bool has_any() const noexcept { return in_flight != 0 || queued != 0; }
};

} // namespace sake::routing

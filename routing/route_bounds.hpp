// How much of a route there may be at a time.
#pragma once

#include <cstddef>

namespace sake::routing {

/// How much of a route there may be at a time; past it requests are answered 503.
struct route_bounds {
  /// Requests whose handler is at work or waits for something. 0: no bound.
  std::size_t in_flight = 0;
  /// Requests whose handler waits for a worker, beside one for each worker. 0: the bound of the
  /// pool alone.
  std::size_t queued = 0;
  /// Whether requests pass all others on their way to a worker, and no bound refuses them.
  bool high_priority = false;

  [[nodiscard]] bool has_any() const noexcept { return in_flight != 0 || queued != 0; }
};

} // namespace sake::routing

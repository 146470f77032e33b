// The limits of a route, as one of its requests meets them.
#pragma once

#include "../../routing/route_map.hpp"
#include "../reactor/reactor.hpp"
#include "../workers/executor.hpp"
#include "../workers/route_load.hpp"
#include "permit.hpp"

#include <chrono>
#include <optional>

namespace sake::actors {

/// The limits of a route, as one of its requests meets them: requests in flight, and handlers
/// queued for an executor. The request counts from `enter` and `enter_queue` until `leave` and
/// `leave_queue`. On the reactor, except for `leave_queue`.
class route_admission {
public:
  /// Sets the route of the next request. Both arguments must outlive it.
  void begin(const routing::endpoint& endpoint, route_load& load) noexcept;

  /// Returns when to try again, if a limit would refuse the handler now.
  [[nodiscard]] std::optional<std::chrono::seconds> refused() const noexcept;
  /// When to try again after a refusal by the limit on requests in flight, or by `place`.
  [[nodiscard]] std::chrono::seconds retry_after() const noexcept;
  [[nodiscard]] std::chrono::seconds retry_after(const executor& place) const noexcept;

  /// Counts the request as in flight.
  /// @returns false if there are too many
  [[nodiscard]] bool enter(const reactor& here) noexcept;
  /// The request is over.
  /// @param was_on_reactor  whether its handler ran there, so that its time tells when to try again
  void leave(const reactor& here, bool was_on_reactor) noexcept {
    if (in_flight_.is_held())
      end(here, was_on_reactor);
  }
  /// The permit of a request in flight, for an actor that goes on when the request is over.
  [[nodiscard]] permit& in_flight() noexcept { return in_flight_; }

  /// Counts the handler as queued for `place`.
  /// @returns false if there are too many of the route
  [[nodiscard]] bool enter_queue(const executor& place) noexcept;
  /// Safe from any thread.
  void leave_queue() noexcept { queued_.release(); }

private:
  void end(const reactor& here, bool was_on_reactor) noexcept;

  const routing::admission_limits* limits_ = nullptr;
  route_load* load_ = nullptr;
  permit in_flight_;
  time_point entered_;
  permit queued_;
};

} // namespace sake::actors

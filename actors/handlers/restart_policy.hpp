// Decides when a failed actor gets a successor.
#pragma once

#include "../../routing/supervision.hpp"
#include "../reactor/clock.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sake::actors {

/// Decides when a failed actor gets a successor. Callers pass the time. Used on one thread.
///
/// A failure is followed by a restart at once, unless the actor fails for most of its requests, or
/// before it has begun any. In that case the first failure is followed by a restart at once,
/// further ones within `supervision::within` by a restart after a delay that doubles, and the
/// failure after `supervision::restarts` of them by quarantine. The successor after a quarantine is
/// on probation: if it fails for most of its requests, its first failure leads back to quarantine.
///
/// Most: of the requests begun after the oldest of the last `supervision::restarts` + 1 failures
/// within the window, more than half failed. A single failure within the window counts as most,
/// too.
class restart_policy {
public:
  struct decision {
    enum class kind : std::uint8_t { restart, quarantine };
    kind what;
    /// When there may be a successor: now or later.
    time_point when;
    /// Failures that count, this one included.
    std::size_t failures;
  };

  /// Reports a failure of the actor.
  /// @param begun  requests that the actor and its predecessors have begun; may wrap around
  decision on_failure(const supervision& policy, time_point now, std::uint32_t begun);

  /// Returns whether there was a quarantine and no recovery since.
  [[nodiscard]] bool is_on_probation() const noexcept { return on_probation_; }
  /// Reports that the actor has lived long enough after a quarantine; ends the probation.
  void on_recovery() noexcept { on_probation_ = false; }

private:
  struct failure {
    time_point when;
    /// Requests begun before the failure.
    std::uint32_t begun;
  };

  void note(const supervision& policy, failure latest);
  [[nodiscard]] bool fails_mostly(std::uint32_t begun) const noexcept;
  [[nodiscard]] std::chrono::milliseconds delay(const supervision& policy) const noexcept;

  /// The latest failures that still count, the oldest first.
  std::vector<failure> failures_;
  bool on_probation_ = false;
  /// Requests begun before the probation.
  std::uint32_t begun_before_probation_ = 0;
};

} // namespace sake::actors

// When a failed actor is followed by another, and when its place stays empty for a while.
#pragma once

#include <sake/actors/clock.hpp>
#include <sake/routing/supervision.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sake::actors {

/// When an actor that has failed is followed by another. Told the time; used on one thread.
///
/// A failure is followed by a restart at once, unless the actor fails for most of what it gets, or
/// before it has begun with anything: then the first is, further ones within `supervision::within`
/// are followed by a restart after a time that doubles, and one too many by quarantine. The actor
/// that comes after that is on probation: where it fails for most of what it gets, the first failure
/// leads back to quarantine.
///
/// Most: of the requests that it has begun with after the oldest of the last
/// `supervision::restarts` + 1 failures within the window, more than half failed; the only failure
/// within the window is most as well.
class restart_policy {
public:
  struct decision {
    enum class kind : std::uint8_t { restart, quarantine };
    kind what;
    /// When there may be another actor: now or later.
    time_point when;
    /// Failures that count, this one included.
    std::size_t failures;
  };

  /// The actor has failed.
  /// @param begun  requests that it and its predecessors have begun with; may wrap around
  decision on_failure(const supervision& bounds, time_point now, std::uint32_t begun);

  /// Whether there was a quarantine, and the actor has not lived for long since.
  [[nodiscard]] bool is_on_probation() const noexcept { return on_probation_; }
  /// The actor has lived long enough after a quarantine: the past is forgotten.
  void on_recovery() noexcept { on_probation_ = false; }

private:
  struct failure {
    time_point when;
    /// The requests that had been begun with before it.
    std::uint32_t begun;
  };

  void note(const supervision& bounds, failure latest);
  [[nodiscard]] bool fails_mostly(std::uint32_t begun) const noexcept;
  [[nodiscard]] std::chrono::milliseconds delay(const supervision& bounds) const noexcept;

  /// The latest failures that count still, the oldest first.
  std::vector<failure> failures_;
  bool on_probation_ = false;
  /// The requests that had been begun with before the probation.
  std::uint32_t begun_before_probation_ = 0;
};

} // namespace sake::actors

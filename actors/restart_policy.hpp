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
/// The first failure is followed by a restart at once, further ones within `supervision::within`
/// after a time that doubles, and one too many by quarantine. The actor that comes after that is on
/// probation: its failure leads back to quarantine.
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
  decision on_failure(const supervision& bounds, time_point now);

  /// Whether a failure would lead to quarantine because there was one already.
  [[nodiscard]] bool is_on_probation() const noexcept { return on_probation_; }
  /// The actor has lived long enough after a quarantine: the past is forgotten.
  void on_recovery() noexcept { on_probation_ = false; }

private:
  [[nodiscard]] std::chrono::milliseconds delay(const supervision& bounds) const noexcept;

  /// Failures that count still, the oldest first.
  std::vector<time_point> failures_;
  bool on_probation_ = false;
};

} // namespace sake::actors

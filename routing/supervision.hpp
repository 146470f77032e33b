// What happens when an actor that a route spawned fails.
#pragma once

#include <chrono>
#include <cstddef>

namespace sake {

/// What happens when an actor that a route spawned fails: a new one, with new state, replaces it at
/// once. If that cannot start, or fails for more than half of the requests that it begins, the
/// values below delay it. With `keyed_by`, each key is counted separately.
struct supervision {
  /// Failures within `within` that are followed by a new actor; one more leads to quarantine. At
  /// most 1000; 0 for quarantine at the first failure of any kind.
  std::size_t restarts = 5;
  /// How long a failure counts.
  std::chrono::milliseconds within{10'000};
  /// The delay before a new actor after the second failure; doubled after each further one. After
  /// the first there is none. Requests wait during the delay. 0 for no delay.
  std::chrono::milliseconds backoff{50};
  /// The longest delay between a failure and the next actor, except for quarantine.
  std::chrono::milliseconds backoff_max{5'000};
  /// How long requests are answered with 503 in quarantine, before the next actor. If that one
  /// fails within `within`, quarantine repeats.
  std::chrono::milliseconds quarantine{30'000};

  bool operator==(const supervision&) const = default;
};

} // namespace sake

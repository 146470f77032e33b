// What happens when an actor that a route spawned fails.
#pragma once

#include <chrono>
#include <cstddef>

namespace sake {

/// What happens when an actor that a route spawned fails: another takes its place at once, whose
/// state starts anew. Where it cannot start, or fails for more than half of the requests that it
/// begins with, the values below hold it off. With `keyed_by`, each key is counted for itself.
struct supervision {
  /// Failures within `within` after which there is another actor; one more leads to quarantine.
  /// At most 1000; 0 for quarantine at the first, whatever it was.
  std::size_t restarts = 5;
  /// How long a failure counts.
  std::chrono::milliseconds within{10'000};
  /// The first failure is followed by another actor at once, the second after this time, each
  /// further one after twice as long as the one before. Requests wait meanwhile. 0 for never.
  std::chrono::milliseconds backoff{50};
  /// The longest time between a failure and the next actor, quarantine aside.
  std::chrono::milliseconds backoff_max{5'000};
  /// How long requests are answered with 503 then, before there is another actor. If that one
  /// fails within `within`, as long again.
  std::chrono::milliseconds quarantine{30'000};

  bool operator==(const supervision&) const = default;
};

} // namespace sake

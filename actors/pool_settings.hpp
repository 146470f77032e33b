// What the worker pool takes from the configuration.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sake::actors {

/// The scheduling class of worker threads (sched(7)).
enum class scheduling : std::uint8_t {
  idle,       ///< SCHED_IDLE: what all other threads of the machine leave over
  background, ///< SCHED_BATCH at a nice value higher by 15: reactors first, but beside other
              ///< programs work gets on (decision 0026)
  batch,      ///< SCHED_BATCH: an equal share, with fewer preemptions
  normal,     ///< SCHED_OTHER: as every other thread
};

/// By how much the class `background` raises the nice value.
inline constexpr std::size_t background_nice = 15;

/// Threads of one kind, such as reactors, or the workers of a pool.
inline constexpr std::size_t most_threads = 1024;

/// What a worker pool takes from the configuration. Only the number of workers changes while the
/// engine runs.
struct pool_settings {
  /// Worker actors, one thread each: 1 to `most_threads`.
  std::size_t workers = 1;
  /// Tasks that may wait for a worker; past it submissions are refused.
  std::size_t queue_bound = 1024;
  /// Cores that workers may run on; empty: all that the process may use.
  std::vector<std::size_t> cores{};
  /// Whether each worker stays on one of them.
  bool pinned = true;
  actors::scheduling scheduling = actors::scheduling::background;
  /// Added to the nice value of the process; nothing in the class `idle`.
  std::size_t nice = 0;
};

/// A pool beside the one without a name.
struct named_pool {
  std::string name;
  pool_settings settings;
};

} // namespace sake::actors

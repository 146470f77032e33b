// The configuration of worker pools and other executors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sake::actors {

/// The scheduling class of worker threads (sched(7)).
enum class scheduling : std::uint8_t {
  idle,       ///< SCHED_IDLE: only CPU time that no other thread of the machine uses
  background, ///< SCHED_BATCH at a nice value higher by 15: reactors come first, but workers
              ///< progress beside other programs (decision 0026)
  batch,      ///< SCHED_BATCH: an equal share, with fewer preemptions
  normal,     ///< SCHED_OTHER: like other threads
};

/// The amount that the class `background` adds to the nice value.
inline constexpr std::size_t background_nice = 15;

/// The maximum number of reactors, or of workers in a pool.
inline constexpr std::size_t max_threads = 1024;

/// The configuration of a worker pool. Only the number of workers changes while the engine runs.
struct pool_settings {
  /// Worker actors, one thread each: 1 to `max_threads`.
  std::size_t workers = 1;
  /// Tasks that may wait for a worker; further submissions are refused.
  std::size_t max_queued = 1024;
  /// Cores that workers may run on; empty: all cores of the process.
  std::vector<std::size_t> cores{};
  /// Whether each worker is pinned to one of them.
  bool pinned = true;
  actors::scheduling scheduling = actors::scheduling::background;
  /// Added to the nice value of the process. Has no effect in the class `idle`.
  std::size_t nice = 0;
};

/// A worker pool with a name.
struct named_pool {
  std::string name;
  pool_settings settings;
};

/// The configuration of the executors.
struct executor_settings {
  /// False: there is no worker pool, with or without a name; handlers placed there run on their
  /// reactor.
  bool has_pools = true;
  /// The pool without a name. Its queue limit also applies to CAF's scheduler and detached routes.
  pool_settings pool{};
  std::vector<named_pool> named_pools{};
};

} // namespace sake::actors

// What the actors take from the configuration.
#pragma once

#include <sake/http/limits.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace sake::actors {

/// What connections and routers take from the configuration. Never changes while the engine runs.
struct settings {
  http::limits limits;
  http::deadlines deadlines;
  /// False: every response closes its connection.
  bool keep_alive = true;
  /// Responses after which a connection closes; 0: no bound.
  std::size_t max_requests_per_connection = 0;
  /// "Server: …\r\n", or empty for none.
  std::string server_line;
};

/// The scheduling class of worker threads (sched(7)).
enum class scheduling : std::uint8_t {
  idle,   ///< SCHED_IDLE: what the reactors leave over; I/O keeps its latency
  batch,  ///< SCHED_BATCH: an equal share, with fewer preemptions
  normal, ///< SCHED_OTHER: as every other thread
};

struct pool_settings {
  /// Worker actors, one thread each; at least 1.
  std::size_t workers = 1;
  /// Tasks that may wait for a worker; past it submissions are refused.
  std::size_t queue_bound = 1024;
  /// Whether each worker stays on one core.
  bool pinned = true;
  actors::scheduling scheduling = actors::scheduling::idle;
};

} // namespace sake::actors

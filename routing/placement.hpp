// Where the handler of a route runs.
#pragma once

#include <cstdint>
#include <string>

namespace sake::routing {

/// Where the handler of a route runs, or the actors that the route spawns. Middleware always runs
/// on the reactor of the request.
struct placement {
  enum class kind : std::uint8_t {
    automatic, ///< a function on its reactor, until it blocks that; an actor where it is woken
    reactor,   ///< on its reactor, always
    scheduler, ///< on CAF's scheduler
    detached,  ///< on a thread of the route's own
    pool,      ///< on a worker pool
  };

  kind where = kind::automatic;
  /// With `pool`: its name; empty for the unnamed pool.
  std::string pool;

  friend bool operator==(const placement&, const placement&) = default;
};

} // namespace sake::routing

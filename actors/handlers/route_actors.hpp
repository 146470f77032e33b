// The actors that a route spawns.
#pragma once

#include "actor_role.hpp"
#include "detail/keyed_hash.hpp"

#include <caf/actor_control_block.hpp>

#include <atomic>
#include <cstdint>
#include <vector>

namespace sake::actors {

/// The actors that a route spawns, while an engine runs. Routes with the same handler share one of
/// these.
struct route_actors {
  /// Where the actors run. Constant once the shards are made.
  actor_place place;
  /// The load of the first of the routes, which the watchdog logs.
  route_load* load = nullptr;
  /// The supervisors, if the actors outlive a request: one for each shard, with its share of the
  /// keys, or one if all requests share an actor. Constant once the shards are made.
  std::vector<caf::strong_actor_ptr> supervisors;
  /// With a shared actor: the receiver of each shard's requests. Each is read and written only by
  /// its reactor.
  std::vector<caf::strong_actor_ptr> answering;
  /// With a shared actor: requests that it and its predecessors have begun. Wraps around.
  std::atomic<std::uint32_t> begun{0};
  /// The hash of the keys, which clients choose. Constant.
  detail::keyed_hash key_hash;
};

} // namespace sake::actors

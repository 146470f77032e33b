// What a route spawns an actor for.
#pragma once

#include <caf/fwd.hpp>

#include <optional>
#include <string_view>

namespace sake::actors {

struct route_state;

/// Where an actor runs that a route spawns: on that execution unit, with null on CAF's scheduler;
/// without a value on that of whoever wakes it.
using actor_place = std::optional<caf::execution_unit*>;

/// What a route spawns an actor for.
struct actor_role {
  actor_place place;
  /// The route, which the watchdog names while the actor holds a reactor. Outlives the actor.
  route_state* route = nullptr;
  /// The key whose actor it is; empty where the route is not keyed. Borrowed for the call.
  std::string_view key;
};

} // namespace sake::actors

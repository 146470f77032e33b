// The role of an actor that a route spawns.
#pragma once

#include <caf/fwd.hpp>

#include <optional>
#include <string_view>

namespace sake::actors {

struct route_load;

/// The execution unit of an actor that a route spawns: null for CAF's scheduler; without a value
/// the unit of the thread that wakes the actor.
using actor_place = std::optional<caf::execution_unit*>;

/// The role of an actor that a route spawns.
struct actor_role {
  actor_place place;
  /// The route that the watchdog logs while the actor holds a reactor. Outlives the actor.
  route_load* route = nullptr;
  /// The key of the actor; empty if the route is not keyed. Borrowed for the call.
  std::string_view key;
};

} // namespace sake::actors

// Where an actor runs that a route spawns.
#pragma once

#include <caf/fwd.hpp>

#include <optional>

namespace sake::actors {

/// Where an actor runs that a route spawns: on that execution unit, with null on CAF's scheduler;
/// without a value on that of whoever wakes it.
using actor_place = std::optional<caf::execution_unit*>;

} // namespace sake::actors

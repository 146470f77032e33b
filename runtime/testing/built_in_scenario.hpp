// The scenario that tests Sake itself.
#pragma once

#include "simulation.hpp"

namespace sake::testing {

/// A defect planted to test whether the simulation finds it.
enum class planted { nothing, lost_wakeup };

/// The scenario that tests Sake itself, and that `sake-simulate` runs: clients send requests to
/// every kind of handler, behind middleware of every kind, on one reactor or several, while
/// handlers fail and clients leave. Each request must get exactly one response, its own, in order;
/// its handler must run once; and at rest nothing may be left over.
///
/// With `lost_wakeup` a worker that finds its queue empty goes to sleep without checking it again:
/// a task submitted in between is never run, and its response never comes.
[[nodiscard]] scenario built_in_scenario(planted defect = planted::nothing);

} // namespace sake::testing

// The scenario that Sake itself is held against.
#pragma once

#include <sake/testing/simulation.hpp>

namespace sake::testing {

/// A defect that is planted to see whether it is found.
enum class planted { nothing, lost_wakeup };

/// The scenario that Sake itself is held against, and that `sake-simulate` runs: clients that ask
/// every kind of handler, behind middleware of every kind, on one reactor or several, while
/// handlers fail and clients leave. Each request gets exactly one response, its own, in order; each
/// handler runs once for it; and nothing is left over.
///
/// With `lost_wakeup` the worker that has found no more work goes to sleep without looking again:
/// a task that came in between stays where it is, and its response never comes.
[[nodiscard]] scenario built_in_scenario(planted defect = planted::nothing);

} // namespace sake::testing

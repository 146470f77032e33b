// Why an actor ended, as text for the log.
#pragma once

#include <caf/fwd.hpp>

#include <string>

namespace sake::actors::detail {

/// Has what the handlers of `spawned` throw told by the reason that it ends with, not on standard
/// error, unless it has an exception handler of its own. Before it runs.
void keep_exception(caf::scheduled_actor& spawned);

/// Whether an actor that ended with `reason` has failed: it has not when it was told to end, or has
/// quit without a reason.
[[nodiscard]] bool is_failure(const caf::error& reason);

/// `reason` as text: what the exception says where `keep_exception` has kept one.
[[nodiscard]] std::string reason_text(const caf::actor_system& system, const caf::error& reason);

} // namespace sake::actors::detail

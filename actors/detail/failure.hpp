// Why something failed, as text for the log.
#pragma once

#include <sake/actors/failed_request.hpp>

#include <caf/fwd.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace sake::actors::detail {

/// Has what the handlers of `spawned` throw told by the reason that it ends with, not on standard
/// error, unless it has an exception handler of its own. Before it runs.
void keep_exception(caf::scheduled_actor& spawned);

/// Has `spawned` note the request at which an exception ends it; the handler of exceptions that it
/// has decides the rest. Once, when its behavior is set.
void note_failures(caf::scheduled_actor& spawned, failure_note& in);

/// Whether an actor that ended with `reason` has failed: it has not when it was told to end, or has
/// quit without a reason.
[[nodiscard]] bool is_failure(const caf::error& reason);

/// `reason` as text: what the exception says where `keep_exception` has kept one.
[[nodiscard]] std::string reason_text(const caf::actor_system& system, const caf::error& reason);

/// What the exception says.
[[nodiscard]] std::string exception_text(const std::exception_ptr& thrown);

/// Logs the exception that is being handled as an error: "exception out of `where`: …".
void log_exception(std::string_view where) noexcept;

/// Calls `function`; an exception that leaves it is logged and goes no further.
/// @returns false when there was one
template <class Function>
bool contain(std::string_view where, Function&& function) noexcept {
  try {
    function();
    return true;
  } catch (...) {
    log_exception(where);
    return false;
  }
}

/// Resumes `what`. Where an exception leaves an actor for good, as one of its own handler of
/// exceptions does, that is logged and the actor ends: its requests are answered with an error.
caf::resumable::resume_result resume(caf::resumable& what, caf::execution_unit& here,
                                     std::size_t most_messages) noexcept;

} // namespace sake::actors::detail

// Reasons of failures, as text for the log.
#pragma once

#include <caf/fwd.hpp>
#include <caf/resumable.hpp>

#include <cstddef>
#include <exception>
#include <string>
#include <string_view>

namespace sake::actors::detail {

/// Returns whether an actor that ended with `reason` has failed: false when it was told to end, or
/// quit without a reason.
[[nodiscard]] bool is_failure(const caf::error& reason);

/// Returns `reason` as text: the text of the exception where `keep_exception` has kept one.
[[nodiscard]] std::string reason_text(const caf::actor_system& system, const caf::error& reason);

/// Returns the text of the exception.
[[nodiscard]] std::string exception_text(const std::exception_ptr& thrown);

/// Logs the exception that is being handled as an error: "exception out of `where`: …".
void log_exception(std::string_view where) noexcept;

/// Calls `function`. An exception that leaves it is logged and goes no further.
/// @returns false when there was an exception
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

/// Resumes `what` for the messages of one turn, 100 at most. If an exception leaves an actor for
/// good, such as from its own exception handler, it is logged and the actor ends: its requests are
/// answered with an error.
caf::resumable::resume_result resume(caf::resumable& what, caf::execution_unit& here) noexcept;

} // namespace sake::actors::detail

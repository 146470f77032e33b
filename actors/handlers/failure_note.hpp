// Notes the request at which an exception ended a spawned actor.
#pragma once

#include "../request/failed_request.hpp"

#include <caf/fwd.hpp>

#include <optional>

namespace sake::actors {

/// The request at which an exception has ended an actor. Written and read where the actor runs.
struct failure_note {
  std::optional<failed_request> failed_at;

protected:
  ~failure_note() = default;
};

/// Makes the exit reason of `spawned` carry the text of an exception from its handlers, instead of
/// printing it to standard error, unless the actor has its own exception handler. Must be called
/// before the actor runs.
void keep_exception(caf::scheduled_actor& spawned);

/// Makes `spawned` note the request at which an exception ends it; its exception handler decides
/// the rest. Must be called once, when its behavior is set.
void note_failures(caf::scheduled_actor& spawned, failure_note& in);

} // namespace sake::actors

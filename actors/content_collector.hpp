// Content that arrives in pieces, for handlers that take it whole.
#pragma once

#include <caf/actor_control_block.hpp>
#include <caf/execution_unit.hpp>
#include <caf/mailbox_element.hpp>

namespace sake::actors {

/// Reads the content stream of the request in `message` into the request, then sends the message
/// to `handler`. Drops it when the content fails: the connection has answered then. The decoder
/// bounds what can come. On the reactor of the connection.
void collect_content(caf::mailbox_element_ptr message, caf::strong_actor_ptr handler,
                     caf::execution_unit& here);

} // namespace sake::actors

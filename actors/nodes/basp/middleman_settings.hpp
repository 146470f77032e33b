// What CAF must be told to carry nodes.
#pragma once

#include <caf/fwd.hpp>

namespace sake::actors::nodes {

/// Loads CAF's middleman into `config`, sets it up for links, and registers the message that they
/// carry. Before the actor system is made. Starts CAF's multiplexer, one thread, with the system;
/// opens no socket.
void load_middleman(caf::actor_system_config& config);

} // namespace sake::actors::nodes

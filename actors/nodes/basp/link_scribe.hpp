// A channel as CAF's broker for nodes reads and writes it.
#pragma once

#include "link_channel.hpp"

#include <caf/actor_system.hpp>
#include <caf/io/scribe.hpp>

#include <memory>

namespace sake::actors::nodes {

/// Makes a stream of CAF from a channel, after its handshake.
/// @param system  with CAF's middleman
/// @param observer  of the channel
[[nodiscard]] caf::io::scribe_ptr make_link_scribe(
    caf::actor_system& system, std::unique_ptr<link_channel> channel,
    std::shared_ptr<link_channel::observer> observer);

} // namespace sake::actors::nodes

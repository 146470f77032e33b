// Makes the actors of a route.
#pragma once

#include "../../../routing/handler.hpp"
#include "../actor_role.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <functional>
#include <memory>

namespace sake::actors::detail {

/// Makes an actor that has not run yet.
using actor_factory = std::function<caf::strong_actor_ptr(caf::actor_system&, const actor_role&)>;

/// @param is_placeable  false when the actors run where they are woken, whatever their role says
std::shared_ptr<const routing::layer> make_spawning_layer(actor_factory factory,
                                                          bool is_placeable = true);

} // namespace sake::actors::detail

// CAF actors as handlers: include this to give an actor to a route.
#pragma once

#include "../../http/bind.hpp"
#include "../../routing/handler.hpp"
#include "../reactor/messages.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/typed_actor.hpp>

#include <memory>

namespace sake {

/// The interface of a typed actor that may be given to a route.
using typed_handler = caf::typed_actor<caf::replies_to<http::request>::with<http::response>>;

namespace actors::detail {
std::shared_ptr<const routing::layer> make_actor_layer(caf::strong_actor_ptr whom);
} // namespace actors::detail

namespace routing {

/// An actor that answers `http::request` with `http::response`, or with an error, which becomes
/// 500. An event-based actor runs on the reactor of the request that wakes it.
template <>
struct make_layer<caf::actor> {
  static std::shared_ptr<const layer> from(const caf::actor& whom) {
    return actors::detail::make_actor_layer(caf::actor_cast<caf::strong_actor_ptr>(whom));
  }
};

template <class... Signatures>
struct make_layer<caf::typed_actor<Signatures...>> {
  static std::shared_ptr<const layer> from(const caf::typed_actor<Signatures...>& whom) {
    // The conversion checks that the actor takes requests and answers with responses.
    const typed_handler as_handler = whom;
    return actors::detail::make_actor_layer(caf::actor_cast<caf::strong_actor_ptr>(as_handler));
  }
};

} // namespace routing
} // namespace sake

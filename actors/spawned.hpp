// Actors that a route spawns itself: behaviour functions and actor classes as handlers.
#pragma once

#include <sake/actors/handler.hpp>

#include <caf/actor_system.hpp>
#include <caf/detail/type_traits.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/typed_behavior.hpp>

#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sake {

namespace actors::detail {

/// Makes an actor that has not run yet: it runs where its first message comes from.
using actor_factory = std::function<caf::strong_actor_ptr(caf::actor_system&)>;

std::shared_ptr<const routing::layer> make_spawning_layer(actor_factory factory);

template <class T>
struct is_behavior : std::false_type {};
template <>
struct is_behavior<caf::behavior> : std::true_type {};
template <class... Signatures>
struct is_behavior<caf::typed_behavior<Signatures...>> : std::true_type {};

template <class F>
concept behavior_function = requires {
  typename caf::detail::get_callable_trait<F>::result_type;
}
&&is_behavior<typename caf::detail::get_callable_trait<F>::result_type>::value;

// Lazy: not before its first message, and then where that comes from. Hidden: the system does not
// wait for it, the engine ends it.
inline constexpr caf::spawn_options spawn_quietly = caf::lazy_init + caf::hidden;

template <class Handle>
caf::strong_actor_ptr checked_handler(const Handle& made) {
  if constexpr (std::is_same_v<Handle, caf::actor>)
    return caf::actor_cast<caf::strong_actor_ptr>(made);
  else
    // The conversion checks that the actor takes requests and answers with responses.
    return caf::actor_cast<caf::strong_actor_ptr>(static_cast<handler_actor>(made));
}

} // namespace actors::detail

/// An actor class as a handler, with the arguments of its constructor: see `spawned`.
template <class Actor, class... Args>
struct spawned_actor {
  std::tuple<Args...> arguments;
};

/// An actor class, derived from `caf::event_based_actor` or the like, as a handler: the route
/// spawns it, with copies of `args` behind the configuration.
///
///     app.get("/cart/:id", sake::spawned<cart>(prices)).keyed_by("id");
template <class Actor, class... Args>
spawned_actor<Actor, std::decay_t<Args>...> spawned(Args&&... args) {
  return {{std::forward<Args>(args)...}};
}

namespace routing {

/// A function that gives a behavior, as `caf::actor_system::spawn` takes it: the route spawns the
/// actor itself.
template <actors::detail::behavior_function F>
struct make_layer<F> {
  static std::shared_ptr<const layer> from(F function) {
    return actors::detail::make_spawning_layer([function](caf::actor_system& system) {
      return actors::detail::checked_handler(system.spawn<actors::detail::spawn_quietly>(function));
    });
  }
};

template <class Actor, class... Args>
struct make_layer<spawned_actor<Actor, Args...>> {
  static std::shared_ptr<const layer> from(spawned_actor<Actor, Args...> what) {
    return actors::detail::make_spawning_layer([what](caf::actor_system& system) {
      return std::apply(
          [&system](const Args&... args) {
            return actors::detail::checked_handler(
                system.spawn<Actor, actors::detail::spawn_quietly>(args...));
          },
          what.arguments);
    });
  }
};

} // namespace routing
} // namespace sake

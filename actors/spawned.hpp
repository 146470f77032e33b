// Actors that a route spawns itself: behaviour functions and actor classes as handlers.
#pragma once

#include <sake/actors/actor_place.hpp>
#include <sake/actors/detail/failure.hpp>
#include <sake/actors/handler.hpp>

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/type_traits.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/fwd.hpp>
#include <caf/make_actor.hpp>
#include <caf/typed_behavior.hpp>

#include <functional>
#include <memory>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sake {

namespace actors::detail {

/// Makes an actor that has not run yet.
using actor_factory = std::function<caf::strong_actor_ptr(caf::actor_system&, actor_place)>;

/// @param is_placeable  false when the factory makes actors that run where they are woken, whatever
///        it is told
std::shared_ptr<const routing::layer> make_spawning_layer(actor_factory factory,
                                                          bool is_placeable = true);

/// An actor that runs in its place, whoever wakes it.
template <class Actor>
class placed final : public Actor {
public:
  template <class... Args>
  placed(caf::actor_config& cfg, actor_place place, Args&&... args)
      : Actor(cfg, std::forward<Args>(args)...), place_(place) {}

  using Actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override {
    Actor::enqueue(std::move(message), place_.value_or(from));
  }

private:
  actor_place place_;
};

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

// Lazy: not before its first message. Hidden: the system does not
// wait for it, the engine ends it.
inline constexpr caf::spawn_options spawn_quietly = caf::lazy_init + caf::hidden;

/// Spawns what `function` gives the behavior of.
template <class F>
auto spawn_function(caf::actor_system& system, actor_place place, const F& function) {
  using actor = caf::infer_impl_from_fun_t<F>;
  caf::actor_config cfg;
  cfg.init_fun = caf::detail::init_fun_factory<actor, F>{}(function);
  auto made = system.spawn_impl<placed<actor>, spawn_quietly>(cfg, place);
  // Nobody knows the actor yet, so it does not run.
  keep_exception(*caf::actor_cast<caf::scheduled_actor*>(made));
  return made;
}

/// Spawns an actor of a class. As CAF does, but for the handler of exceptions, which is set before
/// the actor may run: it may have sent itself messages already.
template <class Actor, class... Args>
auto spawn_class(caf::actor_system& system, const Args&... args) {
  caf::actor_config cfg{system.dummy_execution_unit()};
  cfg.add_flag(caf::abstract_actor::is_hidden_flag);
  if constexpr (std::is_base_of_v<caf::blocking_actor, Actor>)
    cfg.add_flag(caf::abstract_actor::is_detached_flag);
  auto made = caf::make_actor<Actor>(system.next_actor_id(), system.node(), &system, cfg, args...);
  auto& actor = static_cast<Actor&>(*caf::actor_cast<caf::abstract_actor*>(made));
  if constexpr (std::is_base_of_v<caf::scheduled_actor, Actor>)
    keep_exception(actor);
  actor.launch(cfg.host, true, true);
  return made;
}

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
/// spawns it, with copies of `args` behind the configuration. A final class runs where its actors
/// are woken: the route cannot say otherwise.
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
    return actors::detail::make_spawning_layer(
        [function](caf::actor_system& system, actors::actor_place place) {
          return actors::detail::checked_handler(
              actors::detail::spawn_function(system, place, function));
        });
  }
};

template <class Actor, class... Args>
struct make_layer<spawned_actor<Actor, Args...>> {
  static std::shared_ptr<const layer> from(spawned_actor<Actor, Args...> what) {
    const auto spawn = [what](caf::actor_system& system, actors::actor_place place) {
      return std::apply(
          [&](const Args&... args) {
            using namespace actors::detail;
            if constexpr (std::is_final_v<Actor>)
              return checked_handler(spawn_class<Actor>(system, args...));
            else
              return checked_handler(spawn_class<placed<Actor>>(system, place, args...));
          },
          what.arguments);
    };
    return actors::detail::make_spawning_layer(spawn, !std::is_final_v<Actor>);
  }
};

} // namespace routing
} // namespace sake

// Actors that a route spawns itself: behaviour functions and actor classes as handlers.
#pragma once

#include "actor_role.hpp"
#include "detail/actor_factory.hpp"
#include "failure_note.hpp"
#include "handler.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/detail/type_traits.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/fwd.hpp>
#include <caf/make_actor.hpp>
#include <caf/resumable.hpp>
#include <caf/typed_behavior.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace sake {

namespace actors {
class activity;
} // namespace actors

namespace actors::detail {

/// The turn of a spawned actor, reported to the watchdog if the thread is a reactor's.
class watched_turn {
public:
  explicit watched_turn(route_load* of) noexcept;
  watched_turn(const watched_turn&) = delete;
  watched_turn& operator=(const watched_turn&) = delete;
  ~watched_turn();

private:
  activity* activity_;
};

/// Lets CAF drop the request in `message` when its turn comes, if it is cancelled by then.
void drop_when_cancelled(caf::mailbox_element& message) noexcept;

/// An actor that runs in its place, whichever thread wakes it.
template <class Actor>
class placed : public Actor {
public:
  template <class... Args>
  placed(caf::actor_config& cfg, const actor_role& role, Args&&... args)
      : Actor(cfg, std::forward<Args>(args)...), role_{role.place, role.route, {}} {}

  using Actor::enqueue;
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) override {
    if constexpr (std::is_base_of_v<caf::scheduled_actor, Actor>)
      drop_when_cancelled(*message);
    Actor::enqueue(std::move(message), role_.place.value_or(from));
  }

protected:
  actor_role role_;
};

/// A placed actor with watched turns, which blocking actors do not have.
template <class Actor>
class watched final : public placed<Actor>, public failure_note {
public:
  using placed<Actor>::placed;
  void initialize() override {
    Actor::initialize();
    note_failures(*this, *this);
  }
  caf::resumable::resume_result resume(caf::execution_unit* here, std::size_t most) override {
    const watched_turn now{this->role_.route};
    return Actor::resume(here, most);
  }
};

template <class Actor>
using own = std::conditional_t<std::is_base_of_v<caf::scheduled_actor, Actor>, watched<Actor>,
                               placed<Actor>>;

template <class T>
struct is_behavior : std::false_type {};
template <>
struct is_behavior<caf::behavior> : std::true_type {};
template <class... Signatures>
struct is_behavior<caf::typed_behavior<Signatures...>> : std::true_type {};

template <class F>
concept behavior_function = requires {
  typename caf::detail::get_callable_trait<F>::result_type;
} && is_behavior<typename caf::detail::get_callable_trait<F>::result_type>::value;

// Lazy: starts at its first message. Hidden: the system does not wait for it; the engine ends it.
inline constexpr caf::spawn_options spawn_quietly = caf::lazy_init + caf::hidden;

/// Whether a behavior function takes the key of its actor.
template <class F>
concept takes_key = std::is_invocable_v<const F&, caf::infer_impl_from_fun_t<F>*, std::string>;

/// Spawns an actor with the behavior that `function` returns.
template <class F>
auto spawn_function(caf::actor_system& system, const actor_role& role, const F& function) {
  using actor = caf::infer_impl_from_fun_t<F>;
  caf::actor_config cfg;
  if constexpr (takes_key<F>)
    cfg.init_fun = caf::detail::init_fun_factory<actor, F>{}(function, std::string{role.key});
  else
    cfg.init_fun = caf::detail::init_fun_factory<actor, F>{}(function);
  auto made = system.spawn_impl<own<actor>, spawn_quietly>(cfg, role);
  // The actor has no other reference yet, so it does not run.
  keep_exception(*caf::actor_cast<caf::scheduled_actor*>(made));
  return made;
}

/// Spawns an actor of a class. Like CAF's own, but sets the exception handler before the actor may
/// run, as its constructor may have sent it messages.
template <class Actor, class... Args>
auto spawn_class(caf::actor_system& system, actor_place place, const Args&... args) {
  auto* const elsewhere = place.value_or(nullptr);
  caf::actor_config cfg{elsewhere != nullptr ? elsewhere : system.dummy_execution_unit()};
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

/// Like `spawn_class`, in the place of the route. Passes the key after the configuration if the
/// constructor takes it.
template <class Actor, class... Args>
auto spawn_role(caf::actor_system& system, const actor_role& role, const Args&... args) {
  if constexpr (std::is_final_v<Actor>)
    return spawn_class<Actor>(system, {}, args...);
  else if constexpr (std::is_constructible_v<Actor, caf::actor_config&, const Args&...>)
    return spawn_class<own<Actor>>(system, role.place, role, args...);
  else
    return spawn_class<own<Actor>>(system, role.place, role, std::string{role.key}, args...);
}

template <class Handle>
caf::strong_actor_ptr checked_handler(const Handle& made) {
  if constexpr (std::is_same_v<Handle, caf::actor>)
    return caf::actor_cast<caf::strong_actor_ptr>(made);
  else
    // The conversion checks that the actor takes requests and answers with responses.
    return caf::actor_cast<caf::strong_actor_ptr>(static_cast<typed_handler>(made));
}

} // namespace actors::detail

/// An actor class as a handler, with its constructor arguments: see `spawned`.
template <class Actor, class... Args>
struct spawned_actor {
  std::tuple<Args...> arguments;
};

/// Makes an actor class, derived from `caf::event_based_actor` or the like, a handler: the route
/// spawns the actor, with copies of `args` after the configuration. If the constructor takes a
/// `std::string` before them, it gets the key of a keyed route. A final class runs where its actors
/// are woken; the route cannot change that.
///
///     app.get("/cart/:id", sake::spawned<cart>(prices)).keyed_by("id");
template <class Actor, class... Args>
spawned_actor<Actor, std::decay_t<Args>...> spawned(Args&&... args) {
  return {{std::forward<Args>(args)...}};
}

namespace routing {

/// A function that returns a behavior, as `caf::actor_system::spawn` takes it: the route spawns the
/// actor. If the function takes a `std::string` after `self`, it gets the key of a keyed route.
template <actors::detail::behavior_function F>
struct make_layer<F> {
  static std::shared_ptr<const layer> from(F function) {
    return actors::detail::make_spawning_layer(
        [function](caf::actor_system& system, const actors::actor_role& role) {
          return actors::detail::checked_handler(
              actors::detail::spawn_function(system, role, function));
        });
  }
};

template <class Actor, class... Args>
struct make_layer<spawned_actor<Actor, Args...>> {
  static std::shared_ptr<const layer> from(spawned_actor<Actor, Args...> what) {
    const auto spawn = [what](caf::actor_system& system, const actors::actor_role& role) {
      return std::apply(
          [&](const Args&... args) {
            return actors::detail::checked_handler(
                actors::detail::spawn_role<Actor>(system, role, args...));
          },
          what.arguments);
    };
    return actors::detail::make_spawning_layer(spawn, !std::is_final_v<Actor>);
  }
};

} // namespace routing
} // namespace sake

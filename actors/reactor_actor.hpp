// The base of actors without a mailbox that live on one reactor.
#pragma once

#include <sake/actors/reactor.hpp>

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>

#include <utility>

namespace sake::actors {

/// An actor without a mailbox that lives on one reactor. A message sent there is handled at once,
/// in the sender's turn; one from elsewhere is handled on the reactor soon after. It can be
/// messaged, monitored and linked as any actor, but no message ends it, nor does the end of an actor
/// that is linked to it: it belongs to the engine, which calls `end`.
class reactor_actor : public caf::monitorable_actor {
public:
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) final;

  /// Ends the actor, and tells those who monitor it. On the reactor.
  void end();

  [[nodiscard]] actors::reactor& home() const noexcept { return reactor_; }

protected:
  reactor_actor(caf::actor_config& cfg, actors::reactor& home)
      : caf::monitorable_actor(cfg), reactor_(home) {}

  /// Handles one message, on the reactor. An exception that leaves it is logged and, where
  /// `message` is a request that was not moved on, answered with `runtime_error`.
  virtual void receive(caf::mailbox_element_ptr& message) = 0;

  /// Called by `end`, once.
  virtual void on_exit() {}

private:
  void handle(caf::mailbox_element_ptr& message) noexcept;
  void refuse_failed(caf::mailbox_element& message);

  actors::reactor& reactor_;
};

/// Spawns an actor on `home`: its constructor gets the configuration, `home`, and `args`.
template <class Actor, class... Args>
caf::strong_actor_ptr spawn_on(reactor& home, Args&&... args) {
  caf::actor_config cfg{&home};
  auto& system = home.system();
  return caf::make_actor<Actor, caf::strong_actor_ptr>(
      system.next_actor_id(), system.node(), &system, cfg, home, std::forward<Args>(args)...);
}

} // namespace sake::actors

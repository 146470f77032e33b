// The base of actors without a mailbox that live on one reactor.
#pragma once

#include "reactor.hpp"

#include <caf/actor_config.hpp>
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>

#include <utility>

namespace sake::actors {

/// An actor without a mailbox that lives on one reactor. A message sent on the reactor is handled
/// at once, in the sender's turn; a message from elsewhere is handled on the reactor soon after. It
/// can be messaged, monitored and linked like any actor, but neither a message nor the end of a
/// linked actor ends it: it belongs to the engine, which calls `end`.
class reactor_actor : public caf::monitorable_actor {
public:
  void enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) final;

  /// Ends the actor, and informs its monitors. On the reactor.
  void end();

  [[nodiscard]] actors::reactor& home() const noexcept { return reactor_; }

protected:
  reactor_actor(caf::actor_config& cfg, actors::reactor& home)
      : caf::monitorable_actor(cfg), reactor_(home) {}

  /// Handles one message, on the reactor. If an exception leaves it, the exception is logged, and a
  /// request that is still in `message` is answered with `runtime_error`.
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

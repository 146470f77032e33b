// The actor of one route.
#pragma once

#include <sake/actors/reactor_actor.hpp>
#include <sake/actors/shard.hpp>
#include <sake/routing/route_map.hpp>

namespace sake::actors {

/// The actor of one route on one shard: answers a request by running the chain of the route for
/// it, in the sender's turn. Several may be under way at a time.
class handler_actor final : public reactor_actor {
public:
  handler_actor(caf::actor_config& cfg, actors::reactor& home, shard& own,
                const routing::plan& plan)
      : reactor_actor(cfg, home), shard_(own), plan_(plan), state_(own.state_of(plan)) {}
  const char* name() const override { return "sake.handler"; }

private:
  void receive(caf::mailbox_element_ptr& message) override;

  shard& shard_;
  const routing::plan& plan_;
  route_state& state_;
};

} // namespace sake::actors

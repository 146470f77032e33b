// The two actors that a request passes on its shard: router and handler actor.
#pragma once

#include "../../routing/route_map.hpp"
#include "../reactor/reactor_actor.hpp"

#include <vector>

namespace sake::actors {

struct route_load;
class shard;

/// Finds the route of a request and passes the message to the handler actor of that route. The
/// response goes directly to the port of the request, or to its sender. One per shard.
class router final : public reactor_actor {
public:
  router(caf::actor_config& cfg, actors::reactor& home, shard& own);
  const char* name() const override { return "sake.router"; }

  /// The handler actors, by endpoint. Constant. Safe from any thread.
  [[nodiscard]] const std::vector<caf::strong_actor_ptr>& handlers() const noexcept {
    return handlers_;
  }

private:
  void receive(caf::mailbox_element_ptr& message) override;
  void on_exit() override;

  shard& shard_;
  std::vector<caf::strong_actor_ptr> handlers_;
};

/// The actor of one route on one shard: answers a request by running the chain of the route, in the
/// sender's turn. Several requests may be under way at a time.
class handler_actor final : public reactor_actor {
public:
  handler_actor(caf::actor_config& cfg, actors::reactor& home, shard& own,
                const routing::endpoint& endpoint);
  const char* name() const override { return "sake.handler"; }

private:
  void receive(caf::mailbox_element_ptr& message) override;

  shard& shard_;
  const routing::endpoint& endpoint_;
  route_load& load_;
};

} // namespace sake::actors

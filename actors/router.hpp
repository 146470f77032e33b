// Finds the route of a request and passes it on.
#pragma once

#include <sake/actors/reactor_actor.hpp>

#include <vector>

namespace sake::actors {

class shard;

/// Finds the route of a request, passes the message on to the handler actor of that route, and
/// steps aside: the response goes straight to whoever sent the request. One per shard.
class router final : public reactor_actor {
public:
  router(caf::actor_config& cfg, actors::reactor& home, shard& own);
  const char* name() const override { return "sake.router"; }

  /// The handler actors, by plan. They never change. Safe from any thread.
  [[nodiscard]] const std::vector<caf::strong_actor_ptr>& handlers() const noexcept {
    return handlers_;
  }

private:
  void receive(caf::mailbox_element_ptr& message) override;
  void on_exit() override;

  shard& shard_;
  std::vector<caf::strong_actor_ptr> handlers_;
};

} // namespace sake::actors

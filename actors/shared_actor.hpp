// The supervisor of an actor that answers all requests of its route.
#pragma once

#include <sake/actors/route_state.hpp>
#include <sake/actors/supervisor.hpp>

#include <vector>

namespace sake::actors {

/// The supervisor of an actor that answers all requests of its route. Every shard knows whom to
/// send them to (`route_state::answering`): the actor itself, so that a request takes no detour, or
/// this supervisor while there is none.
class shared_actor final : public supervisor {
public:
  shared_actor(caf::actor_config& cfg, actors::reactor& home, const detail::actor_factory& factory,
               const routing::plan& plan, route_state& state);
  const char* name() const override { return "sake.shared_actor"; }

  /// Has one more shard told whom to send requests to. Before its reactor runs, in the order of the
  /// reactors.
  void serve(actors::reactor& shard);

private:
  supervised_actor* find(const http::request&) override { return &actor_; }
  supervised_actor* find_known(std::string_view) override { return &actor_; }
  void direct(const caf::strong_actor_ptr& actor) override;
  void end_actors() override { actor_.shut_down(); }
  [[nodiscard]] caf::strong_actor_ptr answering(const caf::strong_actor_ptr& actor);

  std::vector<actors::reactor*> shards_;
  supervised_actor actor_;
};

} // namespace sake::actors

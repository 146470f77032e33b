#include <sake/actors/shared_actor.hpp>

#include <cstddef>

namespace sake::actors {

shared_actor::shared_actor(caf::actor_config& cfg, actors::reactor& home,
                           const detail::actor_factory& factory, const routing::plan& plan,
                           route_state& state)
    : supervisor(cfg, home, factory, plan, state),
      actor_(*this, {}, supervised_actor::filling::at_once, &state.begun) {}

void shared_actor::serve(actors::reactor& shard) {
  if (shards_.empty())
    actor_.fill();
  shards_.push_back(&shard);
  state().answering.push_back(answering(actor_.actor()));
}

caf::strong_actor_ptr shared_actor::answering(const caf::strong_actor_ptr& actor) {
  return actor != nullptr ? actor : caf::strong_actor_ptr{ctrl()};
}

void shared_actor::direct(const caf::strong_actor_ptr& actor) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& known = state().answering[i];
    if (shards_[i]->is_here())
      known = answering(actor);
    else
      shards_[i]->post([&known, whom = answering(actor)] { known = whom; });
  }
}

} // namespace sake::actors

#include "spawning_layer.hpp"

#include "../../request/exchange.hpp"
#include "../../request/shard.hpp"
#include "../route_actors.hpp"
#include "../supervisor.hpp"

#include <cstddef>
#include <utility>

namespace sake::actors::detail {

std::shared_ptr<const routing::layer> make_spawning_layer(actor_factory factory,
                                                          bool is_placeable) {
  return std::make_shared<spawning_layer>(std::move(factory), is_placeable);
}

void spawning_layer::open(routing::chain_host& host, const routing::endpoint& of) const {
  auto& own = static_cast<shard&>(host);
  auto& actors = own.actors_of(of);
  auto& supervisors = actors.supervisors;
  switch (of.actors.what) {
    case routing::actor_use::kind::shared: {
      if (supervisors.empty()) {
        supervisors.push_back(
            spawn_on<supervisor>(own.reactor(), own.runtime_observers(), factory_, of, actors));
        own.keep(supervisors.front());
      }
      static_cast<supervisor&>(*supervisors.front()->get()).serve(own.reactor());
      break;
    }
    case routing::actor_use::kind::per_request:
      break;
    case routing::actor_use::kind::keyed:
      supervisors.push_back(
          spawn_on<supervisor>(own.reactor(), own.runtime_observers(), factory_, of, actors));
      own.keep(supervisors.back());
      break;
  }
}

void spawning_layer::act(context& ctx) const {
  auto& asking = static_cast<exchange&>(ctx);
  auto& here = asking.home().reactor();
  auto& actors = asking.home().actors_of(asking.endpoint());
  const auto& use = asking.endpoint().actors;
  switch (use.what) {
    case routing::actor_use::kind::shared:
      asking.delegate(actors.answering[here.index()],
                      {.supervisor = actors.supervisors.front(), .begun = &actors.begun});
      break;
    case routing::actor_use::kind::per_request:
      // Only its own work refers to the actor from now on: it ends with that, or with the request.
      asking.delegate(factory_(here.system(), {actors.place, actors.load, {}}), {.is_own = true});
      break;
    case routing::actor_use::kind::keyed: {
      const std::size_t owner = actors.key_hash(ctx.param(use.key));
      const auto& supervisor = actors.supervisors[owner % actors.supervisors.size()];
      asking.delegate(supervisor, {.supervisor = supervisor});
      break;
    }
  }
}

} // namespace sake::actors::detail

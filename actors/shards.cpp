#include "shards.hpp"

#include "reactor/reactor_actor.hpp"
#include "request/router.hpp"

#include <utility>

namespace sake::actors {

// Connections past the limit that get a 503 at a time; further ones are closed without a response.
constexpr std::size_t max_refused = 256;

shards::shards(const shards_setup& setup)
    : loads_(std::make_unique<route_load[]>(setup.routes.endpoints().size())),
      actors_of_(setup.routes.endpoints().size()),
      connections_{setup.max_connections, max_refused},
      clock_(setup.time),
      shared_{setup.system, setup.settings,    setup.routes,
              loads_.get(), actors_of_.data(), setup.pool} {
  make_actors(setup.key_hash);
  assign_places(setup);
}

shards::~shards() = default;

void shards::make_actors(const detail::keyed_hash& key_hash) {
  const auto& endpoints = shared_.routes.endpoints();
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    if (!endpoints[i].layers.back()->spawns())
      continue;
    if (const auto of = endpoints[i].actors_of) {
      actors_of_[i] = actors_of_[*of];
      continue;
    }
    auto& made = *route_actors_.emplace_back(std::make_unique<route_actors>());
    made.load = &loads_[i];
    made.key_hash = key_hash;
    actors_of_[i] = &made;
  }
}

void shards::assign_places(const shards_setup& setup) {
  const auto& endpoints = shared_.routes.endpoints();
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto& endpoint = endpoints[i];
    const bool is_scheduled = endpoint.place.where == routing::placement::kind::scheduler;
    if (!endpoint.layers.back()->is_actor())
      loads_[i].place = setup.place_of(endpoint.place);
    else if (endpoint.actors_of || actors_of_[i] == nullptr)
      continue;
    else if (is_scheduled)
      actors_of_[i]->place = nullptr; // CAF's scheduler knows actors itself
    else if (auto* const place = setup.place_of(endpoint.place))
      actors_of_[i]->place = place;
  }
}

shard& shards::add(observers watchers) {
  auto& added = *all_.emplace_back(
      std::make_unique<shard>(shared_, all_.size(), clock_, std::move(watchers)));
  added.route_by(spawn_on<router>(added.reactor(), added));
  for (const auto& endpoint : shared_.routes.endpoints())
    if (!endpoint.actors_of)
      endpoint.layers.back()->open(added, endpoint);
  return added;
}

void shards::close() {
  for (const auto& each : all_)
    each->close();
}

void shards::retire() {
  // Actors of one shard may refer to another shard.
  for (const auto& each : all_)
    each->retire();
  for (const auto& each : route_actors_) {
    each->supervisors.clear();
    each->answering.clear();
  }
}

} // namespace sake::actors

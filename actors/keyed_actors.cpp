#include <sake/actors/keyed_actors.hpp>

namespace sake::actors {

keyed_actors::keyed_actors(caf::actor_config& cfg, actors::reactor& home,
                           const detail::actor_factory& factory, const routing::plan& plan,
                           actor_place place)
    : supervisor(cfg, home, factory, plan, place) {}

keyed_actors::~keyed_actors() = default;

supervised_actor& keyed_actors::find(const http::request& request) {
  const auto key = request.param(use().key);
  const auto now = home().now();
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    found->second->asked = now;
    return found->second->actor;
  }
  if (entries_.size() >= use().most)
    let_go_of_last();
  if (entries_.empty())
    home().arm(*this, now + use().idle);
  entry& added = entries_.emplace_front(*this, key, now);
  by_key_.emplace(added.actor.key(), entries_.begin());
  return added.actor;
}

supervised_actor* keyed_actors::find_known(std::string_view key) {
  const auto found = by_key_.find(key);
  return found != by_key_.end() ? &found->second->actor : nullptr;
}

void keyed_actors::expired(time_point now) {
  while (!entries_.empty() && entries_.back().asked + use().idle <= now)
    let_go_of_last();
  if (!entries_.empty())
    home().arm(*this, entries_.back().asked + use().idle);
}

void keyed_actors::let_go_of_last() {
  by_key_.erase(entries_.back().actor.key());
  entries_.pop_back();
}

void keyed_actors::end_actors() {
  home().disarm(*this);
  for (auto& each : entries_)
    each.actor.shut_down();
  by_key_.clear();
  entries_.clear();
}

} // namespace sake::actors

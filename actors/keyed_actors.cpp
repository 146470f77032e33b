#include <sake/actors/keyed_actors.hpp>

#include <iterator>

namespace sake::actors {

namespace {

// Actors that are in use, and passed over, in the search for one that can go.
constexpr int most_passed_over = 64;

} // namespace

keyed_actors::keyed_actors(caf::actor_config& cfg, actors::reactor& home,
                           const detail::actor_factory& factory, const routing::plan& plan,
                           route_state& state)
    : supervisor(cfg, home, factory, plan, state), by_key_(0, state.key_hash) {}

keyed_actors::~keyed_actors() = default;

supervised_actor* keyed_actors::find(const http::request& request) {
  const auto key = request.param(use().key);
  const auto now = home().now();
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    touch(found->second, now);
    return &found->second->actor;
  }
  if (entries_.size() >= use().most && !make_room(now))
    return nullptr;
  if (entries_.empty())
    home().arm(*this, time_after(now, use().idle));
  entry& added = entries_.emplace_front(*this, key, now);
  by_key_.emplace(added.actor.key(), entries_.begin());
  return &added.actor;
}

supervised_actor* keyed_actors::find_known(std::string_view key) {
  const auto found = by_key_.find(key);
  return found != by_key_.end() ? &found->second->actor : nullptr;
}

void keyed_actors::touch(entries::iterator which, time_point now) {
  entries_.splice(entries_.begin(), entries_, which);
  which->asked = now;
}

// One that is in use has its time anew.
void keyed_actors::expired(time_point now) {
  while (!entries_.empty() && time_after(entries_.back().asked, use().idle) <= now)
    if (entries_.back().actor.is_in_use())
      touch(std::prev(entries_.end()), now);
    else
      let_go_of_last();
  if (!entries_.empty())
    home().arm(*this, time_after(entries_.back().asked, use().idle));
}

bool keyed_actors::make_room(time_point now) {
  for (int i = 0; i < most_passed_over && entries_.back().actor.is_in_use(); ++i)
    touch(std::prev(entries_.end()), now);
  if (entries_.back().actor.is_in_use())
    return false;
  let_go_of_last();
  return true;
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

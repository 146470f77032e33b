#include <sake/actors/keyed_actors.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/reject.hpp>
#include <sake/actors/messages.hpp>

#include <utility>

namespace sake::actors {

keyed_actors::keyed_actors(caf::actor_config& cfg, actors::reactor& home,
                           const detail::actor_factory& factory, const routing::actor_use& use,
                           actor_place place)
    : reactor_actor(cfg, home), factory_(factory), use_(use), place_(place) {}

keyed_actors::~keyed_actors() = default;

void keyed_actors::receive(caf::mailbox_element_ptr message) {
  auto* const request = detail::value_of<http::request>(*message);
  if (request == nullptr) {
    detail::reject(*message);
    return;
  }
  const auto whom = find(request->param(use_.key)).actor;
  whom->enqueue(std::move(message), &home());
}

keyed_actors::entry& keyed_actors::find(std::string_view key) {
  const auto now = home().now();
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    entry& known = *found->second;
    entries_.splice(entries_.begin(), entries_, found->second);
    known.asked = now;
    // One that died is followed by another.
    if (known.actor->get()->getf(caf::abstract_actor::is_terminated_flag))
      known.actor = factory_(home().system(), place_);
    return known;
  }
  if (entries_.size() >= use_.most)
    let_go_of_last();
  if (entries_.empty())
    home().arm(*this, now + use_.idle);
  entries_.push_front({std::string{key}, factory_(home().system(), place_), now});
  by_key_.emplace(entries_.front().key, entries_.begin());
  return entries_.front();
}

void keyed_actors::expired(time_point now) {
  while (!entries_.empty() && entries_.back().asked + use_.idle <= now)
    let_go_of_last();
  if (!entries_.empty())
    home().arm(*this, entries_.back().asked + use_.idle);
}

void keyed_actors::let_go_of_last() {
  by_key_.erase(entries_.back().key);
  entries_.pop_back();
}

void keyed_actors::on_exit() {
  home().disarm(*this);
  by_key_.clear();
  entries_.clear();
}

} // namespace sake::actors

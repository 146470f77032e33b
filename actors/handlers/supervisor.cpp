#include "supervisor.hpp"

#include "../../routing/request_facts.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/detail/reject.hpp"
#include "../reactor/messages.hpp"
#include "../request/reply_channel.hpp"
#include "failure_note.hpp"

#include <chrono>
#include <iterator>
#include <mutex>
#include <utility>

namespace sake::actors {

namespace {

// Actors in use that the search for an idle one skips at most: it runs on the reactor. Skipped ones
// count as just used, so that the next search continues with the others.
constexpr int max_passed_over = 64;

} // namespace

/// Receives the ends of actors, on any thread. Actors may outlive the supervisor and its reactor,
/// so the supervisor detaches from it when it ends.
struct supervisor::exit_listener {
  std::mutex lock;
  supervisor* owner;
};

supervisor::entry::entry(supervisor& by, std::string_view key, child::start_mode when,
                         time_point now)
    : child(by, by.home(), by.endpoint_, std::string{key}, when,
            by.is_keyed() ? nullptr : &by.own_.begun),
      asked(now) {}

supervisor::supervisor(caf::actor_config& cfg, actors::reactor& home,
                       const runtime_observers& observers, const detail::actor_factory& factory,
                       const routing::endpoint& endpoint, route_actors& own)
    : reactor_actor(cfg, home),
      observers_(observers),
      factory_(factory),
      endpoint_(endpoint),
      own_(own),
      listener_(std::make_shared<exit_listener>()),
      by_key_(0, own.key_hash) {
  listener_->owner = this;
  if (!is_keyed())
    add({}, child::start_mode::at_once, home.now());
}

supervisor::~supervisor() = default;

bool supervisor::is_keyed() const noexcept {
  return endpoint_.actors.what == routing::actor_use::kind::keyed;
}

// -- for children -----------------------------------------------------------------------

caf::strong_actor_ptr supervisor::make_actor(std::string_view key) {
  auto made = factory_(home().system(), {own_.place, own_.load, key});
  made->get()->attach_functor(
      [listener = listener_, key = std::string{key}, id = made->id(),
       note = dynamic_cast<failure_note*>(made->get())](const caf::error& reason) {
        const std::lock_guard guard{listener->lock};
        auto* const to = listener->owner;
        if (to == nullptr)
          return;
        const auto at = note != nullptr ? note->failed_at : std::nullopt;
        to->home().post([to, key, id, reason, at] { to->hear_end(key, id, reason, at); });
      });
  return made;
}

bool supervisor::begin_wait() noexcept {
  if (waiting_ == max_waiting)
    return false;
  ++waiting_;
  return true;
}

void supervisor::report_failure(std::string_view key, std::string_view why,
                                const std::optional<failed_request>& at,
                                std::initializer_list<log_field> more) const {
  for (const auto& each : observers_)
    each->on_actor_failed({endpoint_.name, key}, why);
  std::vector<log_field> facts{{"error", why}};
  facts.insert(facts.end(), more);
  if (!key.empty())
    facts.emplace_back("key", key);
  if (at)
    routing::add_request_facts(facts, at->request, at->origin.endpoint->name, at->origin.id());
  else
    facts.emplace_back("route", endpoint_.name);
  log_event(log_level::error, "actor failed", facts);
}

// -- an actor for all requests ------------------------------------------------------------

void supervisor::serve(actors::reactor& shard) {
  auto& only = entries_.front().child;
  if (shards_.empty())
    only.fill();
  shards_.push_back(&shard);
  own_.answering.push_back(answering(only.actor()));
}

caf::strong_actor_ptr supervisor::answering(const caf::strong_actor_ptr& actor) {
  return actor != nullptr ? actor : caf::strong_actor_ptr{ctrl()};
}

void supervisor::direct(const caf::strong_actor_ptr& actor) {
  for (std::size_t i = 0; i < shards_.size(); ++i) {
    auto& known = own_.answering[i];
    if (shards_[i]->is_here())
      known = answering(actor);
    else
      shards_[i]->post([&known, whom = answering(actor)] { known = whom; });
  }
}

// -- messages -----------------------------------------------------------------------------

void supervisor::receive(caf::mailbox_element_ptr& message) {
  const auto* const sent = tracked(*message);
  if (sent == nullptr)
    detail::reject(*message);
  else if (auto* const found = find(sent->request()))
    found->take(std::move(message));
  else
    refuse_request(*message, std::chrono::seconds{1}, home());
}

void supervisor::hear_end(const std::string& key, caf::actor_id who, const caf::error& reason,
                          const std::optional<failed_request>& at) {
  auto* const known = find_known(key);
  // A released actor may continue to work, and fail.
  if ((known == nullptr || !known->ended(who, reason, at)) && detail::is_failure(reason))
    report_failure(key, detail::reason_text(home().system(), reason), at, {});
}

void supervisor::on_exit() {
  {
    const std::lock_guard guard{listener_->lock};
    listener_->owner = nullptr;
  }
  home().disarm(*this);
  for (auto& each : entries_)
    each.child.shut_down();
  by_key_.clear();
  entries_.clear();
}

// -- children -----------------------------------------------------------------------------

child& supervisor::add(std::string_view key, child::start_mode when, time_point now) {
  entry& added = entries_.emplace_front(*this, key, when, now);
  by_key_.emplace(added.child.key(), entries_.begin());
  return added.child;
}

child* supervisor::find(const http::request& request) {
  if (!is_keyed())
    return find_known({});
  const auto& use = endpoint_.actors;
  const auto key = request.param(use.key);
  const auto now = home().now();
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    touch(found->second, now);
    return &found->second->child;
  }
  if (entries_.size() >= use.most && !make_room(now))
    return nullptr;
  if (entries_.empty())
    home().arm(*this, time_after(now, use.idle));
  return &add(key, child::start_mode::at_request, now);
}

child* supervisor::find_known(std::string_view key) {
  const auto found = by_key_.find(key);
  return found != by_key_.end() ? &found->second->child : nullptr;
}

void supervisor::touch(entries::iterator which, time_point now) {
  entries_.splice(entries_.begin(), entries_, which);
  which->asked = now;
}

// An actor in use gets another idle period.
void supervisor::expired(time_point now) {
  const auto idle = endpoint_.actors.idle;
  while (!entries_.empty() && time_after(entries_.back().asked, idle) <= now)
    if (entries_.back().child.is_in_use())
      touch(std::prev(entries_.end()), now);
    else
      release_last();
  if (!entries_.empty())
    home().arm(*this, time_after(entries_.back().asked, idle));
}

bool supervisor::make_room(time_point now) {
  for (int i = 0; i < max_passed_over && entries_.back().child.is_in_use(); ++i)
    touch(std::prev(entries_.end()), now);
  if (entries_.back().child.is_in_use())
    return false;
  release_last();
  return true;
}

void supervisor::release_last() {
  by_key_.erase(entries_.back().child.key());
  entries_.pop_back();
}

} // namespace sake::actors

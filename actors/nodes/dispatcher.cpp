#include "dispatcher.hpp"

#include "../reactor/detail/failure.hpp"
#include "../reactor/log.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sake::actors::nodes {

namespace {

using namespace std::chrono_literals;

// Octets of pieces under way on one link, in each direction: with more, short frames would wait
// behind them (docs/decisions/0035-nodes.md).
constexpr std::size_t link_window = 256 * 1024;

// How often requests that wait for a node look for one: another reactor may have made room.
constexpr auto queue_interval = 2ms;

// How often nodes may refuse a request, and how long it waits after the first time; doubled after
// each further one.
constexpr unsigned max_refusals = 8;
constexpr auto refusal_pause = 2ms;

// The part of an attempt's number that tells its link.
constexpr unsigned slot_shift = 44;

} // namespace

dispatcher::dispatcher(shard& own, const dispatcher_setup& setup)
    : shard_(own),
      setup_(setup),
      is_told_(own.routes().endpoints().size()),
      begun_(own.reactor().exact_now()) {}

dispatcher::~dispatcher() = default;

// -- links ----------------------------------------------------------------------------

dispatcher::connected* dispatcher::find(const peer& which) noexcept {
  const auto at =
      std::ranges::find(connected_, &which, [](const connected& c) { return c.with.get(); });
  return at == connected_.end() ? nullptr : &*at;
}

void dispatcher::open(const std::shared_ptr<peer>& with) {
  connected added{with, ++last_slot_, {}, false};
  const auto count = with->lane_count();
  const auto window = std::max(link_window / setup_.reactors, max_piece);
  for (std::size_t number = shard_.reactor().index(); number < count; number += setup_.reactors)
    added.lanes.push_back(std::make_unique<lane>(
        shard_, with, static_cast<std::uint16_t>(number), window, setup_.credit, setup_.load,
        static_cast<call_client::placer&>(*this), number == 0 ? setup_.control : nullptr));
  if (is_draining_)
    for (const auto& each : added.lanes)
      each->serving().drain();
  connected_.push_back(std::move(added));
}

void dispatcher::up(const peer& with, const std::shared_ptr<link>& over) {
  auto* const at = find(with);
  if (at == nullptr)
    return;
  for (const auto& each : at->lanes)
    each->output().open(over);
  at->is_up = true;
  serve_queue();
}

void dispatcher::close(const peer& with) {
  auto* const at = find(with);
  if (at == nullptr)
    return;
  const auto gone = std::move(*at);
  connected_.erase(connected_.begin() + (at - connected_.data()));
  for (const auto& each : gone.lanes)
    each->client().on_down();
  serve_queue();
}

void dispatcher::drain() {
  is_draining_ = true;
  for (const auto& each : connected_)
    for (const auto& lane : each.lanes)
      lane->serving().drain();
}

void dispatcher::send(const peer& to, frame_kind kind, std::string_view content) {
  if (auto* const at = find(to); at != nullptr && at->is_up)
    at->lanes.front()->output().add(kind, 0, content);
}

void dispatcher::receive(peer& from, const envelope& what) {
  const reactor::turn now{shard_.reactor()};
  auto* const at = find(from);
  const auto index = what.lane / setup_.reactors;
  if (at != nullptr && index < at->lanes.size())
    at->lanes[index]->receive(what.frames);
}

// -- requests -------------------------------------------------------------------------

// Among the nodes with room, the one with the least load relative to its workers.
dispatcher::connected* dispatcher::choose(std::size_t endpoint, const peer* except) noexcept {
  connected* best = nullptr;
  double least = 0;
  for (std::size_t i = 0; i < connected_.size(); ++i) {
    auto& each = connected_[(first_choice_ + i) % connected_.size()];
    const auto& node = *each.with;
    if (&node == except || !each.is_up || !node.takes_work() || !node.has_route(endpoint)
        || !node.has_room())
      continue;
    const auto load = node.relative_load();
    if (best == nullptr || load < least) {
      best = &each;
      least = load;
    }
  }
  return best;
}

bool dispatcher::has_any(std::size_t endpoint) const noexcept {
  return std::ranges::any_of(connected_, [endpoint](const connected& each) {
    return each.is_up && each.with->takes_work() && each.with->has_route(endpoint);
  });
}

node_dispatcher::decision dispatcher::dispatch(remote_run& who, const executor& place) {
  const bool has_workers = setup_.role != node_role::front;
  if (setup_.role == node_role::worker || (connected_.empty() && has_workers)
      || (has_workers && place.load() < place.width()))
    return decision::here;
  const auto endpoint = shard_.index_of(who.by().endpoint());
  who.refusals = 0;
  if (!who.by().may_travel()) {
    note_stuck(endpoint);
    return decision::here;
  }
  const auto* const best = choose(endpoint, nullptr);
  if (has_workers) {
    const auto own = static_cast<double>(place.load()) / static_cast<double>(place.width());
    if (best == nullptr || best->with->relative_load() >= own)
      return decision::here;
  }
  if (best != nullptr && give(who, endpoint))
    return decision::taken;
  if (has_workers)
    return decision::here;
  if ((!has_any(endpoint) && !has_just_begun()) || waiting_.size() >= setup_.max_queued)
    return decision::refused;
  queue(who);
  return decision::taken;
}

// Whether the nodes that this one is to join may not have been reached yet.
bool dispatcher::has_just_begun() const noexcept {
  return shard_.reactor().exact_now() - begun_ < setup_.patience;
}

bool dispatcher::give(remote_run& who, std::size_t endpoint, const peer* except) {
  while (auto* const to = choose(endpoint, except)) {
    if (!to->with->enter())
      continue; // another reactor was faster, or the node takes no work any more
    ++first_choice_;
    const auto number = std::uint64_t{to->slot} << slot_shift | ++last_attempt_;
    to->lanes.front()->client().begin(who, number, *to->with);
    return true;
  }
  return false;
}

void dispatcher::on_refused(remote_run& who, const peer& by) {
  if (++who.refusals < max_refusals)
    place(who, &by);
  else if (setup_.role != node_role::front)
    who.send_home();
  else
    who.refuse();
}

void dispatcher::place(remote_run& who, const peer* except) {
  const auto endpoint = shard_.index_of(who.by().endpoint());
  try {
    if (give(who, endpoint, except))
      return;
    if (setup_.role != node_role::front)
      who.send_home();
    else if (waiting_.size() < setup_.max_queued)
      queue(who);
    else
      who.refuse();
  } catch (...) {
    detail::log_exception("a request for another node");
    who.lose();
  }
}

void dispatcher::call_off(remote_run& who) noexcept {
  if (who.attempt == 0) {
    if (std::erase_if(waiting_, [&who](const queued& each) { return each.who == &who; }) != 0)
      who.drop_owner();
    return;
  }
  const auto slot = static_cast<std::uint16_t>(who.attempt >> slot_shift);
  const auto at = std::ranges::find(connected_, slot, &connected::slot);
  if (at != connected_.end())
    at->lanes.front()->client().call_off(who.attempt);
}

void dispatcher::note_stuck(std::size_t endpoint) {
  if (is_told_[endpoint])
    return;
  is_told_[endpoint] = true;
  log_event(log_level::warning,
            "a value that middleware has set does not travel, so the route runs on this node only; "
            "set it by ctx.set_travelling",
            {{"route", shard_.routes().endpoints()[endpoint].name}});
}

// -- requests that wait for a node ------------------------------------------------------

void dispatcher::queue(remote_run& who) {
  const auto now = shard_.reactor().exact_now();
  waiting_.push_back({&who, now});
  who.add_owner();
  if (!is_armed())
    shard_.reactor().arm(*this, time_after(now, queue_interval));
}

void dispatcher::on_room() {
  if (!waiting_.empty())
    serve_queue();
}

void dispatcher::serve_queue() {
  for (auto left = waiting_.size(); left != 0 && !waiting_.empty(); --left) {
    const auto next = waiting_.front();
    waiting_.pop_front();
    if (!serve_queued(next))
      waiting_.push_back(next);
  }
}

// Returns whether the request waits no longer.
bool dispatcher::serve_queued(const queued& next) {
  const auto endpoint = shard_.index_of(next.who->by().endpoint());
  const auto refusals = next.who->refusals;
  if (refusals != 0
      && shard_.reactor().exact_now() - next.since < refusal_pause * (1U << (refusals - 1)))
    return false;
  try {
    if (!give(*next.who, endpoint)) {
      const auto waited = shard_.reactor().exact_now() - next.since;
      if (waited < setup_.patience || has_any(endpoint))
        return false;
      next.who->refuse();
    }
  } catch (...) {
    detail::log_exception("a request for another node");
    next.who->lose();
  }
  next.who->drop_owner();
  return true;
}

void dispatcher::expired(time_point now) {
  const reactor::turn in{shard_.reactor()};
  serve_queue();
  if (!waiting_.empty())
    shard_.reactor().arm(*this, time_after(now, queue_interval));
}

} // namespace sake::actors::nodes

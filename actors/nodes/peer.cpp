#include "peer.hpp"

#include <algorithm>
#include <utility>

namespace sake::actors::nodes {

namespace {

// A node that answers within this time has little that waits.
constexpr std::chrono::milliseconds soon{5};

// Requests under way that keep the workers of a node at work.
std::uint32_t least_room(std::uint32_t credit, std::uint32_t width) noexcept {
  return std::min(credit, 2 * width);
}

} // namespace

peer::peer(introduction who, const routing::route_map& routes, const std::vector<lane_end>& lanes,
           peer_listener& by, reactor& home)
    : facts_(std::move(who)),
      lanes_(lanes),
      listener_(by),
      home_(home),
      has_route_(routes.endpoints().size()),
      width_(facts_.width),
      room_(least_room(facts_.credit, facts_.width)),
      last_heard_(home.exact_now()) {
  if (facts_.role == node_role::front || facts_.width == 0)
    return;
  for (const auto id : facts_.routes)
    if (const auto own = routes.find_id(id); own && routes.may_run_elsewhere(*own))
      has_route_[*own] = true;
}

std::size_t peer::lane_count() const noexcept {
  return std::max<std::size_t>(lanes_.size(), facts_.reactors);
}

// Counts first and looks then, as the membership looks at the count once the peer takes no work: so
// no request comes to a link that is cut because it has none.
bool peer::enter() noexcept {
  auto now = under_way();
  while (now < room_.load(std::memory_order_relaxed))
    if (under_way_.compare_exchange_weak(now, now + 1)) {
      if (!takes_work_.load()) {
        leave();
        return false;
      }
      given_since_.fetch_add(1, std::memory_order_relaxed);
      return true;
    }
  return false;
}

// Of two changes at a time one may be lost.
void peer::note_response(time_point::duration taken) noexcept {
  const auto room = room_.load(std::memory_order_relaxed);
  if (taken > soon)
    room_.store(std::max(room - room / 8, least_room(facts_.credit, width())),
                std::memory_order_relaxed);
  else if (room < facts_.credit && under_way() >= room / 2)
    room_.store(room + 1, std::memory_order_relaxed);
}

void peer::on_up() noexcept {
  home_.post([self = shared_from_this()] { self->listener_.on_up(*self); });
}

void peer::on_envelope(envelope what) noexcept {
  last_heard_.store(home_.exact_now(), std::memory_order_relaxed);
  load_.store(what.load, std::memory_order_relaxed);
  given_since_.store(0, std::memory_order_relaxed);
  const auto& to = lanes_[what.lane % lanes_.size()];
  to.home->post(
      [self = shared_from_this(), to, what = std::move(what)] { to.sink->receive(*self, what); });
}

void peer::on_down() noexcept {
  home_.post([self = shared_from_this()] { self->listener_.on_down(*self); });
}

} // namespace sake::actors::nodes

// Another node, as the reactors of this one see it.
#pragma once

#include "../../routing/route_map.hpp"
#include "../reactor/clock.hpp"
#include "../reactor/reactor.hpp"
#include "introduction.hpp"
#include "network.hpp"

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace sake::actors::nodes {

class peer;

/// Takes what another node sends to one reactor. Belongs to it.
class envelope_sink {
public:
  virtual void receive(peer& from, const envelope& what) = 0;

protected:
  ~envelope_sink() = default;
};

/// A reactor of this node, with what takes the envelopes for it.
struct lane_end {
  actors::reactor* home;
  envelope_sink* sink;
};

/// Hears of the link to a node. On the reactor of the membership.
class peer_listener {
public:
  virtual void on_up(peer& which) = 0;
  /// Once, the last call.
  virtual void on_down(peer& which) = 0;

protected:
  ~peer_listener() = default;
};

/// Another node, in one incarnation and over one link: its introduction, its load,
/// and the way of its envelopes to their reactors. Safe from any thread.
class peer final : public link_owner, public std::enable_shared_from_this<peer> {
public:
  /// The references must outlive the peer.
  /// @param lanes  by reactor, in order
  /// @param home  the reactor of `by`
  peer(introduction who, const routing::route_map& routes, const std::vector<lane_end>& lanes,
       peer_listener& by, reactor& home);

  [[nodiscard]] const introduction& facts() const noexcept { return facts_; }
  /// Whether it runs the handler of this endpoint for others.
  [[nodiscard]] bool has_route(std::size_t endpoint) const noexcept { return has_route_[endpoint]; }
  /// The number of lanes of its link: each node has at most one of its reactors on each.
  [[nodiscard]] std::size_t lane_count() const noexcept;

  // -- how busy it is -----------------------------------------------------------

  /// Whether it may be given work: set by the membership.
  void take_work(bool may) noexcept { takes_work_.store(may); }
  [[nodiscard]] bool takes_work() const noexcept {
    return takes_work_.load(std::memory_order_relaxed);
  }
  /// Whether one more request may be under way there.
  [[nodiscard]] bool has_room() const noexcept {
    return under_way() < room_.load(std::memory_order_relaxed);
  }
  /// Takes one of its places for requests.
  /// @returns false if none is left, or the peer takes no work
  [[nodiscard]] bool enter() noexcept;
  /// Gives one back.
  void leave() noexcept { under_way_.fetch_sub(1, std::memory_order_relaxed); }
  /// A response has come after `taken`: while responses come soon, more requests may be under way,
  /// up to the credit of the node; else two for each of its workers, so that no more wait there
  /// than must, and a lost node takes no more with it.
  void note_response(time_point::duration taken) noexcept;
  [[nodiscard]] std::uint32_t under_way() const noexcept { return under_way_.load(); }
  /// Tasks that it had when it last told, and those given to it since.
  [[nodiscard]] std::uint32_t load() const noexcept {
    return load_.load(std::memory_order_relaxed) + given_since_.load(std::memory_order_relaxed);
  }
  /// Its workers; 0: it runs nothing for others.
  [[nodiscard]] std::uint32_t width() const noexcept {
    return width_.load(std::memory_order_relaxed);
  }
  void set_width(std::uint32_t width) noexcept {
    width_.store(std::min(width, max_width), std::memory_order_relaxed);
  }
  /// Its load, by its workers.
  [[nodiscard]] double relative_load() const noexcept {
    return static_cast<double>(load()) / static_cast<double>(std::max(width(), 1U));
  }

  // -- signs of life --------------------------------------------------------------

  [[nodiscard]] time_point last_heard() const noexcept {
    return last_heard_.load(std::memory_order_relaxed);
  }

  // -- link_owner -----------------------------------------------------------------

  void on_up() noexcept override;
  void on_envelope(envelope what) noexcept override;
  void on_down() noexcept override;

private:
  const introduction facts_;
  const std::vector<lane_end>& lanes_;
  peer_listener& listener_;
  reactor& home_;
  std::vector<bool> has_route_;
  std::atomic<std::uint32_t> width_;
  std::atomic<bool> takes_work_{false};
  std::atomic<std::uint32_t> under_way_{0};
  /// How many may be.
  std::atomic<std::uint32_t> room_;
  std::atomic<std::uint32_t> load_{0};
  std::atomic<std::uint32_t> given_since_{0};
  std::atomic<time_point> last_heard_;
};

} // namespace sake::actors::nodes

// Where the `.worker()` handlers of one shard run: here or on another node.
#pragma once

#include "../reactor/deadline_wheel.hpp"
#include "../request/node_dispatcher.hpp"
#include "../request/shard.hpp"
#include "call_client.hpp"
#include "lane.hpp"
#include "node_settings.hpp"
#include "peer.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace sake::actors::nodes {

/// The shared part of the dispatchers of all shards.
struct dispatcher_setup {
  node_role role = node_role::both;
  /// The reactors of this node.
  std::size_t reactors = 1;
  /// Requests that another node may have under way here.
  std::size_t credit = 0;
  /// Requests of a front that wait for a node.
  std::size_t max_queued = 0;
  /// How long a request of a front waits while no node takes it.
  std::chrono::milliseconds patience{};
  /// Tasks queued or running here. Safe from any thread.
  std::function<std::uint32_t()> load;
  /// For lane 0.
  control_sink* control = nullptr;
};

/// Where the `.worker()` handlers of one shard run, here or on another node, and which requests of
/// other nodes run here. Belongs to the reactor of the shard.
class dispatcher final : public node_dispatcher,
                         public envelope_sink,
                         private call_client::placer,
                         private deadline {
public:
  /// Both arguments must outlive the dispatcher.
  dispatcher(shard& own, const dispatcher_setup& setup);
  dispatcher(const dispatcher&) = delete;
  dispatcher& operator=(const dispatcher&) = delete;
  ~dispatcher() override;

  // -- for the membership: each on the reactor of the shard -------------------------

  /// Takes what `with` sends.
  void open(const std::shared_ptr<peer>& with);
  /// Sends over `over` from now on.
  void up(const peer& with, const std::shared_ptr<link>& over);
  /// The link is down.
  void close(const peer& with);
  /// All links are down: the reactor has ended.
  void close_all() noexcept { connected_.clear(); }
  /// Begins no further work of other nodes.
  void drain();
  /// Sends a frame on the lane of this shard.
  void send(const peer& to, frame_kind kind, std::string_view content);

  // -- node_dispatcher --------------------------------------------------------------

  decision dispatch(remote_run& who, const executor& place) override;
  void call_off(remote_run& who) noexcept override;

  // -- envelope_sink ------------------------------------------------------------------

  void receive(peer& from, const envelope& what) override;

private:
  /// The lanes of a link that end here. This shard sends on the first.
  struct connected {
    std::shared_ptr<peer> with;
    /// Part of the numbers of its attempts.
    std::uint16_t slot = 0;
    /// Lane i has the number of the shard plus i times the number of reactors.
    std::vector<std::unique_ptr<lane>> lanes;
    bool is_up = false;
  };

  /// A request of a front that waits for a node, and since when.
  struct queued {
    remote_run* who;
    time_point since;
  };

  [[nodiscard]] connected* find(const peer& which) noexcept;
  /// `except`: a node that has refused the request; null: none.
  [[nodiscard]] connected* choose(std::size_t endpoint, const peer* except) noexcept;
  [[nodiscard]] bool has_any(std::size_t endpoint) const noexcept;
  [[nodiscard]] bool has_just_begun() const noexcept;
  bool give(remote_run& who, std::size_t endpoint, const peer* except = nullptr);
  void place_again(remote_run& who) override { place(who, nullptr); }
  void on_refused(remote_run& who, const peer& by) override;
  void place(remote_run& who, const peer* except);
  void on_room() override;
  void queue(remote_run& who);
  void serve_queue();
  bool serve_queued(const queued& next);
  void expired(time_point now) override;
  void note_stuck(std::size_t endpoint);

  shard& shard_;
  const dispatcher_setup& setup_;
  std::vector<connected> connected_;
  /// Where the next choice begins: among nodes with the same load each gets its turn.
  std::size_t first_choice_ = 0;
  std::uint16_t last_slot_ = 0;
  std::uint64_t last_attempt_ = 0;
  std::deque<queued> waiting_;
  /// By endpoint: whether the log has told that a value could not travel.
  std::vector<bool> is_told_;
  const time_point begun_;
  bool is_draining_ = false;
};

} // namespace sake::actors::nodes

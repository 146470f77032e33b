// One node among several: the parts of it, put together.
#pragma once

#include "../request/shard.hpp"
#include "dispatcher.hpp"
#include "membership.hpp"
#include "network.hpp"
#include "node_info.hpp"
#include "node_settings.hpp"
#include "peer.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

namespace sake::actors::nodes {

/// The arguments of a cluster. Everything that is referred to must outlive it.
struct cluster_setup {
  const node_settings& settings;
  const routing::route_map& routes;
  /// The shards of the node; not running yet.
  std::vector<shard*> shards;
  network& net;
  name_resolver* names = nullptr;
  /// The workers, and the tasks queued or running for them. Safe from any thread.
  std::function<std::size_t()> workers = [] { return std::size_t{1}; };
  std::function<std::uint32_t()> load;
  /// Requests of a front that wait for a node, on each reactor.
  std::size_t max_queued = 1024;
  /// Random, new at each start of the process.
  std::uint64_t id = 0;
  /// Hears of every change. On the first reactor.
  std::function<void(const node_event&)> on_event{};
};

/// One node among several: its membership, and a dispatcher for each shard. The shards dispatch by
/// it from now on. Must be destroyed after the actor system, as the shards.
///
/// Safe from any thread but for the constructor, the destructor and `close`.
class cluster {
public:
  explicit cluster(cluster_setup setup);
  cluster(const cluster&) = delete;
  cluster& operator=(const cluster&) = delete;
  ~cluster();

  /// Accepts nodes, and looks for those to join, as soon as the reactors run.
  void start();
  /// Takes no further work of other nodes, and tells them.
  void drain();
  /// Tells the other nodes that this one ends, and calls `done`, on the first reactor, once all
  /// have closed their links, after a second at the latest.
  void leave(std::function<void()> done);
  /// Ends all links. After the shards have closed, and before they retire.
  void close() noexcept;

  /// This node, and every other that it knows.
  [[nodiscard]] std::vector<node_info> nodes() const { return membership_->nodes(); }

private:
  [[nodiscard]] introduction introduce_own() const;
  [[nodiscard]] reactor& home() const noexcept { return setup_.shards.front()->reactor(); }

  const cluster_setup setup_;
  dispatcher_setup shared_;
  std::vector<std::unique_ptr<dispatcher>> dispatchers_;
  std::vector<lane_end> lanes_;
  std::unique_ptr<membership> membership_;
};

} // namespace sake::actors::nodes

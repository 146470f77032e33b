// The shards of one engine, and their shared parts.
#pragma once

#include "../http/settings.hpp"
#include "../routing/placement.hpp"
#include "../routing/route_map.hpp"
#include "connection/connection_limit.hpp"
#include "handlers/detail/keyed_hash.hpp"
#include "handlers/route_actors.hpp"
#include "reactor/clock.hpp"
#include "reactor/observers.hpp"
#include "request/shard.hpp"
#include "workers/route_load.hpp"

#include <caf/fwd.hpp>

#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace sake::actors {

/// The arguments of `shards`. All referenced objects must outlive the shards.
struct shards_setup {
  caf::actor_system& system;
  const routing::route_map& routes;
  const http::settings& settings;
  /// Open connections; see `connection_limit`.
  std::size_t max_connections = connection_limit::default_max;
  /// For offloaded functions; null: they run on the reactor.
  executor* pool = nullptr;
  /// Returns the executor of a placement; null: the route runs on its reactor.
  std::function<executor*(const routing::placement&)> place_of;
  /// Needs a secret where untrusted clients choose keys.
  detail::keyed_hash key_hash{};
  const clock& time = clock::system();
};

/// The shards of one engine and their shared parts. The only place that assembles a shard, its
/// router, its handlers and the actors of its routes. Clock, transports and executors are seams.
///
/// Users' actors may refer to it until they end, so it must be destroyed after the actor system.
/// Belongs to the thread that makes it, except for members marked as safe from any thread.
class shards {
public:
  /// Sets the place of each route's handler, and prepares the actors of routes that spawn some.
  explicit shards(const shards_setup& setup);
  shards(const shards&) = delete;
  shards& operator=(const shards&) = delete;
  /// Closes and retires shards that have not retired.
  ~shards();

  /// Adds a shard. Must be called before any of them runs.
  /// @param watchers  kept as long as the shard
  /// @throws std::system_error  if no descriptor is left
  shard& add(observers watchers = {});

  /// The loads of the routes, in the order of their endpoints. Safe from any thread.
  [[nodiscard]] route_load* loads() const noexcept { return loads_.get(); }
  /// The limit on the open connections of all shards. Safe from any thread.
  [[nodiscard]] connection_limit& connections() noexcept { return connections_; }
  [[nodiscard]] const connection_limit& connections() const noexcept { return connections_; }

  /// Closes each shard: connections are closed, waiting requests are answered with 503. No reactor
  /// may run any more, and no worker may hold a request.
  void close();

  /// Releases the actors of the shards, after `close`; the reactors retire. Others may refer to the
  /// shards until the actor system is destroyed.
  void retire();

private:
  void assign_places(const shards_setup& setup);
  void make_actors(const detail::keyed_hash& key_hash);

  std::unique_ptr<route_load[]> loads_;
  std::vector<std::unique_ptr<route_actors>> route_actors_;
  /// By endpoint; null if the route spawns no actors.
  std::vector<route_actors*> actors_of_;
  connection_limit connections_;
  const clock& clock_;
  shared_parts shared_;
  std::vector<std::unique_ptr<shard>> all_;
};

} // namespace sake::actors

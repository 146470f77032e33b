// One reactor and its own share of everything.
#pragma once

#include <sake/actors/asker.hpp>
#include <sake/actors/executor.hpp>
#include <sake/actors/reactor.hpp>
#include <sake/http/head_memo.hpp>
#include <sake/http/settings.hpp>
#include <sake/routing/route_map.hpp>

#include <caf/intrusive_ptr.hpp>

#include <boost/intrusive/list.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <vector>

namespace sake::actors {

class connection;
class exchange;

/// Membership in a list that ends with the member.
template <class Tag>
using listed =
    boost::intrusive::list_base_hook<boost::intrusive::tag<Tag>,
                                     boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
struct open_connection_tag;
struct waiting_exchange_tag;
struct drain_listener_tag;

/// Somebody who is told that the engine begins to shut down. Belongs to the reactor of its shard.
class drain_listener : public listed<drain_listener_tag> {
public:
  /// Called once, then it does not listen any more.
  virtual void on_drain() noexcept = 0;

protected:
  drain_listener() = default;
  ~drain_listener() = default;
};

/// One reactor and its own share of everything: a router, the handler actors, the connections.
/// Shards have nothing in common but what never changes (settings, routes) and the executors.
/// Used on its reactor's thread, but for the constructor and the end.
class shard {
public:
  /// @param states  one for each plan of `routes`, which tell where handlers run
  /// @param pool  for offloaded functions; null: they run on the reactor
  /// @param open_connections  counts those of all shards
  shard(caf::actor_system& system, std::size_t index, const http::settings& config,
        const routing::route_map& routes, route_state* states, executor* pool,
        std::atomic<std::size_t>& open_connections, const clock& time = clock::system());
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;
  ~shard();

  [[nodiscard]] actors::reactor& reactor() noexcept { return reactor_; }
  [[nodiscard]] const http::settings& settings() const noexcept { return settings_; }
  [[nodiscard]] const routing::route_map& routes() const noexcept { return routes_; }
  [[nodiscard]] route_state& state_of(const routing::plan& plan) const noexcept {
    return states_[&plan - routes_.plans().data()];
  }
  [[nodiscard]] executor* pool() const noexcept { return pool_; }
  [[nodiscard]] actors::asker& asker() const noexcept;
  /// The router actor. Safe from any thread.
  [[nodiscard]] const caf::strong_actor_ptr& router() const noexcept { return router_; }

  /// The heads that came lately on this shard.
  [[nodiscard]] http::head_memo& memo() noexcept { return memo_; }

  // -- connections ----------------------------------------------------------------

  void add(connection& opened);
  void remove(connection& closed);
  [[nodiscard]] std::size_t connection_count() const noexcept { return connection_count_; }

  /// Closes idle connections, and the others behind their responses; calls `done`, if any, when the
  /// last is closed, at once where there is none. Those that open later are drained by another call.
  void drain(std::function<void()> done = {});

  /// Has `who` told when that begins, unless it goes before; not where it has begun.
  void listen(drain_listener& who) { drain_listeners_.push_back(who); }

  /// Whether that has begun. Safe from any thread.
  [[nodiscard]] bool is_draining() const noexcept {
    return is_draining_.load(std::memory_order_relaxed);
  }

  /// Closes every connection, whatever it waits for.
  void disconnect();

  /// Ends what is left: connections are closed, waiting requests let go. No worker has one of them.
  void close();

  /// Lets go of its actors, after `close`; its reactor retires. Others may refer to the shard until
  /// the actor system has gone.
  void retire();

  // -- requests that wait -----------------------------------------------------------

  void park(exchange& waiting);

private:
  actors::reactor reactor_;
  const http::settings& settings_;
  const routing::route_map& routes_;
  route_state* states_;
  executor* pool_;
  std::atomic<std::size_t>& open_connections_;
  caf::strong_actor_ptr asker_;
  caf::strong_actor_ptr router_;
  /// Those of actors that routes spawned, where they live here.
  std::vector<caf::strong_actor_ptr> supervisors_;
  boost::intrusive::list<connection, boost::intrusive::base_hook<listed<open_connection_tag>>,
                         boost::intrusive::constant_time_size<false>>
      connections_;
  boost::intrusive::list<exchange, boost::intrusive::base_hook<listed<waiting_exchange_tag>>,
                         boost::intrusive::constant_time_size<false>>
      waiting_;
  boost::intrusive::list<drain_listener, boost::intrusive::base_hook<listed<drain_listener_tag>>,
                         boost::intrusive::constant_time_size<false>>
      drain_listeners_;
  http::head_memo memo_;
  std::size_t connection_count_ = 0;
  std::function<void()> drained_;
  std::atomic<bool> is_draining_{false};
};

} // namespace sake::actors

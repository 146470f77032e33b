// One reactor with its router, handler actors and connections.
#pragma once

#include "../../http/http1/head_cache.hpp"
#include "../../http/settings.hpp"
#include "../../routing/route_map.hpp"
#include "../connection/request_sink.hpp"
#include "../reactor/listed.hpp"
#include "../reactor/observers.hpp"
#include "../reactor/reactor.hpp"
#include "../workers/executor.hpp"
#include "waiting_request.hpp"

#include <caf/actor_control_block.hpp>
#include <caf/fwd.hpp>

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace sake::actors {

class connection;
struct open_connection_tag;
struct route_actors;
struct route_load;

struct drain_listener_tag;

/// Is informed when the engine begins to shut down. Belongs to the reactor of its shard.
class drain_listener : public listed<drain_listener_tag> {
public:
  /// Called once; afterwards the listener is not registered any more.
  virtual void on_drain() noexcept = 0;

protected:
  drain_listener() = default;
  ~drain_listener() = default;
};

/// The shared parts of the shards of one engine. Constant while they run, except for the loads.
struct shared_parts {
  caf::actor_system& system;
  const http::settings& settings;
  const routing::route_map& routes;
  /// By endpoint of `routes`: the loads; the spawned actors, or null.
  route_load* loads;
  route_actors* const* actors;
  /// Runs offloaded functions; null: they run on the reactor.
  executor* pool;
};

class node_dispatcher;

/// One reactor with a router, the handler actors and the connections. Used on its reactor's thread,
/// except for the constructor, the calls before it runs, and the end.
class shard final : public request_sink, public routing::chain_host {
public:
  /// @param shared  outlives the shard
  shard(const shared_parts& shared, std::size_t index, const clock& time, observers watchers = {});
  shard(const shard&) = delete;
  shard& operator=(const shard&) = delete;
  ~shard();

  // -- before it runs ---------------------------------------------------------------

  /// Sends the requests of connections to `router`, which ends with the shard if it lives here.
  void route_by(caf::strong_actor_ptr router) { router_ = std::move(router); }

  /// Ends `own`, which lives here, with the shard.
  void keep(caf::strong_actor_ptr own) { kept_.push_back(std::move(own)); }

  /// Gives handlers to other nodes by `nodes`, which must outlive the shard.
  void use_nodes(node_dispatcher& nodes) noexcept { nodes_ = &nodes; }

  // -- its parts ----------------------------------------------------------------------

  [[nodiscard]] actors::reactor& reactor() noexcept { return reactor_; }
  [[nodiscard]] const http::settings& settings() const noexcept override {
    return shared_.settings;
  }
  [[nodiscard]] const http::access_observers& access_observers() const noexcept override {
    return observers_.access;
  }
  [[nodiscard]] bool has_access_observers() const noexcept { return !observers_.access.empty(); }
  [[nodiscard]] const actors::runtime_observers& runtime_observers() const noexcept {
    return observers_.runtime;
  }
  [[nodiscard]] const routing::route_map& routes() const noexcept { return shared_.routes; }
  [[nodiscard]] route_load& load_of(const routing::endpoint& endpoint) const noexcept;
  /// Only if the handler of `endpoint` spawns actors.
  [[nodiscard]] route_actors& actors_of(const routing::endpoint& endpoint) const noexcept {
    return *shared_.actors[index_of(endpoint)];
  }
  [[nodiscard]] executor* pool() const noexcept { return shared_.pool; }
  /// Null if this is the only node.
  [[nodiscard]] node_dispatcher* nodes() const noexcept { return nodes_; }
  /// The index of an endpoint of `routes`.
  [[nodiscard]] std::size_t index_of(const routing::endpoint& endpoint) const noexcept {
    return static_cast<std::size_t>(&endpoint - routes().endpoints().data());
  }
  /// The router actor. Safe from any thread.
  [[nodiscard]] const caf::strong_actor_ptr& router() const noexcept { return router_; }

  // -- connections ----------------------------------------------------------------

  /// HTTP/1.1 for every connection: the place to choose another, by ALPN or the first octets.
  [[nodiscard]] std::unique_ptr<http::protocol> make_protocol(
      http::protocol_events& events, const http::connection_start& known) override;
  void opened(connection& added) override;
  void closed(connection& gone) override;
  [[nodiscard]] http::content_rules rules_for(http::request& head) override;
  [[nodiscard]] std::string_view route_name(http::request& head) override;
  void dispatch(caf::mailbox_element_ptr request) override;
  [[nodiscard]] std::size_t connection_count() const noexcept {
    return connection_count_.load(std::memory_order_relaxed);
  }

  /// Closes idle connections at once, and the others after their responses. Calls `done`, if any,
  /// when the last is closed; at once if there is none. Connections that open later need another
  /// call.
  void drain(std::function<void()> done = {});

  /// Informs `who` when `drain` begins, unless `who` is destroyed before. Has no effect after that.
  void listen(drain_listener& who) { drain_listeners_.push_back(who); }

  /// Returns whether `drain` was called. Safe from any thread.
  [[nodiscard]] bool is_draining() const noexcept {
    return is_draining_.load(std::memory_order_relaxed);
  }

  /// Counts a request of another node, for which a drain waits as it does for connections.
  void enter_work() noexcept { ++work_of_others_; }
  void leave_work();

  /// Closes every connection at once.
  void disconnect();

  /// Closes connections, releases waiting requests, and ends the actors. No worker may hold one of
  /// the requests.
  void close();

  /// Releases its actors, after `close`; its reactor retires. Others may refer to the shard until
  /// the actor system is destroyed.
  void retire();

  // -- tasks on pools, for observers ------------------------------------------------------

  /// Tells observers when `task`, which is about to be submitted to `place`, has run. Safe from any
  /// thread.
  void watch(routing::work& task, const executor& place, const routing::endpoint& of) noexcept {
    if (!observers_.runtime.empty())
      watch_task(task, place, of);
  }
  /// Tells observers that `place`, or a limit before it, has refused a task. Safe from any thread.
  void note_refused(const executor& place, const routing::endpoint& of) noexcept;

  // -- requests that wait -----------------------------------------------------------

  void park(waiting_request& waiting) { waiting_.push_back(waiting); }

private:
  void watch_task(routing::work& task, const executor& place, const routing::endpoint& of) noexcept;
  void note_drained();
  [[nodiscard]] bool has_work() const noexcept {
    return connection_count() != 0 || work_of_others_ != 0;
  }

  const shared_parts& shared_;
  /// Declared before the parts that tell them.
  const observers observers_;
  actors::reactor reactor_;
  node_dispatcher* nodes_ = nullptr;
  caf::strong_actor_ptr router_;
  std::vector<caf::strong_actor_ptr> kept_;
  list_of<connection, open_connection_tag> connections_;
  list_of<waiting_request, waiting_request_tag> waiting_;
  list_of<drain_listener, drain_listener_tag> drain_listeners_;
  /// The heads that this reactor decoded recently.
  http::head_cache heads_;
  /// Written by the reactor only.
  std::atomic<std::size_t> connection_count_{0};
  std::size_t work_of_others_ = 0;
  std::function<void()> drained_;
  std::atomic<bool> is_draining_{false};
  bool has_retired_ = false;
};

} // namespace sake::actors

// The state of an engine.
#pragma once

#include "../actors/connection/socket_transport.hpp"
#include "../actors/reactor/observers.hpp"
#include "../actors/shards.hpp"
#include "../actors/workers/executors.hpp"
#include "../actors/workers/watchdog.hpp"
#include "../http/settings.hpp"
#include "../routing/registry.hpp"
#include "../routing/route_map.hpp"
#include "config/address.hpp"
#include "config/config.hpp"
#include "engine_actor_system.hpp"
#include "engine_node.hpp"
#include "graceful_shutdown.hpp"
#include "listening_sockets.hpp"
#include "live_changes.hpp"
#include "reactor_thread.hpp"
#include "signal_watch.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>
#include <unistd.h>

namespace sake {

/// The event loop of `wait`, and the parts that it runs. Clang 14 does not accept it as a nested
/// class.
struct control_loop {
  control_loop(const config& options, const address& bound, std::deque<reactor_thread>& reactors)
      : shutdown(context, options, bound, reactors) {}

  boost::asio::io_context context{1};
  signal_watch signals{context};
  graceful_shutdown shutdown;
};

/// The parts of an engine. The order of the members decides that of their destruction.
///
/// Belongs to the thread that makes the engine, except for members marked as safe from any thread.
class engine_state {
public:
  /// Makes the actor system and the control loop. If the operating system gives too few threads or
  /// descriptors, there is none, and `failure` says why.
  explicit engine_state(config chosen);

  /// Starts to serve at `where`. A start that fails before the routes are sealed, as for an option
  /// or a busy address, may be repeated.
  /// @returns one line for each reason why not; empty on success
  /// @throws std::logic_error if the engine has started before
  std::string start(std::string_view where);
  /// Begins the drain. Returns at once; safe from any thread.
  void shut_down() noexcept;
  /// Runs the control loop until the engine has shut down.
  /// @throws std::logic_error on a thread that the shutdown waits for
  void wait();

  [[nodiscard]] bool has_started() const noexcept { return has_started_; }
  /// Whether a thread did not end and still uses this state, which must never be destroyed then.
  [[nodiscard]] bool is_left_behind() const noexcept { return is_left_behind_; }
  /// Whether this process is a child, without the threads, of the process that made it.
  [[nodiscard]] bool is_forked() const noexcept { return ::getpid() != process_; }
  /// Whether the calling thread is a reactor or a worker of this engine, which the shutdown waits
  /// for.
  [[nodiscard]] bool is_on_own_thread() noexcept;

  [[nodiscard]] routing_registry& registry() noexcept { return registry_; }
  [[nodiscard]] actors::observer_factories& observers() noexcept { return observers_; }
  [[nodiscard]] const config& options() const noexcept { return options_; }
  /// Where a started engine listens.
  [[nodiscard]] const address& bound() const noexcept { return bound_; }
  [[nodiscard]] std::string banner() const;
  /// Null if the operating system gave too little to make one.
  [[nodiscard]] caf::actor_system* system() noexcept { return system_ ? &system_->get() : nullptr; }
  /// Why there is no actor system; empty if there is one.
  [[nodiscard]] const std::string& failure() const noexcept { return failure_; }
  /// @throws std::out_of_range if there is no such reactor, or before the start
  [[nodiscard]] const actors::shard& shard(std::size_t reactor) const;
  /// Null if there is no such pool, or before the start. Safe from any thread once started.
  [[nodiscard]] actors::worker_pool* pool(std::string_view name) const noexcept {
    return executors_ != nullptr ? executors_->pool(name) : nullptr;
  }
  /// This node, and every other that it knows; empty if it is the only one, and before the start.
  /// Safe from any thread once started.
  [[nodiscard]] std::vector<actors::node_info> nodes() const {
    return node_ ? node_->nodes() : std::vector<actors::node_info>{};
  }
  [[nodiscard]] std::string node_name() const { return node_ ? node_->name() : std::string{}; }
  /// Adds a function that hears of every change of the nodes, on the first reactor. Before the
  /// start.
  void on_node_event(std::function<void(const actors::node_event&)> hears) {
    on_node_event_.push_back(std::move(hears));
  }
  [[nodiscard]] const live_changes& changes() const noexcept { return changes_; }

private:
  void make_system() noexcept;
  [[nodiscard]] std::string check() const;
  void watch_signals();
  std::string open_and_serve();
  std::string serve(listening_sockets& sockets, std::vector<actors::observers> watchers);
  std::string make_node();
  void watch_reactors();
  void undo_start();
  bool finish();
  void close_shards();

  config options_;
  // Declared before the system: its actors may run on them and answer to them until they end.
  std::unique_ptr<actors::executors> executors_;
  const actors::socket_transport_factory transports_;
  std::optional<actors::shards> shards_;
  /// Empty if this is the only node.
  std::optional<engine_node> node_;
  std::deque<reactor_thread> reactors_;
  std::optional<engine_actor_system> system_;
  routing_registry registry_;
  actors::observer_factories observers_;
  std::unique_ptr<const routing::route_map> routes_;
  address bound_;
  http::settings settings_;
  std::unique_ptr<actors::watchdog> watchdog_;
  live_changes changes_{options_.values(), executors_};
  std::optional<control_loop> control_;

  std::string failure_;
  const pid_t process_ = ::getpid();
  std::vector<std::function<void(const actors::node_event&)>> on_node_event_;
  bool has_started_ = false;
  bool has_finished_ = false;
  bool is_left_behind_ = false;
};

} // namespace sake

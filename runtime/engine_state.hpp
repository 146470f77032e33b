// Everything that runs in an engine.
#pragma once

#include <sake/actors/executors.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/watchdog.hpp>
#include <sake/actors/worker_pool.hpp>
#include <sake/http/settings.hpp>
#include <sake/routing/registry.hpp>
#include <sake/routing/route_map.hpp>
#include <sake/runtime/address.hpp>
#include <sake/runtime/config.hpp>
#include <sake/runtime/engine.hpp>
#include <sake/runtime/listener.hpp>
#include <sake/runtime/listening_sockets.hpp>
#include <sake/runtime/option.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace sake {

/// Everything that runs, in the order in which it comes to life.
struct engine::state {
  explicit state(config chosen);

  /// A shard with the thread it runs on and the listener it serves.
  struct station {
    std::unique_ptr<actors::shard> shard;
    std::unique_ptr<listener> door;
    std::thread thread;
    /// Set when the thread is through.
    std::promise<void> ended;
  };

  std::string start(std::string_view where);
  [[nodiscard]] std::string check() const;
  void begin(listening_sockets& sockets);
  void undo_begin();
  void make_executors();
  void run_station(station& own);
  void watch_signals();
  void begin_drain();
  void station_drained();
  void end();
  /// False when a reactor or a worker would not end.
  bool finish();
  [[nodiscard]] bool end_threads();
  template <class Wait>
  [[nodiscard]] bool await(std::chrono::steady_clock::time_point at_least, Wait has_ended);
  [[nodiscard]] bool join_reactors(std::chrono::steady_clock::time_point at_least);
  void close_shards();
  std::string banner() const;
  /// Null where there is none, as before the start.
  [[nodiscard]] actors::worker_pool* pool(std::string_view name) const noexcept {
    return executors != nullptr ? executors->pool(name) : nullptr;
  }

  std::string resize(std::string_view pool, std::size_t workers);
  void await_hangup();
  void read_again();
  bool change(const option& changed, const config& now);

  config options;
  /// What was read when it started, with what has changed since.
  config read_options;
  // Before the system: its actors may run there, and answer there, as long as they are.
  std::unique_ptr<actors::executors> executors;
  std::vector<station> stations;
  actors::route_states route_states;
  caf::actor_system_config system_config;
  caf::actor_system system;
  routing_registry registry;
  std::unique_ptr<const routing::route_map> routes;
  address bound;
  http::settings settings;
  std::atomic<std::size_t> open_connections{0};
  std::unique_ptr<actors::watchdog> watch;

  // What `wait` runs: signals, and the steps of the shutdown.
  boost::asio::io_context control{1};
  boost::asio::signal_set signals{control};
  boost::asio::signal_set hangups{control};
  boost::asio::steady_timer drain_timer{control};
  std::size_t undrained = 0;
  std::chrono::steady_clock::time_point drain_due;
  bool started = false;
  bool draining = false;
  bool finished = false;
  /// A thread did not end and uses all this, so it is never destroyed.
  bool is_left_behind = false;
};

} // namespace sake

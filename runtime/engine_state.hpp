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
#include <sake/runtime/signal_actions.hpp>

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
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/types.h>
#include <unistd.h>

namespace sake {

/// What `wait` runs: signals, and the steps of the shutdown. Clang 14 would not take it as a member.
struct control_loop {
  boost::asio::io_context context{1};
  boost::asio::signal_set signals{context};
  boost::asio::signal_set hangups{context};
  boost::asio::steady_timer drain_timer{context};
};

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

  /// Makes the actor system and what `wait` runs; `failure` says why not.
  void make_system() noexcept;
  /// Whether this is a child of the process that made the engine, without its threads.
  [[nodiscard]] bool is_forked() const noexcept;
  /// Whether the calling thread is one that the engine waits for at its end.
  [[nodiscard]] static bool is_on_own_thread() noexcept;

  std::string start(std::string_view where);
  [[nodiscard]] std::string check() const;
  std::string open_and_begin();
  void begin(listening_sockets& sockets);
  void undo_begin();
  void make_executors();
  void run_station(station& own);
  void watch_signals();
  void release_signals() noexcept;
  void begin_drain(std::string_view why);
  void station_drained();
  void end();
  /// False when a reactor or a worker would not end.
  bool finish();
  void tell_end(bool have_ended) const;
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
  [[nodiscard]] bool reads_file_again() const;
  [[nodiscard]] bool wants_hangup() const;
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
  std::optional<caf::actor_system> system;

  /// Tells the log, right before the actor system ends, that the end waits for actors of the program.
  struct patience_for_actors {
    explicit patience_for_actors(std::optional<caf::actor_system>& of) noexcept : system(of) {}
    patience_for_actors(const patience_for_actors&) = delete;
    ~patience_for_actors();
    std::optional<caf::actor_system>& system;
  } waits{system};
  routing_registry registry;
  std::unique_ptr<const routing::route_map> routes;
  address bound;
  http::settings settings;
  std::atomic<std::size_t> open_connections{0};
  std::unique_ptr<actors::watchdog> watch;

  std::optional<control_loop> control;
  signal_actions actions;
  /// Why there is no actor system; empty where there is one.
  std::string failure;
  const pid_t process = ::getpid();

  std::size_t undrained = 0;
  /// Why it drains: a signal, or the call of `shutdown`.
  std::string_view end_reason;
  bool has_drained = false;
  std::chrono::steady_clock::time_point drain_begun;
  std::chrono::steady_clock::time_point drain_due;
  bool started = false;
  bool draining = false;
  bool finished = false;
  /// A thread did not end and uses all this, so it is never destroyed.
  bool is_left_behind = false;
};

} // namespace sake

#include <sake/runtime/engine.hpp>

#include <sake/actors/cores.hpp>
#include <sake/actors/executors.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/actors/router.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/watchdog.hpp>
#include <sake/actors/worker_pool.hpp>
#include <sake/routing/registry.hpp>
#include <sake/runtime/banner.hpp>
#include <sake/runtime/config_source.hpp>
#include <sake/runtime/connection_settings.hpp>
#include <sake/runtime/listener.hpp>
#include <sake/runtime/logging.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>
#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

// Threads of a pool.
constexpr std::size_t most_workers = 1024;

// How long a worker may take to end once its connections are gone.
constexpr auto least_patience = 200ms;

// CAF's threads start with the engine, before `config::check` has had its say: so within bounds.
caf::actor_system_config& configure(caf::actor_system_config& system, const config& options) {
  const bool shares = options.scheduler_policy() == scheduler_policy::sharing;
  system.set("scheduler.policy", shares ? caf::atom("sharing") : caf::atom("stealing"));
  system.set("scheduler.max-threads",
             std::clamp<std::size_t>(options.scheduler_threads(), 1, 1024));
  system.set("scheduler.max-throughput",
             std::clamp<std::size_t>(options.scheduler_throughput(), 1, 1'000'000));
  return system;
}

// The cores for reactor `index`; empty where it may run on all that the process has.
std::vector<std::size_t> cores_for(std::size_t index, const config& options) {
  const auto& named = options.reactor_cores();
  if (!options.reactor_pinning())
    return named;
  const auto cores = named.empty() ? actors::usable_cores() : named;
  return {cores[index % cores.size()]};
}

} // namespace

/// Everything that runs, in the order in which it comes to life.
struct engine::state {
  explicit state(config chosen)
      : options(std::move(chosen)), system(configure(system_config, options)) {}

  /// A shard with the thread it runs on and the listener it serves.
  struct station {
    std::unique_ptr<actors::shard> shard;
    std::unique_ptr<listener> door;
    std::thread thread;
  };

  std::string start(std::string_view where);
  [[nodiscard]] std::string check() const;
  void make_executors();
  void run_station(station& own);
  void watch_signals();
  void begin_drain();
  void station_drained();
  void end();
  /// False when a worker would not end.
  bool finish();
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
  /// Before the system: its actors may run there as long as they are.
  std::unique_ptr<actors::executors> executors;
  caf::actor_system_config system_config;
  caf::actor_system system;
  routing_registry registry;
  std::unique_ptr<const routing::route_map> routes;
  actors::route_states route_states;
  address bound;
  http::settings settings;
  std::atomic<std::size_t> open_connections{0};
  std::vector<station> stations;
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
};

// -- start --------------------------------------------------------------------------

std::string engine::state::start(std::string_view where) {
  if (started)
    throw std::logic_error("an engine starts once");
  options.with_address(std::string{where});
  if (auto errors = check(); !errors.empty())
    return errors;
  bound = *address::parse(where);
  auto sockets = listening_sockets::open(bound, options.reactors());
  if (!sockets)
    return sockets.error();
  start_logging();
  started = true;
  bound.port = sockets->port();
  routes = registry.seal();
  route_states = actors::make_route_states(routes->plans().size());
  settings = connection_settings(options);
  make_executors();
  if (options.signals())
    watch_signals();
  for (std::size_t i = 0; i < options.reactors(); ++i) {
    station& added = stations.emplace_back();
    added.shard = std::make_unique<actors::shard>(system, i, settings, *routes, route_states.get(),
                                                  executors->pool(), open_connections);
    added.door = std::make_unique<listener>(*added.shard, sockets->take(i), open_connections,
                                            options.max_connections());
    added.shard->reactor().post([door = added.door.get()] { door->start(); });
  }
  for (auto& each : stations)
    each.thread = std::thread{[this, &each] { run_station(each); }};
  if (options.adaptive().enabled) {
    std::vector<const actors::activity*> reactors;
    for (auto& each : stations)
      reactors.push_back(&each.shard->reactor().activity());
    watch = std::make_unique<actors::watchdog>(options.adaptive(), std::move(reactors), *routes,
                                               route_states.get(), executors->pool());
  }
  return {};
}

std::string engine::state::check() const {
  auto errors = options.check();
  std::vector<std::string> pools;
  for (const auto& each : options.pools())
    pools.push_back(each.name);
  for (auto& error : registry.check_pools(pools))
    errors.push_back(std::move(error));
  std::string lines;
  for (const auto& error : errors)
    lines += (lines.empty() ? "" : "\n") + error;
  return lines;
}

void engine::state::make_executors() {
  executors = std::make_unique<actors::executors>(
      system, actors::executor_settings{.has_pools = options.worker_pool(),
                                        .pool = {.workers = options.workers(),
                                                 .queue_bound = options.worker_queue_bound(),
                                                 .cores = options.worker_cores(),
                                                 .pinned = options.worker_pinning(),
                                                 .scheduling = options.worker_scheduling(),
                                                 .nice = options.worker_nice()},
                                        .named_pools = options.pools()});
  // The pool without a name is there for `offload` as well; where no route asks for it, its threads
  // wait for the first function.
  actors::assign_places(*routes, route_states.get(), [this](const routing::placement& wanted) {
    return executors->find(wanted);
  });
}

void engine::state::run_station(station& own) {
  auto& shard = *own.shard;
  const auto index = shard.reactor().index();
  pthread_setname_np(pthread_self(),
                     ("sake-reactor-" + std::to_string(index)).substr(0, 15).c_str());
  if (const auto cores = cores_for(index, options); !cores.empty())
    actors::keep_on(cores, "reactor " + std::to_string(index));
  shard.reactor().run();
  // A worker may still have a request; its client does not wait past the drain deadline.
  own.door.reset();
  shard.disconnect();
}

std::string engine::state::banner() const {
  return sake::banner(bound, options, routes != nullptr && routes->wants_workers());
}

// -- what changes while it runs ---------------------------------------------------------------

std::string engine::state::resize(std::string_view pool_name, std::size_t workers) {
  auto* const found = pool(pool_name);
  const std::string name =
      pool_name.empty() ? "the worker pool" : "the pool \"" + std::string{pool_name} + '"';
  if (found == nullptr)
    return "cannot resize " + name + ": there is none";
  if (workers < 1 || workers > most_workers)
    return "cannot resize " + name + ": workers must be 1 to 1024";
  const auto before = found->width();
  found->resize(workers);
  actors::log(actors::log_level::info, name + " was resized; workers=" + std::to_string(workers)
                                           + " before=" + std::to_string(before));
  return {};
}

void engine::state::await_hangup() {
  hangups.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec)
      return;
    read_again();
    await_hangup();
  });
}

// False where it cannot hold before a restart.
bool engine::state::change(const option& changed, const config& now) {
  // All that may change are numbers of workers.
  const auto workers =
      changed.pool.empty() ? now.workers() : static_cast<std::size_t>(changed.number(now));
  return changed.is_live && is_declared(changed.pool, now) && resize(changed.pool, workers).empty();
}

void engine::state::read_again() {
  const auto read = config_source::of(options)->read_again();
  for (const auto& each : read.errors)
    actors::log(actors::log_level::error, "the configuration stays as it is: " + each);
  if (!read.errors.empty())
    return;
  std::string applied;
  std::string left;
  for (const auto& each : differences(read_options, read.now)) {
    const bool is_applied = change(each, read.now);
    auto& list = is_applied ? applied : left;
    list += (list.empty() ? "" : ",") + each.name;
    if (is_applied)
      (void)each.read(each.show(read.now), read_options);
  }
  actors::log(left.empty() ? actors::log_level::info : actors::log_level::warning,
              "the configuration was read again; applied=" + (applied.empty() ? "none" : applied)
                  + " needs_restart=" + (left.empty() ? "none" : left));
}

// -- shutdown -------------------------------------------------------------------------

void engine::state::watch_signals() {
  if (const auto* const source = config_source::of(options); source && source->has_file()) {
    read_options = source->as_read;
    hangups.add(SIGHUP);
    await_hangup();
  }
  signals.add(SIGINT);
  signals.add(SIGTERM);
  signals.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec)
      return;
    begin_drain();
    // The second signal means it.
    signals.async_wait([this](const boost::system::error_code& again, int) {
      if (again)
        return;
      drain_due = std::chrono::steady_clock::now();
      end();
    });
  });
}

void engine::state::begin_drain() {
  if (std::exchange(draining, true))
    return;
  drain_due = std::chrono::steady_clock::now() + options.drain_deadline();
  undrained = stations.size();
  // While we still listen, so that the path cannot be that of the next process yet.
  if (bound.is_unix())
    ::unlink(bound.path.c_str());
  for (auto& each : stations)
    each.shard->reactor().post([this, &each] {
      each.door->finish();
      each.shard->drain([this] { boost::asio::post(control, [this] { station_drained(); }); });
    });
  drain_timer.expires_at(drain_due);
  drain_timer.async_wait([this](const boost::system::error_code& ec) {
    if (!ec)
      end();
  });
}

void engine::state::station_drained() {
  if (--undrained == 0)
    end();
}

void engine::state::end() {
  // Nobody hears signals from here on: one that comes while threads end does what it does by
  // default.
  boost::system::error_code ignored;
  signals.clear(ignored);
  for (auto& each : stations)
    each.shard->reactor().stop();
  control.stop();
}

bool engine::state::finish() {
  if (std::exchange(finished, true))
    return true;
  watch.reset();
  for (auto& each : stations)
    each.thread.join();
  // The workers first: what they run may belong to a coroutine that waits for them.
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
      drain_due - std::chrono::steady_clock::now());
  if (!executors->stop(std::max<std::chrono::milliseconds>(left, least_patience))) {
    actors::log(actors::log_level::warning,
                "a worker is still busy at the drain deadline and is left behind");
    return false;
  }
  for (auto& each : stations) {
    each.shard->close();
  }
  stations.clear();
  return true;
}

// -- the engine -----------------------------------------------------------------------

// Not in the header, so that a program that sets nothing need not compile what makes a
// configuration.
engine::engine() : engine(config{}) {}

engine::engine(config options) : engine(std::make_unique<state>(std::move(options))) {}

engine::engine(std::unique_ptr<state> made)
    : route_group(made->registry), state_(std::move(made)) {}

engine::~engine() {
  if (state_ != nullptr && state_->started) {
    shutdown();
    wait();
  }
}

engine::outcome engine::start(std::string_view where) {
  return {state_->start(where)};
}

engine::outcome engine::start() {
  return start(std::string{state_->options.address()});
}

int engine::run(std::string_view where) {
  if (const auto begun = start(where); !begun) {
    std::fprintf(stderr, "%s\n", begun.error.c_str());
    return 1;
  }
  std::printf("%s\n", state_->banner().c_str());
  std::fflush(stdout);
  wait();
  return 0;
}

int engine::run() {
  return run(std::string{state_->options.address()});
}

void engine::wait() {
  if (!state_->started || state_->finished)
    return;
  const auto guard = boost::asio::make_work_guard(state_->control);
  state_->control.run();
  // A thread that does not end keeps what it uses.
  if (!state_->finish()) {
    flush_log();
    (void)state_.release();
  }
}

void engine::shutdown() noexcept {
  boost::asio::post(state_->control, [own = state_.get()] { own->begin_drain(); });
}

std::uint16_t engine::port() const noexcept {
  return state_->bound.port;
}

caf::actor_system& engine::system() noexcept {
  return state_->system;
}

caf::actor engine::router(std::size_t reactor) const {
  return caf::actor_cast<caf::actor>(state_->stations.at(reactor).shard->router());
}

std::string engine::banner() const {
  return state_->banner();
}

std::vector<caf::actor> engine::workers(std::string_view pool) const {
  std::vector<caf::actor> all;
  if (const auto* const found = state_->pool(pool))
    for (const auto& each : found->workers())
      all.push_back(caf::actor_cast<caf::actor>(each));
  return all;
}

engine::outcome engine::resize_pool(std::string_view pool, std::size_t workers) {
  return {state_->resize(pool, workers)};
}

} // namespace sake

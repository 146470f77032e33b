// How an engine starts.

#include <sake/runtime/engine_state.hpp>

#include <sake/actors/cores.hpp>
#include <sake/runtime/banner.hpp>
#include <sake/runtime/connection_settings.hpp>
#include <sake/runtime/listening_sockets.hpp>
#include <sake/runtime/logging.hpp>
#include <sake/runtime/memory.hpp>

#include <caf/atom.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <pthread.h>

namespace sake {

namespace {

constexpr const char* limits_hint =
    "; the limits of the system on threads and descriptors may be too low";

// Threads of CAF beside those of its scheduler: its clock, its printer.
constexpr std::size_t own_threads_of_caf = 2;

// CAF's threads start with the engine, before `config::check` has had its say: so within bounds.
std::size_t scheduler_threads(const config& options) {
  return std::clamp<std::size_t>(options.scheduler_threads(), 1, actors::most_threads);
}

// Throws std::system_error where so many threads cannot be had at a time. CAF's actor system would
// end the process there.
void probe_threads(std::size_t count) {
  std::atomic<bool> may_end{false};
  std::vector<std::jthread> threads;
  const auto end = [&may_end] {
    may_end = true;
    may_end.notify_all();
  };
  try {
    while (threads.size() < count)
      threads.emplace_back([&may_end] { may_end.wait(false); });
  } catch (...) {
    end();
    throw;
  }
  end();
}

caf::actor_system_config& configure(caf::actor_system_config& system, const config& options) {
  const bool shares = options.scheduler_policy() == scheduler_policy::sharing;
  system.set("scheduler.policy", shares ? caf::atom("sharing") : caf::atom("stealing"));
  system.set("scheduler.max-threads", scheduler_threads(options));
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

engine::state::state(config chosen) : options(std::move(chosen)) {
  make_system();
}

void engine::state::make_system() noexcept {
  try {
    control.emplace();
    probe_threads(scheduler_threads(options) + own_threads_of_caf);
    system.emplace(configure(system_config, options));
  } catch (const std::exception& e) {
    failure = "cannot make an engine: " + std::string{e.what()} + limits_hint;
  }
}

bool engine::state::is_forked() const noexcept {
  return ::getpid() != process;
}

bool engine::state::is_on_own_thread() noexcept {
  return actors::reactor::current() != nullptr || actors::executor::is_here();
}

std::string engine::state::start(std::string_view where) {
  if (started)
    throw std::logic_error("an engine starts once");
  if (!failure.empty())
    return failure;
  if (is_forked())
    return "cannot start: this engine was made before fork(), and its threads are in the parent; "
           "make it in the process that is to serve";
  options.with_address(std::string{where});
  if (auto errors = check(); !errors.empty())
    return errors;
  bound = *address::parse(where);
  if (auto error = start_logging(options.log()); !error.empty())
    return error;
  std::string error;
  try {
    // A client that is answered may have the process ended at once: signals are heard first.
    watch_signals();
    error = open_and_begin();
  } catch (const std::system_error& e) {
    error = "cannot start: " + std::string{e.what()} + limits_hint;
  }
  if (!error.empty())
    undo_begin();
  started = error.empty();
  return error;
}

std::string engine::state::open_and_begin() {
  auto sockets = listening_sockets::open(bound, options.reactors(), options.unix_socket());
  if (!sockets)
    return sockets.error();
  bound.port = sockets->port();
  routes = registry.seal();
  begin(*sockets);
  return {};
}

void engine::state::begin(listening_sockets& sockets) {
  give_large_blocks_back();
  route_states =
      actors::route_states{*routes, actors::detail::keyed_hash::with_random_secret()};
  settings = connection_settings(options);
  make_executors();
  for (std::size_t i = 0; i < options.reactors(); ++i) {
    station& added = stations.emplace_back();
    added.shard = std::make_unique<actors::shard>(*system, i, settings, *routes, route_states.get(),
                                                  executors->pool(), open_connections);
    added.door = std::make_unique<listener>(*added.shard, sockets.take(i), open_connections,
                                            options.max_connections());
    added.door->start();
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
}

// Ends what has begun when something was not to be had.
void engine::state::undo_begin() {
  release_signals();
  watch.reset();
  std::erase_if(stations, [](const station& each) { return each.shard == nullptr; });
  for (auto& each : stations) {
    if (each.thread.joinable()) {
      each.shard->reactor().stop();
      each.thread.join();
    }
    each.door.reset();
  }
  if (executors != nullptr)
    (void)executors->stop(std::chrono::seconds{1}); // nothing has been submitted
  close_shards();
}

std::string engine::state::check() const {
  auto errors = options.check();
  std::vector<std::string> pools;
  for (const auto& each : options.pools())
    pools.push_back(each.name);
  for (const auto& found : {registry.check_pools(pools), registry.check_actors()})
    errors.insert(errors.end(), found.begin(), found.end());
  std::string lines;
  for (const auto& error : errors)
    lines += (lines.empty() ? "" : "\n") + error;
  return lines;
}

void engine::state::make_executors() {
  executors = std::make_unique<actors::executors>(
      *system, actors::executor_settings{.has_pools = options.worker_pool(),
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
  own.ended.set_value();
}

std::string engine::state::banner() const {
  return sake::banner(bound, options, routes != nullptr && routes->wants_workers());
}

} // namespace sake

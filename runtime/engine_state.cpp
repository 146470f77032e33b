#include "engine_state.hpp"

#include "../actors/reactor/cores.hpp"
#include "../actors/workers/worker_pool.hpp"
#include "../http/quote.hpp"
#include "banner.hpp"
#include "config/config_check.hpp"
#include "logging.hpp"
#include "memory.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace sake {

namespace {

constexpr const char* limits_hint =
    "; the limits of the system on threads and descriptors may be too low";

// The cores for reactor `index`; empty if it may use all cores of the process.
std::vector<std::size_t> cores_for(std::size_t index, const config& options) {
  const auto& named = options.reactor_cores();
  if (!options.reactor_pinning())
    return named;
  const auto cores = named.empty() ? actors::usable_cores() : named;
  return {cores[index % cores.size()]};
}

} // namespace

engine_state::engine_state(config chosen) : options_(std::move(chosen)) {
  make_system();
}

void engine_state::make_system() noexcept {
  try {
    control_.emplace(options_, bound_, reactors_);
    system_.emplace(options_);
  } catch (const std::exception& e) {
    failure_ = "cannot make an engine: " + std::string{e.what()} + limits_hint;
  }
}

bool engine_state::is_on_own_thread() noexcept {
  if (!system_)
    return false;
  auto* const reactor = actors::reactor::current();
  return (reactor != nullptr && &reactor->system() == &system_->get())
         || actors::executor::system_here() == &system_->get();
}

std::string engine_state::banner() const {
  return sake::banner(bound_, options_, routes_ != nullptr && routes_->wants_workers());
}

// -- the start ------------------------------------------------------------------------

std::string engine_state::start(std::string_view where) {
  if (has_started_)
    throw std::logic_error("an engine starts once: this one has started; make another");
  if (!failure_.empty())
    return failure_;
  if (routes_ != nullptr)
    return "cannot start: an earlier start of this engine failed halfway; make another engine";
  if (is_forked())
    return "cannot start: this engine was made before fork(), and its threads are in the parent; "
           "make it in the process that is to serve";
  options_.with_address(std::string{where});
  if (auto errors = check(); !errors.empty())
    return errors;
  bound_ = *address::parse(where);
  if (auto error = start_logging(options_.log()); !error.empty())
    return error;
  std::string error;
  const logger_release at_the_end;
  try {
    // A client that has its response may end the process at once, so signals are watched first.
    watch_signals();
    error = open_and_serve();
  } catch (const std::system_error& e) {
    error = "cannot start: " + std::string{e.what()} + limits_hint;
  } catch (...) { // of a factory of observers
    undo_start();
    throw;
  }
  if (!error.empty())
    undo_start();
  has_started_ = error.empty();
  return error;
}

std::string engine_state::check() const {
  auto errors = options_.check();
  std::vector<std::string> pools;
  for (const auto& each : options_.pools())
    pools.push_back(each.name);
  for (const auto& found :
       {unused_permissions(options_.values()), registry_.check_pools(pools),
        registry_.check_actors(), registry_.check_queues(options_.adaptive().enabled)})
    errors.insert(errors.end(), found.begin(), found.end());
  return http::as_lines(errors);
}

void engine_state::watch_signals() {
  auto& signals = control_->signals;
  auto& shutdown = control_->shutdown;
  signals.ignore_write_signals();
  if (!options_.signals())
    return;
  std::function<void()> hangup;
  if (changes_.wants_hangup())
    hangup = [this] {
      if (!has_finished_)
        changes_.on_hangup();
    };
  signals.start({.end = [&shutdown](std::string_view signal) { shutdown.begin(signal); },
                 .end_at_once = [&shutdown] { shutdown.cut_short(); },
                 .hangup = std::move(hangup)});
}

std::string engine_state::open_and_serve() {
  auto sockets = listening_sockets::open(bound_, options_.reactors(), options_.unix_socket());
  if (!sockets)
    return sockets.error();
  auto watchers = observers_.make_all(options_.reactors());
  bound_.port = sockets->port();
  routes_ = registry_.seal();
  auto error = serve(*sockets, std::move(watchers));
  if (error.empty())
    sockets->keep_file();
  return error;
}

std::string engine_state::serve(listening_sockets& sockets,
                                std::vector<actors::observers> watchers) {
  give_large_blocks_back();
  settings_ = options_.values().connection_settings();
  executors_ =
      std::make_unique<actors::executors>(system_->get(), options_.values().sized_executors());
  shards_.emplace(actors::shards_setup{
      .system = system_->get(),
      .routes = *routes_,
      .settings = settings_,
      .max_connections = options_.max_connections(),
      .pool = executors_->pool(),
      .place_of = [this](const routing::placement& wanted) { return executors_->find(wanted); },
      .key_hash = actors::detail::keyed_hash::with_random_secret()});
  for (std::size_t i = 0; i < options_.reactors(); ++i) {
    auto& shard = shards_->add(std::move(watchers[i]));
    reactors_.emplace_back(reactors_, shard, sockets.take(i), shards_->connections(), transports_);
  }
  if (options_.values().node.is_on())
    if (auto error = make_node(); !error.empty())
      return error;
  for (auto& each : reactors_)
    each.start(cores_for(each.shard().reactor().index(), options_));
  if (options_.adaptive().enabled)
    watch_reactors();
  if (node_)
    node_->start();
  return {};
}

std::string engine_state::make_node() {
  std::vector<actors::shard*> shards;
  for (auto& each : reactors_)
    shards.push_back(&each.shard());
  node_.emplace(options_.values(), system_->get(), *routes_, std::move(shards), *executors_,
                [this](const actors::node_event& event) {
                  for (const auto& each : on_node_event_)
                    each(event);
                });
  if (!node_->failure().empty()) {
    auto error = node_->failure();
    node_.reset();
    return error;
  }
  control_->shutdown.accompany(*node_);
  node_->log_start();
  return {};
}

void engine_state::watch_reactors() {
  std::vector<actors::activity*> watched;
  for (auto& each : reactors_)
    watched.push_back(&each.shard().reactor().activity());
  watchdog_ = std::make_unique<actors::watchdog>(options_.adaptive(), watched, *routes_,
                                                 shards_->loads(), executors_->pool());
}

const actors::shard& engine_state::shard(std::size_t reactor) const {
  if (reactor >= reactors_.size())
    throw std::out_of_range("there is no reactor " + std::to_string(reactor) + ": the engine has "
                            + std::to_string(reactors_.size())
                            + (reactors_.empty() ? " before its start" : ""));
  return reactors_[reactor].shard();
}

// Undoes a start that failed halfway.
void engine_state::undo_start() {
  control_->signals.stop();
  watchdog_.reset();
  for (auto& each : reactors_)
    each.cancel();
  if (executors_ != nullptr)
    (void)executors_->stop(std::chrono::seconds{1}); // nothing has been submitted
  close_shards();
}

// -- the end --------------------------------------------------------------------------

void engine_state::shut_down() noexcept {
  if (control_)
    boost::asio::post(control_->context, [this] { control_->shutdown.begin("shutdown"); });
}

void engine_state::wait() {
  if (is_on_own_thread())
    throw std::logic_error("engine::wait() is called on a thread of its engine, as by a handler: "
                           "it would wait for its "
                           "own thread to end");
  if (!has_started_ || has_finished_)
    return;
  const auto guard = boost::asio::make_work_guard(control_->context);
  control_->context.run();
  is_left_behind_ = !finish();
}

// Returns false if a reactor or a worker did not end in time.
bool engine_state::finish() {
  has_finished_ = true;
  watchdog_.reset();
  const bool have_ended = control_->shutdown.end_threads(*executors_);
  if (have_ended)
    close_shards();
  control_->signals.stop();
  control_->shutdown.log_end(!have_ended);
  flush_log();
  return have_ended;
}

void engine_state::close_shards() {
  if (!shards_)
    return;
  shards_->close();
  if (node_)
    node_->close();
  shards_->retire();
}

} // namespace sake

#include "test_runtime.hpp"

#include "../../actors/connection/connection.hpp"
#include "../../actors/workers/worker_pool.hpp"
#include "../../http/quote.hpp"

#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace sake::testing {

namespace {

caf::actor_system_config& configure(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
  config.set("scheduler.max-threads", std::size_t{1});
  return config;
}

} // namespace

test_runtime::test_runtime(test_runtime_settings chosen)
    : settings_(std::move(chosen)), system_(configure(system_config_)) {
  executors_.emplace(system_, settings_.executors);
  coordinator().clock().current_time = clock_.now();
  // A test that forgets to end an actor must still end.
  system_.await_actors_before_shutdown(false);
}

test_runtime::~test_runtime() {
  close();
  if (cluster_)
    cluster_->close();
  // A task that was never run may belong to a request of a shard.
  executors_->drop();
  if (!hosted_.empty())
    run();
  for (const auto& each : to_end_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  to_end_.clear();
  if (shards_)
    shards_->retire();
  // The routes release the actors that were given to them.
  route_map_.reset();
  registry_.reset();
  coordinator().clock().cancel_all();
  while (coordinator().try_run_once()) {
  }
}

caf::scheduler::test_coordinator& test_runtime::coordinator() {
  return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
}

// -- components -----------------------------------------------------------------------

actors::executor* test_runtime::worker_pool() {
  if (outside_ != nullptr)
    return outside_->pool();
  return settings_.executors.has_pools ? &executor() : nullptr;
}

actors::executor* test_runtime::find(const routing::placement& wanted) {
  return outside_ != nullptr ? outside_->find(wanted) : executors_->find(wanted);
}

// Checks as an engine does. Executors set by `set_places` have settings of their own.
void test_runtime::check_routes() const {
  auto errors = registry_->check_actors();
  for (auto& each : registry_->check_queues(true))
    errors.push_back(std::move(each));
  if (outside_ == nullptr) {
    std::vector<std::string> names;
    for (const auto& each : settings_.executors.named_pools)
      names.push_back(each.name);
    for (auto& each : registry_->check_pools(names))
      errors.push_back(std::move(each));
  }
  if (!errors.empty())
    throw std::invalid_argument(http::as_lines(errors));
}

void test_runtime::start() {
  if (has_started())
    return;
  check_routes();
  auto watchers = observers_.make_all(settings_.reactors);
  route_map_ = registry_->seal();
  shards_.emplace(actors::shards_setup{
      .system = system_,
      .routes = *route_map_,
      .settings = settings_.connections,
      .max_connections = settings_.max_connections,
      .pool = worker_pool(),
      .place_of = [this](const routing::placement& wanted) { return find(wanted); },
      .time = clock_});
  for (auto& each : watchers)
    hosted_.push_back(std::make_unique<hosted_shard>(shards_->add(std::move(each))));
  if (network_ != nullptr)
    start_node();
}

void test_runtime::join(virtual_network& network, actors::node_settings own) {
  network_ = &network;
  node_settings_ = std::move(own);
}

void test_runtime::start_node() {
  auto& first = hosted_.front()->shard.reactor();
  own_network_ = network_->join(node_settings_.listen, first);
  std::vector<actors::shard*> shards;
  for (const auto& each : hosted_)
    shards.push_back(&each->shard);
  cluster_.emplace(actors::nodes::cluster_setup{
      .settings = node_settings_,
      .routes = *route_map_,
      .shards = std::move(shards),
      .net = *own_network_,
      .workers = [this] { return executor().width(); },
      .load = [this] { return static_cast<std::uint32_t>(executor().load()); },
      .max_queued = settings_.executors.pool.max_queued,
      .id = network_->next_id()});
  cluster_->start();
}

actors::shard& test_runtime::shard(std::size_t reactor) {
  start();
  return hosted_.at(reactor)->shard;
}

void test_runtime::move_handlers() {
  start();
  const auto& endpoints = route_map_->endpoints();
  for (std::size_t i = 0; i < endpoints.size(); ++i)
    if (endpoints[i].may_move())
      shards_->loads()[i].place = worker_pool();
}

memory_peer test_runtime::open(actors::connection_limit::place place, const http::peer& from) {
  hosted_shard& own = *hosted_[connected_++ % hosted_.size()];
  memory_peer peer{own.events};
  const auto made = actors::spawn_on<actors::connection>(own.shard.reactor(), own.shard,
                                                         peer.make_transport(), from);
  // In a turn of the reactor, as the listener does.
  const actors::reactor::stay here{own.shard.reactor()};
  const actors::reactor::turn now{own.shard.reactor()};
  static_cast<actors::connection&>(*made->get()).start(std::move(place));
  return peer;
}

memory_peer test_runtime::connect(const http::peer& from) {
  start();
  return open(shards_->connections().take(), from);
}

memory_peer test_runtime::connect_refused() {
  start();
  return open({}, {});
}

// -- one event at a time ------------------------------------------------------------------

std::size_t test_runtime::ready() {
  std::size_t count = coordinator().jobs.size();
  for (const auto& each : hosted_) {
    auto& reactor = each->shard.reactor();
    count += each->events.size() + (reactor.has_posts() ? 1 : 0) + (reactor.is_due() ? 1 : 0);
  }
  return count + executors_->ready();
}

// Handles event `i` of this shard; otherwise reduces `i` by the number of its events.
bool test_runtime::handle_of(hosted_shard& own, std::size_t& i) {
  auto& reactor = own.shard.reactor();
  if (i < own.events.size()) {
    own.events.handle(i);
    return true;
  }
  i -= own.events.size();
  if (reactor.has_posts() && i-- == 0) {
    reactor.handle_post();
    return true;
  }
  if (reactor.is_due() && i-- == 0) {
    reactor.handle_due();
    return true;
  }
  return false;
}

void test_runtime::handle(std::size_t i) {
  for (const auto& each : hosted_)
    if (handle_of(*each, i))
      return;
  auto& jobs = coordinator().jobs;
  if (i < jobs.size()) {
    const auto chosen = jobs.begin() + static_cast<std::ptrdiff_t>(i);
    std::rotate(jobs.begin(), chosen, chosen + 1);
    coordinator().run_once();
    return;
  }
  i -= jobs.size();
  executors_->run(i);
}

// Handles wakeups without work: it is already done.
bool test_runtime::run_leftovers() {
  bool had_work = false;
  for (const auto& each : hosted_)
    had_work = each->shard.reactor().run_ready() || had_work;
  return had_work;
}

bool test_runtime::step() {
  start();
  if (ready() == 0)
    return run_leftovers();
  handle(0);
  return true;
}

bool test_runtime::step_reactors() {
  start();
  for (const auto& each : hosted_)
    if (std::size_t first = 0; handle_of(*each, first))
      return true;
  return run_leftovers();
}

void test_runtime::run() {
  while (step()) {
  }
}

// -- time -----------------------------------------------------------------------------

std::optional<actors::time_point> test_runtime::next_due() {
  std::optional<actors::time_point> first;
  const auto consider = [&first](actors::time_point when) {
    if (!first || when < *first)
      first = when;
  };
  for (const auto& each : hosted_)
    if (const auto next = each->shard.reactor().next_due())
      consider(*next);
  const auto& delayed = coordinator().clock().schedule();
  if (!delayed.empty())
    consider(delayed.begin()->first);
  return first;
}

void test_runtime::pass(std::chrono::nanoseconds by) {
  clock_.advance(by);
  coordinator().advance_time(by);
}

bool test_runtime::pass_to_next_due(actors::time_point by) {
  const auto next = next_due();
  if (!next || *next > by)
    return false;
  pass(std::max(*next - clock_.now(), std::chrono::nanoseconds{0}));
  return true;
}

bool test_runtime::run_next_due(actors::time_point by) {
  if (!pass_to_next_due(by))
    return false;
  run();
  return true;
}

void test_runtime::advance(std::chrono::milliseconds by) {
  run();
  const auto end = actors::time_after(clock_.now(), by);
  while (run_next_due(end)) {
  }
  pass(end - clock_.now());
  run();
}

bool test_runtime::run_until(const std::function<bool()>& holds,
                             std::chrono::nanoseconds patience) {
  const auto end = actors::time_after(clock_.now(), patience);
  while (!holds())
    if (!step() && !pass_to_next_due(end))
      return false;
  return true;
}

// -- the end --------------------------------------------------------------------------

void test_runtime::close() {
  if (!shards_)
    return;
  shards_->close();
  run();
}

} // namespace sake::testing

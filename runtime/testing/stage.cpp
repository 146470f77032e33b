#include <sake/testing/stage.hpp>

#include <sake/actors/connection.hpp>
#include <sake/actors/route_state.hpp>
#include <sake/actors/worker_pool.hpp>

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

stage::station::station(caf::actor_system& system, std::size_t index, const stage& own,
                        actors::executor* pool, std::atomic<std::size_t>& open_connections)
    : shard(system, index, own.settings_.connections, *own.route_map_, own.route_states_.get(),
            pool, open_connections, own.clock_),
      events(shard.reactor()) {}

stage::stage(stage_settings chosen)
    : settings_(std::move(chosen)), system_(configure(system_config_)) {
  coordinator().clock().current_time = clock_.now();
  // A test that forgets an actor is to end all the same.
  system_.await_actors_before_shutdown(false);
}

stage::~stage() {
  close();
  // A task that nobody has run may belong to a request of a shard.
  for (const auto& [name, each] : executors_)
    each->drop();
  if (!stations_.empty())
    run();
  for (const auto& each : to_end_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  to_end_.clear();
  for (const auto& each : stations_)
    each->shard.retire();
  route_states_.let_go();
  // With the routes go the actors that were given to them.
  route_map_.reset();
  registry_.reset();
  coordinator().clock().cancel_all();
  while (coordinator().try_run_once()) {
  }
}

caf::scheduler::test_coordinator& stage::coordinator() {
  return static_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
}

// -- what is on it --------------------------------------------------------------------

manual_executor& stage::executor(std::string_view name) {
  const auto found = executors_.find(name);
  if (found != executors_.end())
    return *found->second;
  auto workers = settings_.workers;
  auto queue_bound = settings_.queue_bound;
  for (const auto& [known, chosen] : settings_.pools)
    if (known == name) {
      workers = chosen.workers;
      queue_bound = chosen.queue_bound;
    }
  auto made = std::make_unique<manual_executor>(system_, workers, queue_bound);
  return *executors_.emplace(name, std::move(made)).first->second;
}

// A detached route has a thread of its own in an engine.
manual_executor& stage::detach() {
  auto made = std::make_unique<manual_executor>(system_, 1, settings_.queue_bound);
  auto name = "(detached " + std::to_string(detached_++) + ')';
  return *executors_.emplace(std::move(name), std::move(made)).first->second;
}

void stage::set_executor(std::string_view name, std::unique_ptr<manual_executor> other) {
  executors_[std::string{name}] = std::move(other);
}

actors::executor* stage::worker_pool() {
  if (outside_ != nullptr)
    return outside_->pool();
  return settings_.worker_pool ? &executor() : nullptr;
}

actors::executor* stage::find(const routing::placement& wanted) {
  using kind = routing::placement::kind;
  if (outside_ != nullptr)
    return outside_->find(wanted);
  switch (wanted.where) {
    case kind::by_nature:
    case kind::reactor:
      break;
    case kind::scheduler:
      if (scheduler_ == nullptr)
        scheduler_ = std::make_unique<actors::scheduler_executor>(system_, settings_.queue_bound);
      return scheduler_.get();
    case kind::detached:
      return &detach();
    case kind::pool:
      return settings_.worker_pool ? &executor(wanted.pool) : nullptr;
  }
  return nullptr;
}

// As an engine does. Places that are not the stage's own have settings of their own.
void stage::check_routes() const {
  auto errors = registry_->check_actors();
  if (outside_ == nullptr) {
    std::vector<std::string> names;
    for (const auto& each : settings_.pools)
      names.push_back(each.name);
    for (auto& each : registry_->check_pools(names))
      errors.push_back(std::move(each));
  }
  std::string lines;
  for (const auto& each : errors)
    lines += (lines.empty() ? "" : "\n") + each;
  if (!lines.empty())
    throw std::invalid_argument(lines);
}

void stage::start() {
  if (has_started())
    return;
  check_routes();
  route_map_ = registry_->seal();
  route_states_ = actors::route_states{*route_map_};
  actors::assign_places(*route_map_, route_states_.get(),
                        [this](const routing::placement& wanted) { return find(wanted); });
  for (std::size_t i = 0; i < settings_.reactors; ++i)
    stations_.push_back(
        std::make_unique<station>(system_, i, *this, worker_pool(), open_connections_));
}

actors::shard& stage::shard(std::size_t reactor) {
  start();
  return stations_.at(reactor)->shard;
}

void stage::move_handlers() {
  start();
  const auto& plans = route_map_->plans();
  for (std::size_t i = 0; i < plans.size(); ++i)
    if (plans[i].may_move())
      route_states_[i].place = worker_pool();
}

memory_peer stage::open(void (actors::connection::*begin)(), const http::peer& from) {
  start();
  station& own = *stations_[connected_++ % stations_.size()];
  memory_peer peer{own.events};
  const auto made = actors::spawn_on<actors::connection>(own.shard.reactor(), own.shard,
                                                         peer.make_transport(), from);
  // As the listener does: in a turn of the reactor.
  const actors::reactor::stay here{own.shard.reactor()};
  const actors::reactor::turn now{own.shard.reactor()};
  (static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(made))->*begin)();
  return peer;
}

memory_peer stage::connect(const http::peer& from) {
  const bool has_room = open_connections_ < settings_.max_connections;
  return open(has_room ? &actors::connection::start : &actors::connection::turn_away, from);
}

memory_peer stage::connect_past_the_bound() {
  return open(&actors::connection::turn_away, {});
}

// -- one thing after the other ------------------------------------------------------------

std::size_t stage::ready() {
  std::size_t count = coordinator().jobs.size();
  for (const auto& each : stations_) {
    auto& reactor = each->shard.reactor();
    count += each->events.size() + (reactor.has_posts() ? 1 : 0) + (reactor.is_due() ? 1 : 0);
  }
  for (const auto& [name, each] : executors_)
    count += each->ready();
  return count;
}

// Handles thing `i` of this station; else counts `i` down by what the station has.
bool stage::handle_of(station& own, std::size_t& i) {
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

void stage::handle(std::size_t i) {
  for (const auto& each : stations_)
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
  for (const auto& [name, each] : executors_) {
    if (i < each->ready()) {
      each->run(i);
      return;
    }
    i -= each->ready();
  }
}

// Rings that mean nothing any more.
bool stage::run_leftovers() {
  bool had_work = false;
  for (const auto& each : stations_)
    had_work = each->shard.reactor().run_ready() || had_work;
  return had_work;
}

bool stage::step() {
  start();
  if (ready() == 0)
    return run_leftovers();
  handle(0);
  return true;
}

bool stage::step_reactors() {
  start();
  for (const auto& each : stations_)
    if (std::size_t first = 0; handle_of(*each, first))
      return true;
  return run_leftovers();
}

void stage::run() {
  while (step()) {
  }
}

// -- time -----------------------------------------------------------------------------

std::optional<actors::time_point> stage::next_due() {
  std::optional<actors::time_point> first;
  const auto consider = [&first](actors::time_point when) {
    if (!first || when < *first)
      first = when;
  };
  for (const auto& each : stations_)
    if (const auto next = each->shard.reactor().next_due())
      consider(*next);
  const auto& delayed = coordinator().clock().schedule();
  if (!delayed.empty())
    consider(delayed.begin()->first);
  return first;
}

void stage::pass(std::chrono::nanoseconds by) {
  clock_.advance(by);
  coordinator().advance_time(by);
}

bool stage::pass_to_next_due(actors::time_point by) {
  const auto next = next_due();
  if (!next || *next > by)
    return false;
  pass(std::max(*next - clock_.now(), std::chrono::nanoseconds{0}));
  return true;
}

bool stage::run_next_due(actors::time_point by) {
  if (!pass_to_next_due(by))
    return false;
  run();
  return true;
}

void stage::advance(std::chrono::milliseconds by) {
  run();
  const auto end = actors::time_after(clock_.now(), by);
  while (run_next_due(end)) {
  }
  pass(end - clock_.now());
  run();
}

bool stage::run_until(const std::function<bool()>& holds, std::chrono::nanoseconds patience) {
  const auto end = actors::time_after(clock_.now(), patience);
  while (!holds())
    if (!step() && !pass_to_next_due(end))
      return false;
  return true;
}

// -- the end --------------------------------------------------------------------------

void stage::close() {
  if (stations_.empty())
    return;
  for (const auto& each : stations_)
    each->shard.close();
  run();
}

} // namespace sake::testing

#include "shard_fixture.hpp"

#include <caf/exit_reason.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>

namespace sake::test {

namespace {

caf::actor_system_config& configure(caf::actor_system_config& config) {
  config.set("scheduler.policy", caf::atom("testing"));
  config.set("scheduler.max-threads", std::size_t{1});
  return config;
}

} // namespace

shard_fixture::shard_fixture(http::settings chosen, actors::executor_settings places)
    : route_group(*registry), system_(configure(system_config_)), settings_(std::move(chosen)) {
  executors_ = std::make_unique<actors::executors>(system_, std::move(places));
}

shard_fixture::shard_fixture(http::settings chosen)
    : shard_fixture(std::move(chosen), actors::executor_settings{.has_pools = false}) {}

shard_fixture::shard_fixture(http::settings chosen, const actors::pool_settings& workers,
                             std::vector<actors::named_pool> named)
    : shard_fixture(std::move(chosen),
                    actors::executor_settings{.pool = workers, .named_pools = std::move(named)}) {}

shard_fixture::~shard_fixture() {
  close();
  for (const auto& each : spawned_)
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  spawned_.clear();
  shard_.reset();
  // With the routes go the actors that were given to them; the system waits for every actor.
  routes_.reset();
  route_states_.reset();
  registry.reset();
  run_scheduled();
}

actors::shard& shard_fixture::shard() {
  if (shard_ == nullptr) {
    routes_ = registry->seal();
    route_states_ = actors::make_route_states(routes_->plans().size());
    actors::assign_places(*routes_, route_states_.get(), [this](const routing::placement& wanted) {
      return executors_->find(wanted);
    });
    shard_ = std::make_unique<actors::shard>(system_, 0, settings_, *routes_, route_states_.get(),
                                             executors_->pool(), open_connections_, clock_);
  }
  return *shard_;
}

void shard_fixture::close() {
  if (shard_ != nullptr)
    shard_->close();
  // What waits in CAF's scheduler waits for us.
  run_scheduled();
  if (!executors_->stop(std::chrono::seconds{90}))
    std::terminate();
  if (shard_ != nullptr)
    run();
}

void shard_fixture::replace_router(caf::strong_actor_ptr by) {
  // Nobody but tests has any use for it, so the shard has no way to do it.
  const_cast<caf::strong_actor_ptr&>(shard().router()) = std::move(by);
}

// -- connections --------------------------------------------------------------------

memory_peer shard_fixture::open(void (actors::connection::*begin)()) {
  auto& reactor = shard().reactor();
  memory_peer peer{reactor.io()};
  const auto made =
      actors::spawn_on<actors::connection>(reactor, shard(), peer.make_transport(), http::peer{});
  reactor.post([made, begin] {
    (static_cast<actors::connection*>(caf::actor_cast<caf::abstract_actor*>(made))->*begin)();
  });
  run();
  return peer;
}

memory_peer shard_fixture::connect() {
  return open(&actors::connection::start);
}

memory_peer shard_fixture::connect_past_the_bound() {
  return open(&actors::connection::turn_away);
}

std::string shard_fixture::ask(memory_peer& peer, std::string_view octets) {
  peer.send(octets);
  run();
  return peer.take();
}

// -- running ------------------------------------------------------------------------

bool shard_fixture::run_scheduled() {
  auto& coordinator = dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  bool had_work = false;
  while (coordinator.try_run_once())
    had_work = true;
  return had_work;
}

void shard_fixture::run() {
  auto& reactor = shard().reactor();
  bool had_work = true;
  while (had_work) {
    had_work = reactor.run_ready();
    had_work = run_scheduled() || had_work;
  }
}

void shard_fixture::advance(std::chrono::milliseconds by) {
  clock_.advance(by);
  run();
}

} // namespace sake::test

#include "shard_fixture.hpp"

#include <exception>

namespace sake::test {

shard_fixture::shard_fixture(http::settings chosen)
    : shard_fixture(std::move(chosen), actors::executor_settings{.has_pools = false}) {}

shard_fixture::shard_fixture(http::settings chosen, const actors::pool_settings& workers,
                             std::vector<actors::named_pool> named)
    : shard_fixture(std::move(chosen),
                    actors::executor_settings{.pool = workers, .named_pools = std::move(named)}) {}

shard_fixture::shard_fixture(http::settings chosen, actors::executor_settings chosen_places)
    : owned_runtime({.connections = std::move(chosen)}), route_group(runtime.routes()) {
  places = std::make_unique<actors::executors>(system(), std::move(chosen_places));
  runtime.set_places(*places);
}

shard_fixture::~shard_fixture() {
  close();
}

void shard_fixture::close() {
  runtime.close();
  if (!places->stop(std::chrono::seconds{90}))
    std::terminate();
  if (runtime.has_started())
    runtime.run();
}

void shard_fixture::replace_router(caf::strong_actor_ptr by) {
  shard().route_by(std::move(by));
}

memory_peer shard_fixture::connect() {
  auto peer = runtime.connect();
  run();
  return peer;
}

memory_peer shard_fixture::connect_refused() {
  auto peer = runtime.connect_refused();
  run();
  return peer;
}

std::string shard_fixture::ask(memory_peer& peer, std::string_view octets) {
  peer.send(octets);
  run();
  return peer.take();
}

void shard_fixture::advance(std::chrono::milliseconds by) {
  pass(by);
  run();
}

} // namespace sake::test

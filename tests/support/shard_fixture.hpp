// One shard in memory: no socket, no thread but the test's own, no time but what the test lets
// pass.
#pragma once

#include "manual_clock.hpp"
#include "memory_transport.hpp"

#include <sake/actors/connection.hpp>
#include <sake/actors/executors.hpp>
#include <sake/actors/shard.hpp>
#include <sake/actors/worker_pool.hpp>
#include <sake/routing/context.hpp>
#include <sake/routing/registry.hpp>

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/mailbox_element.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace sake::test {

namespace detail {

// A base, to be there before the group that refers to it.
struct own_registry {
  std::unique_ptr<routing_registry> registry = std::make_unique<routing_registry>();
};

} // namespace detail

/// One shard in memory. Routes are registered first, with the members of `route_group`; the first
/// call of `shard`, `connect` or `run` starts it. Then it moves only while `run` or `advance` do:
/// actors that CAF schedules run there as well. Workers and detached routes have threads of their
/// own.
class shard_fixture : private detail::own_registry, public route_group {
public:
  explicit shard_fixture(http::settings chosen = {});
  shard_fixture(http::settings chosen, const actors::pool_settings& workers,
                std::vector<actors::named_pool> named = {});
  ~shard_fixture();

  [[nodiscard]] caf::actor_system& system() noexcept { return system_; }
  [[nodiscard]] actors::shard& shard();
  [[nodiscard]] actors::worker_pool& pool(std::string_view name = {}) noexcept {
    return *executors_->pool(name);
  }
  [[nodiscard]] const actors::clock& clock() const noexcept { return clock_; }

  /// An actor that lives as long as the fixture.
  template <class Behavior>
  auto spawn(Behavior&& behavior) {
    auto spawned = system_.spawn(std::forward<Behavior>(behavior));
    spawned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(spawned));
    run_scheduled();
    return spawned;
  }

  /// Sends the requests of connections to another actor.
  void replace_router(caf::strong_actor_ptr by);

  /// A new connection, and its peer.
  [[nodiscard]] memory_peer connect();
  /// A new connection that is one too many.
  [[nodiscard]] memory_peer connect_past_the_bound();

  /// Sends `octets`, runs, and gives what came back.
  std::string ask(memory_peer& peer, std::string_view octets);

  /// Runs until nothing is left to do.
  void run();
  /// Lets time pass, but does not run.
  void pass(std::chrono::milliseconds by) { clock_.advance(by); }
  /// Lets time pass, and runs.
  void advance(std::chrono::milliseconds by);

  /// Runs until `holds()`, for what waits on other threads.
  template <class Predicate>
  void run_until(Predicate holds) {
    // So long that it is met by nothing but a test that would never end.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{90};
    for (run(); !holds(); run()) {
      if (std::chrono::steady_clock::now() > patience)
        throw std::runtime_error("what the test waits for does not happen");
      std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
  }

  /// Ends the shard, as an engine does at the end.
  void close();

private:
  shard_fixture(http::settings chosen, actors::executor_settings places);
  memory_peer open(void (actors::connection::*begin)());
  bool run_scheduled();

  std::unique_ptr<actors::executors> executors_;
  caf::actor_system_config system_config_;
  caf::actor_system system_;
  http::settings settings_;
  manual_clock clock_;
  std::atomic<std::size_t> open_connections_{0};
  std::unique_ptr<const routing::route_map> routes_;
  actors::route_states route_states_;
  std::unique_ptr<actors::shard> shard_;
  std::vector<caf::strong_actor_ptr> spawned_;
};

} // namespace sake::test

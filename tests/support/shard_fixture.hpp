// One shard in memory, as the tests of Sake itself want it: by settings of connections, and with
// workers that have threads where a test is about those.
#pragma once

#include <sake/actors/connection.hpp>
#include <sake/actors/executors.hpp>
#include <sake/actors/worker_pool.hpp>
#include <sake/routing/context.hpp>
#include <sake/testing/stage.hpp>

#include <caf/actor_cast.hpp>
#include <caf/mailbox_element.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace sake::test {

using testing::manual_clock;
using testing::memory_peer;

/// A pool that shares the cores with what else a machine does.
inline actors::pool_settings pool_of(
    std::size_t workers, std::size_t queue_bound = actors::pool_settings{}.queue_bound) {
  return {.workers = workers,
          .queue_bound = queue_bound,
          .pinned = false,
          .scheduling = actors::scheduling::normal};
}

namespace detail {

// A base, to be there before the group that refers to it.
struct own_stage {
  explicit own_stage(testing::stage_settings chosen) : stage(std::move(chosen)) {}
  // Actors run there for as long as they are.
  std::unique_ptr<actors::executors> places;
  testing::stage stage;
};

} // namespace detail

/// One shard in memory. Routes are registered first, with the members of `route_group`; the first
/// call of `shard`, `connect` or `run` starts it. Then it moves only while `run` or `advance` do:
/// actors that CAF schedules run there as well. Workers and detached routes have threads of their
/// own.
class shard_fixture : private detail::own_stage, public route_group {
public:
  explicit shard_fixture(http::settings chosen = {});
  shard_fixture(http::settings chosen, const actors::pool_settings& workers,
                std::vector<actors::named_pool> named = {});
  ~shard_fixture();

  [[nodiscard]] caf::actor_system& system() noexcept { return stage.system(); }
  [[nodiscard]] actors::shard& shard() { return stage.shard(); }
  [[nodiscard]] actors::worker_pool& pool(std::string_view name = {}) noexcept {
    return *places->pool(name);
  }
  [[nodiscard]] const actors::clock& clock() const noexcept { return stage.clock(); }

  /// An actor that lives as long as the fixture.
  template <class Behavior>
  auto spawn(Behavior&& behavior) {
    auto spawned = system().spawn(std::forward<Behavior>(behavior));
    stage.end_later(caf::actor_cast<caf::strong_actor_ptr>(spawned));
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
  void run() { stage.run(); }
  /// As one step of `run`, but leaves alone what CAF has scheduled.
  bool step_reactors() { return stage.step_reactors(); }
  /// Lets time pass, but does not run.
  void pass(std::chrono::milliseconds by) { stage.pass(by); }
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
  shard_fixture(http::settings chosen, actors::executor_settings chosen_places);
};

} // namespace sake::test

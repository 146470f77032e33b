// One shard in memory for the tests of Sake itself: set up by connection settings, with workers
// that have threads if the test asks for them.
#pragma once

#include <sake/actors/connection/connection.hpp>
#include <sake/actors/workers/executors.hpp>
#include <sake/actors/workers/worker_pool.hpp>
#include <sake/routing/context.hpp>
#include <sake/testing/test_runtime.hpp>

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

/// A pool that shares the cores with other load on the machine.
inline actors::pool_settings pool_of(std::size_t workers,
                                     std::size_t max_queued = actors::pool_settings{}.max_queued) {
  return {.workers = workers,
          .max_queued = max_queued,
          .pinned = false,
          .scheduling = actors::scheduling::normal};
}

namespace detail {

// A base class, so that it exists before the route group that refers to it.
struct owned_runtime {
  explicit owned_runtime(testing::test_runtime_settings chosen) : runtime(std::move(chosen)) {}
  // Owns the places where actors run, as long as the actors.
  std::unique_ptr<actors::executors> places;
  testing::test_runtime runtime;
};

} // namespace detail

/// One shard in memory. Register routes first, with the members of `route_group`; the first call of
/// `shard`, `connect` or `run` starts it. It then runs only inside `run` and `advance`, as do
/// actors that CAF schedules. Workers and detached routes have threads of their own.
class shard_fixture : private detail::owned_runtime, public route_group {
public:
  explicit shard_fixture(http::settings chosen = {});
  shard_fixture(http::settings chosen, const actors::pool_settings& workers,
                std::vector<actors::named_pool> named = {});
  ~shard_fixture();

  [[nodiscard]] caf::actor_system& system() noexcept { return runtime.system(); }
  [[nodiscard]] actors::shard& shard() { return runtime.shard(); }
  [[nodiscard]] actors::worker_pool& pool(std::string_view name = {}) noexcept {
    return *places->pool(name);
  }
  [[nodiscard]] actors::observer_factories& observers() noexcept { return runtime.observers(); }
  [[nodiscard]] const actors::clock& clock() const noexcept { return runtime.clock(); }

  /// An actor that lives as long as the fixture.
  template <class Behavior>
  auto spawn(Behavior&& behavior) {
    auto spawned = system().spawn(std::forward<Behavior>(behavior));
    runtime.end_later(caf::actor_cast<caf::strong_actor_ptr>(spawned));
    return spawned;
  }

  /// Sends the requests of connections to `by`.
  void replace_router(caf::strong_actor_ptr by);

  /// A new connection, and its peer.
  [[nodiscard]] memory_peer connect();
  /// A new connection above the limit.
  [[nodiscard]] memory_peer connect_refused();

  /// Sends `octets`, runs, and returns the answer.
  std::string ask(memory_peer& peer, std::string_view octets);

  /// Runs until no work is left.
  void run() { runtime.run(); }
  /// As one step of `run`, but without the actors that CAF has scheduled.
  bool step_reactors() { return runtime.step_reactors(); }
  /// Advances the clock without running.
  void pass(std::chrono::milliseconds by) { runtime.pass(by); }
  /// Advances the clock and runs.
  void advance(std::chrono::milliseconds by);

  /// Runs until `holds()` returns true, for work on other threads.
  template <class Predicate>
  void run_until(Predicate holds) {
    // Long enough that only a hanging test reaches it.
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{90};
    for (run(); !holds(); run()) {
      if (std::chrono::steady_clock::now() > patience)
        throw std::runtime_error("what the test waits for does not happen");
      std::this_thread::sleep_for(std::chrono::microseconds{200});
    }
  }

  /// Closes the shard, as an engine does at the end.
  void close();

private:
  shard_fixture(http::settings chosen, actors::executor_settings chosen_places);
};

} // namespace sake::test

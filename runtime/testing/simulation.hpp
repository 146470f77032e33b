// Simulates whole request flows, in an order that a seed decides.
#pragma once

#include "seeded_random.hpp"
#include "simulated_client.hpp"
#include "test_app.hpp"
#include "trace.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sake::testing {

/// One run of a scenario under one seed. The seed chooses the next step among all possible ones: a
/// client's step, an event of a connection, a post to a reactor, an actor that CAF has
/// scheduled, a task of the pool, a deadline. Now and then time passes although steps are possible.
/// A scenario lets the seed decide where handlers fail and how long they take.
class simulation : private simulated_client::world {
public:
  explicit simulation(std::uint64_t seed);
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;
  virtual ~simulation();

  // -- setup by the scenario ------------------------------------------------------------

  /// The app; the first call makes it.
  test_app& app(const config& options = {}, std::size_t reactors = 1);
  /// Adds a client.
  simulated_client& client();
  /// Adds an event that happens once, at some moment, such as the kill of an actor.
  void sometime(std::function<void()> event);
  /// Adds a check for the end, when nothing is left to do and all clients have gone.
  void at_rest(std::function<void()> look) { at_rest_.push_back(std::move(look)); }
  /// Makes a value that lives as long as the run, for handlers to refer to.
  template <class T, class... Args>
  T& keep(Args&&... args) {
    auto made = std::make_shared<T>(std::forward<Args>(args)...);
    kept_.push_back(made);
    return *made;
  }

  // -- decisions of the seed --------------------------------------------------------------

  /// Returns 0 to `limit` - 1.
  std::uint64_t below(std::uint64_t limit) noexcept override { return random_.below(limit); }
  bool chance(unsigned percent) noexcept override { return random_.chance(percent); }
  /// Returns 0 to `most`.
  std::chrono::milliseconds delay(std::chrono::milliseconds most) noexcept;

  // -- requirements -------------------------------------------------------------------------

  /// Adds a finding unless `holds`.
  void require(bool holds, std::string_view what) override;
  /// Returns a token that must be gone at rest; held by a coroutine while it lives, for example.
  [[nodiscard]] std::shared_ptr<const void> alive(const std::string& what);

  // -- running --------------------------------------------------------------------------------

  /// Runs until nothing is left to do, then checks the requirements.
  void play();
  [[nodiscard]] const std::vector<std::string>& findings() const noexcept { return findings_; }
  /// The hash of all events.
  [[nodiscard]] std::uint64_t trace_hash() const noexcept { return trace_.hash(); }

  /// Adds to the trace.
  void note(std::uint64_t who, std::string_view what) noexcept override;

private:
  void run_to_rest();
  bool step();
  void take_step(std::uint64_t which, std::size_t ready_on_runtime);
  bool pass_to_next_due();
  void pass(std::chrono::nanoseconds by);
  void look();
  [[nodiscard]] memory_peer connect() override;
  void forget(memory_peer closed) override { closed_.push_back(std::move(closed)); }

  seeded_random random_;
  trace trace_;
  std::vector<std::string> findings_;
  std::map<std::string, std::shared_ptr<int>> alive_;
  std::vector<std::shared_ptr<void>> kept_;
  std::unique_ptr<test_app> app_;
  std::vector<std::unique_ptr<simulated_client>> clients_;
  std::vector<memory_peer> closed_;
  std::vector<std::function<void()>> events_;
  std::vector<std::function<void()>> at_rest_;
  std::size_t steps_ = 0;
};

/// Sets up app, clients and requirements for one run.
using scenario = std::function<void(simulation&)>;

/// The seeds of the runs.
struct seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 100;
  /// Each run belongs to one thread; the result does not depend on their number.
  std::size_t threads = 1;
};

/// A requirement that did not hold under one seed.
struct finding {
  std::uint64_t seed;
  std::uint64_t trace;
  std::string what;
};

/// The result of all runs.
struct simulation_result {
  std::uint64_t seeds = 0;
  std::vector<finding> findings;
  /// The hash of the traces of all runs, in the order of their seeds.
  std::uint64_t trace = 0;

  explicit operator bool() const noexcept { return findings.empty(); }
};

/// Prints each finding with its seed, for `simulate` to reproduce it.
std::ostream& operator<<(std::ostream& out, const finding& shown);
std::ostream& operator<<(std::ostream& out, const simulation_result& shown);

/// The result of one run.
struct run_result {
  std::uint64_t trace = 0;
  std::vector<std::string> findings;
};

/// Calls `run` once for each seed.
/// @param run  called by several threads at a time if `of.threads` is above 1
[[nodiscard]] simulation_result simulate_runs(const std::function<run_result(std::uint64_t)>& run,
                                              const seeds& of);

/// Runs `what` once for each seed.
///
///     CHECK(simulate(carts_under_load, {.first = 1, .count = 1000}));
///
/// @param what  called by several threads at a time if `of.threads` is above 1
[[nodiscard]] simulation_result simulate(const scenario& what, const seeds& of = {});

} // namespace sake::testing

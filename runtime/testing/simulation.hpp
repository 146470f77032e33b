// Whole request flows, in an order that a seed decides.
#pragma once

#include <sake/testing/seeded_random.hpp>
#include <sake/testing/simulated_client.hpp>
#include <sake/testing/test_app.hpp>
#include <sake/testing/trace.hpp>

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

/// One run of a scenario under one seed. The seed decides what is next of all that could be: a
/// client's step, what a connection is told, what was posted to a reactor, an actor that CAF has
/// scheduled, a task of the pool, a deadline; and now and then time passes although there is
/// something to do. A scenario has it decide where handlers fail and how long they take.
class simulation {
public:
  explicit simulation(std::uint64_t seed);
  simulation(const simulation&) = delete;
  simulation& operator=(const simulation&) = delete;
  ~simulation();

  // -- what a scenario sets up ----------------------------------------------------------

  /// The app; the first call makes it.
  test_app& app(const config& options = {}, std::size_t reactors = 1);
  /// One more client.
  simulated_client& client();
  /// Something that happens once, at some moment: an actor is killed, say.
  void sometime(std::function<void()> event);
  /// Something to look at when nothing is left to do and all clients have gone.
  void at_rest(std::function<void()> look) { at_rest_.push_back(std::move(look)); }
  /// A value that lives as long as the run, for handlers to refer to.
  template <class T, class... Args>
  T& keep(Args&&... args) {
    auto made = std::make_shared<T>(std::forward<Args>(args)...);
    kept_.push_back(made);
    return *made;
  }

  // -- what the seed decides --------------------------------------------------------------

  /// 0 to `bound` - 1.
  std::uint64_t below(std::uint64_t bound) noexcept { return random_.below(bound); }
  bool chance(unsigned percent) noexcept { return random_.chance(percent); }
  /// From 0 to `most`.
  std::chrono::milliseconds delay(std::chrono::milliseconds most) noexcept;

  // -- what is to hold ----------------------------------------------------------------------

  /// Notes a finding unless `holds`.
  void require(bool holds, std::string_view what);
  /// A token of something that is to be gone at rest: what a coroutine holds while it lives, say.
  [[nodiscard]] std::shared_ptr<const void> alive(const std::string& what);

  // -- running --------------------------------------------------------------------------------

  /// Runs until nothing is left to do, then looks at what is to hold.
  void play();
  [[nodiscard]] const std::vector<std::string>& findings() const noexcept { return findings_; }
  /// What happened, as one number.
  [[nodiscard]] std::uint64_t trace_hash() const noexcept { return trace_.hash(); }

  /// Adds to the trace.
  void note(std::uint64_t who, std::string_view what) noexcept;

private:
  friend class simulated_client;

  void run_to_rest();
  bool step();
  void take_step(std::uint64_t which, std::size_t ready_on_stage);
  bool pass_to_next_due();
  void pass(std::chrono::nanoseconds by);
  void look();
  void forget(memory_peer closed) { closed_.push_back(std::move(closed)); }

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

/// Sets up app, clients and what is to hold, for one run.
using scenario = std::function<void(simulation&)>;

/// The seeds to run a scenario for.
struct seeds {
  std::uint64_t first = 1;
  std::uint64_t count = 100;
  /// What comes out does not depend on it. Each run belongs to one thread.
  std::size_t threads = 1;
};

/// Something that did not hold under one seed.
struct finding {
  std::uint64_t seed;
  std::uint64_t trace;
  std::string what;
};

/// What came out of all runs.
struct simulation_result {
  std::uint64_t seeds = 0;
  std::vector<finding> findings;
  /// Over the traces of all runs, in the order of their seeds.
  std::uint64_t trace = 0;

  explicit operator bool() const noexcept { return findings.empty(); }
};

/// Each finding in a line with its seed; `simulate` with that seed gives it again.
std::ostream& operator<<(std::ostream& out, const finding& shown);
std::ostream& operator<<(std::ostream& out, const simulation_result& shown);

/// Runs `what` once for each seed.
///
///     CHECK(simulate(carts_under_load, {.first = 1, .count = 1000}));
///
/// @param what  called by several threads at a time where there are several
[[nodiscard]] simulation_result simulate(const scenario& what, const seeds& of = {});

} // namespace sake::testing

#include "simulation.hpp"

#include <algorithm>
#include <atomic>
#include <exception>
#include <iomanip>
#include <ostream>
#include <thread>

namespace sake::testing {

namespace {

using namespace std::chrono_literals;

// A run with more steps does not come to rest.
constexpr std::size_t max_steps = 1'000'000;
// Periodic events are followed up to this time.
constexpr auto horizon = 10min;
// How often, in percent, and how long at most, time passes although steps are possible.
constexpr unsigned percent_late = 2;
constexpr std::uint64_t latest_ms = 3;

// The trace values of step kinds; clients use their number.
constexpr std::uint64_t on_runtime = 1'000'000;
constexpr std::uint64_t of_scenario = 2'000'000;
constexpr std::uint64_t time_passes = 3'000'000;

} // namespace

simulation::simulation(std::uint64_t seed) : random_(seed) {}

simulation::~simulation() {
  // Handlers must be destroyed before the values they refer to.
  clients_.clear();
  app_.reset();
}

// -- setup by the scenario ----------------------------------------------------------------

test_app& simulation::app(const config& options, std::size_t reactors) {
  if (app_ == nullptr) {
    app_ = std::make_unique<test_app>(options, reactors);
    // Every request that a chain has started must be gone at rest.
    app_->routes().use([this](context& ctx) { ctx.set("sake.alive", alive("request")); });
  }
  return *app_;
}

memory_peer simulation::connect() {
  return app().connect();
}

simulated_client& simulation::client() {
  clients_.emplace_back(new simulated_client{*this, clients_.size() + 1});
  return *clients_.back();
}

void simulation::sometime(std::function<void()> event) {
  events_.push_back(std::move(event));
}

std::chrono::milliseconds simulation::delay(std::chrono::milliseconds most) noexcept {
  return std::chrono::milliseconds{below(static_cast<std::uint64_t>(most.count()) + 1)};
}

void simulation::require(bool holds, std::string_view what) {
  if (!holds)
    findings_.emplace_back(what);
}

std::shared_ptr<const void> simulation::alive(const std::string& what) {
  auto& count = alive_[what];
  if (count == nullptr)
    count = std::make_shared<int>();
  return count;
}

void simulation::note(std::uint64_t who, std::string_view what) noexcept {
  trace_.note(who);
  trace_.note(what);
}

// -- running ------------------------------------------------------------------------------

void simulation::play() {
  try {
    run_to_rest();
    for (const auto& each : clients_)
      if (const auto left = each->unanswered(); !left.empty())
        require(false, left + " when nothing is left to do and every deadline has passed");
    for (const auto& each : clients_)
      each->hang_up();
    run_to_rest();
    look();
  } catch (const std::exception& error) {
    require(false, error.what());
  }
}

void simulation::run_to_rest() {
  while (step() || pass_to_next_due())
    if (++steps_ > max_steps)
      throw failure("it does not come to rest");
}

bool simulation::step() {
  auto& runtime = app().runtime();
  const std::size_t ready_on_runtime = runtime.ready();
  std::size_t ready = ready_on_runtime + events_.size();
  for (const auto& each : clients_)
    ready += each->is_ready() ? 1 : 0;
  if (ready == 0)
    return runtime.step();
  if (chance(percent_late))
    pass(std::chrono::milliseconds{below(latest_ms + 1)});
  take_step(below(ready), ready_on_runtime);
  return true;
}

void simulation::take_step(std::uint64_t which, std::size_t ready_on_runtime) {
  for (const auto& each : clients_)
    if (each->is_ready() && which-- == 0) {
      each->act();
      return;
    }
  if (which < ready_on_runtime) {
    trace_.note(on_runtime + which);
    app().runtime().handle(which);
    return;
  }
  which -= ready_on_runtime;
  trace_.note(of_scenario + which);
  const auto event = std::move(events_[which]);
  events_.erase(events_.begin() + static_cast<std::ptrdiff_t>(which));
  event();
}

bool simulation::pass_to_next_due() {
  auto& runtime = app().runtime();
  const auto next = runtime.next_due();
  const auto now = runtime.clock().now();
  if (!next || *next > manual_clock{}.now() + horizon)
    return false;
  pass(std::max<std::chrono::nanoseconds>(*next - now, 0ns));
  return true;
}

void simulation::pass(std::chrono::nanoseconds by) {
  trace_.note(time_passes);
  trace_.note(static_cast<std::uint64_t>(by.count()));
  app().runtime().pass(by);
}

void simulation::look() {
  for (const auto& each : clients_)
    require(each->is_gone(), "a connection is left over");
  require(std::all_of(closed_.begin(), closed_.end(), [](const auto& p) { return p.is_gone(); }),
          "a connection is left over");
  require(app().runtime().open_connections() == 0, "a connection is counted that is not there");
  for (const auto& [what, count] : alive_)
    require(count.use_count() == 1, what + " left over: " + std::to_string(count.use_count() - 1));
  for (const auto& each : at_rest_)
    each();
}

// -- many seeds ---------------------------------------------------------------------------

namespace {

// Outcomes kept at a time, to be put in the order of their seeds.
constexpr std::uint64_t max_held = 4096;

run_result run_seed(const scenario& what, std::uint64_t seed) {
  simulation run{seed};
  try {
    what(run);
    run.play();
  } catch (const std::exception& error) {
    run.require(false, error.what());
  }
  return {run.trace_hash(), run.findings()};
}

// Runs `count` seeds from `first` on.
std::vector<run_result> run_batch(const std::function<run_result(std::uint64_t)>& run,
                                  std::uint64_t first, std::uint64_t count, std::size_t threads) {
  std::vector<run_result> outcomes(count);
  std::atomic<std::uint64_t> next{0};
  const auto work = [&] {
    for (std::uint64_t i = next++; i < count; i = next++)
      outcomes[i] = run(first + i);
  };
  std::vector<std::thread> helpers;
  for (std::size_t i = 1; i < threads; ++i)
    helpers.emplace_back(work);
  work();
  for (auto& each : helpers)
    each.join();
  return outcomes;
}

} // namespace

simulation_result simulate(const scenario& what, const seeds& of) {
  return simulate_runs([&what](std::uint64_t seed) { return run_seed(what, seed); }, of);
}

simulation_result simulate_runs(const std::function<run_result(std::uint64_t)>& run,
                                const seeds& of) {
  simulation_result result{.seeds = of.count, .findings = {}, .trace = 0};
  trace all;
  for (std::uint64_t done = 0; done < of.count; done += max_held) {
    auto seed = of.first + done;
    for (auto& each : run_batch(run, seed, std::min(max_held, of.count - done), of.threads)) {
      all.note(each.trace);
      for (auto& text : each.findings)
        result.findings.push_back({seed, each.trace, std::move(text)});
      ++seed;
    }
  }
  result.trace = all.hash();
  return result;
}

std::ostream& operator<<(std::ostream& out, const finding& shown) {
  const auto flags = out.flags();
  out << "seed " << shown.seed << " (trace " << std::hex << std::setw(16) << std::setfill('0')
      << shown.trace << "): ";
  out.flags(flags);
  return out << std::setfill(' ') << shown.what;
}

std::ostream& operator<<(std::ostream& out, const simulation_result& shown) {
  for (const auto& each : shown.findings)
    out << each << '\n';
  return out << shown.seeds << " seeds, " << shown.findings.size() << " findings";
}

} // namespace sake::testing

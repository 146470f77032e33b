// Simulation: a seed determines the order of events, repeatably.
#include "../support/catch.hpp"

#include <sake/actors.hpp>
#include <sake/testing/built_in_scenario.hpp>
#include <sake/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>

using namespace sake::testing;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using sake::context;
using sake::task;

namespace {

void ask_hello(simulation& run) {
  run.app().routes().get("/", [](context& ctx) { ctx.string(200, "hi"); });
  for (int i = 0; i < 3; ++i)
    run.client().ask(request("GET", "/"), has_content("hi"));
}

std::string text_of(const simulation_result& result) {
  std::ostringstream text;
  text << result;
  return text.str();
}

} // namespace

TEST_CASE("the built-in scenario holds for many seeds", "[testing][simulation]") {
  const auto result = simulate(built_in_scenario(), {.first = 1, .count = 200});
  INFO(result);
  CHECK(result.findings.empty());
}

TEST_CASE("the same seeds give the same trace on any number of threads", "[testing][simulation]") {
  const auto first = simulate(built_in_scenario(), {.first = 7, .count = 40, .threads = 1});
  CHECK(simulate(built_in_scenario(), {.first = 7, .count = 40, .threads = 1}).trace
        == first.trace);
  CHECK(simulate(built_in_scenario(), {.first = 7, .count = 40, .threads = 2}).trace
        == first.trace);
  CHECK(simulate(built_in_scenario(), {.first = 8, .count = 40, .threads = 2}).trace
        != first.trace);
}

TEST_CASE("findings of many seeds are sorted by seed", "[testing][simulation]") {
  const auto fails_often = [](simulation& run) { run.require(!run.chance(1), "by its seed"); };
  const auto all = simulate(fails_often, {.first = 1, .count = 10'000, .threads = 2});
  CHECK(all.seeds == 10'000);
  REQUIRE(all.findings.size() > 10);
  CHECK(all.findings.back().seed > 8'192);
  CHECK(std::is_sorted(all.findings.begin(), all.findings.end(),
                       [](const auto& one, const auto& other) { return one.seed < other.seed; }));
  const auto last = all.findings.back().seed;
  CHECK(simulate(fails_often, {.first = last, .count = 1}).findings.size() == 1);
}

TEST_CASE("each seed gives another order of the same events", "[testing][simulation]") {
  std::set<std::uint64_t> traces;
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    simulation run{seed};
    ask_hello(run);
    run.play();
    CHECK(run.findings().empty());
    traces.insert(run.trace_hash());
  }
  CHECK(traces.size() == 50);
}

TEST_CASE("a lost reply is found, and its seed finds it again", "[testing][simulation]") {
  const auto planted_bug = built_in_scenario(planted::lost_wakeup);
  const auto result = simulate(planted_bug, {.first = 1, .count = 200});
  REQUIRE_FALSE(result);
  const auto& found = result.findings.front();
  const auto again = simulate(planted_bug, {.first = found.seed, .count = 1});
  REQUIRE_FALSE(again);
  CHECK(again.findings.front().trace == found.trace);
  CHECK(again.findings.front().what == found.what);
  CHECK_THAT(text_of(again), ContainsSubstring("seed " + std::to_string(found.seed)));
}

TEST_CASE("a response that belongs to another request is found", "[testing][simulation]") {
  const auto result = simulate(
      [](simulation& run) {
        // A request that comes while another waits gets the answer of that other request.
        auto& last = run.keep<std::string>();
        run.app().routes().get("/:n", [&](context& ctx) -> task<> {
          last = ctx.param("n");
          co_await ctx.sleep(run.delay(5ms));
          ctx.string(200, last);
        });
        for (const std::string n : {"1", "2", "3"})
          run.client().ask(request("GET", '/' + n), has_content(n));
      },
      {.first = 1, .count = 50});
  CHECK_FALSE(result);
  CHECK_THAT(text_of(result), ContainsSubstring("expected the content"));
}

TEST_CASE("an unanswered request is found after all deadlines", "[testing][simulation]") {
  const auto result = simulate(
      [](simulation& run) {
        auto& app = run.app(sake::config{}.with_request_timeout(0ms));
        auto& silent = run.keep<std::unique_ptr<probe>>();
        silent = std::make_unique<probe>(app);
        app.routes().get("/", silent->handle());
        run.client().ask(request("GET", "/"), has_status(200));
        run.at_rest([&silent] { silent.reset(); });
      },
      {.first = 1, .count = 3});
  CHECK(result.findings.size() >= 3);
  CHECK_THAT(text_of(result), ContainsSubstring("unanswered: GET /"));
}

TEST_CASE("a frame that is never released is found", "[testing][simulation]") {
  const auto result = simulate(
      [](simulation& run) {
        auto& kept = run.keep<std::vector<std::shared_ptr<const void>>>();
        run.app().routes().get("/", [&](context& ctx) {
          kept.push_back(run.alive("thing"));
          ctx.string(200, "");
        });
        run.client().ask(request("GET", "/"), has_status(200));
      },
      {.first = 1, .count = 1});
  CHECK_THAT(text_of(result), ContainsSubstring("thing left over: 1"));
}

TEST_CASE("an event of the scenario happens once, and a failure in it is found",
          "[testing][simulation]") {
  int count = 0;
  const auto result = simulate(
      [&count](simulation& run) {
        ask_hello(run);
        run.sometime([&count] { ++count; });
        run.at_rest([&run, &count] { run.require(count == 1, "not once"); });
      },
      {.first = 1, .count = 1});
  CHECK(result);
  CHECK_THAT(text_of(simulate([](simulation& run) {
               ask_hello(run);
               run.sometime([] { throw std::runtime_error("boom"); });
             })),
             ContainsSubstring("seed 100") && ContainsSubstring("boom"));
}

TEST_CASE("a client that leaves need not be answered, a client that stays must be",
          "[testing][simulation]") {
  const auto flows = [](bool may_leave) {
    return [may_leave](simulation& run) {
      run.app().routes().get("/", [&run](context& ctx) -> task<> {
        const auto frame = run.alive("coroutine");
        co_await ctx.sleep(run.delay(1s));
        ctx.string(200, "hi");
      });
      for (int i = 0; i < 4; ++i) {
        auto& client = run.client();
        if (may_leave)
          client.may_leave();
        for (int n = 0; n < 4; ++n)
          client.ask(request("GET", "/"), has_content("hi"));
      }
    };
  };
  const auto stays = simulate(flows(false));
  const auto leaves = simulate(flows(true));
  INFO(stays << leaves);
  CHECK(stays);
  CHECK(leaves);
  CHECK(stays.trace != leaves.trace);
}

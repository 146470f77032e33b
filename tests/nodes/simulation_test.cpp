// Several nodes under faults, in the order that a seed decides.
#include "../support/catch.hpp"

#include <sake/testing/cluster_scenario.hpp>

using sake::testing::run_cluster;
using sake::testing::simulate_runs;

TEST_CASE("no request is lost or run twice under faults", "[nodes][simulation]") {
  const auto result = simulate_runs([](std::uint64_t seed) { return run_cluster(seed); },
                                    {.first = 1, .count = 150});
  CHECK(result);
  for (const auto& each : result.findings)
    WARN(each);
}

TEST_CASE("a seed gives the same run again", "[nodes][simulation]") {
  CHECK(run_cluster(7).trace == run_cluster(7).trace);
  CHECK(run_cluster(7).trace != run_cluster(8).trace);
}

TEST_CASE("a route that wrongly claims to be idempotent is found", "[nodes][simulation]") {
  CHECK_FALSE(simulate_runs(
      [](std::uint64_t seed) { return run_cluster(seed, {.runs_posts_again = true}); },
      {.first = 1, .count = 150}));
}

// The count of open connections, by itself.
#include "../support/catch.hpp"

#include <sake/actors/connection/connection_limit.hpp>

#include <atomic>
#include <cstddef>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

using sake::actors::connection_limit;

TEST_CASE("connection_limit serves up to its limit, refuses some more and drops the rest",
          "[actors][connection_limit]") {
  connection_limit limit{2, 1};
  auto first = limit.take();
  const auto second = limit.take();
  const auto third = limit.take();
  const auto fourth = limit.take();
  CHECK(first.is_served());
  CHECK(second.is_served());
  CHECK_FALSE(third.is_served());
  CHECK_FALSE(third.is_dropped());
  CHECK(fourth.is_dropped());
  CHECK(limit.open() == 3);

  SECTION("a released place serves the next connection, although another is refused") {
    first = {};
    CHECK(limit.open() == 2);
    CHECK(limit.take().is_served());
  }
  SECTION("a moved place counts once") {
    const auto moved = std::move(first);
    CHECK(moved.is_served());
    CHECK(limit.open() == 3);
  }
}

TEST_CASE("connection_limit never serves more than its limit when threads compete",
          "[actors][connection_limit]") {
  connection_limit limit{3, 1'000};
  constexpr int rounds = 20'000;
  std::atomic<std::size_t> inside{0};
  std::atomic<bool> was_exceeded{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        std::optional<connection_limit::place> places[2] = {limit.take(), limit.take()};
        for (auto& each : places) {
          if (!each->is_served())
            continue;
          if (inside.fetch_add(1) >= 3)
            was_exceeded = true;
        }
        for (auto& each : places)
          if (each->is_served())
            inside.fetch_sub(1);
      }
    });
  for (auto& each : threads)
    each.join();
  CHECK_FALSE(was_exceeded);
  CHECK(limit.open() == 0);
}

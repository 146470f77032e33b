// How long work on a worker would have held a reactor.
#include "../support/catch.hpp"

#include <sake/actors/detail/stopwatch.hpp>

#include <chrono>
#include <thread>

using sake::actors::detail::stopwatch;
using namespace std::chrono_literals;

TEST_CASE("What computes counts by its CPU time, however long it had to wait for a core",
          "[actors][stopwatch]") {
  const stopwatch own;
  const auto end = std::chrono::steady_clock::now() + 20ms;
  while (std::chrono::steady_clock::now() < end) {
  }
  // As if others had had the core for an hour in between.
  const auto held = own.held(1h);
  CHECK(held > 0us);
  CHECK(held < 1h);
}

TEST_CASE("What sleeps counts by the clock", "[actors][stopwatch]") {
  const stopwatch own;
  std::this_thread::sleep_for(1ms);
  CHECK(own.held(1h) == 1h);
}

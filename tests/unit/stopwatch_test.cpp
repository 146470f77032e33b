// How long work on a worker would have held a reactor.
#include "../support/catch.hpp"

#include <sake/actors/detail/stopwatch.hpp>

#include <chrono>
#include <thread>

using sake::actors::detail::stopwatch;
using namespace std::chrono_literals;

namespace {

void compute(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

} // namespace

TEST_CASE("What computes counts by its CPU time, however long it had to wait for a core",
          "[actors][stopwatch]") {
  const stopwatch own;
  compute(20ms);
  // As if others had had the core for an hour in between.
  const auto held = own.held(1h);
  CHECK(held > 0us);
  CHECK(held < 1h);
}

TEST_CASE("No run counts for longer than it took, and short runs count", "[actors][stopwatch]") {
  for (int i = 0; i < 200; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const stopwatch own;
    compute(100us);
    const auto held = own.held(std::chrono::steady_clock::now() - begun);
    CHECK(held > 0ns);
    CHECK(held <= std::chrono::steady_clock::now() - begun);
  }
}

TEST_CASE("What sleeps counts by the clock", "[actors][stopwatch]") {
  const stopwatch own;
  std::this_thread::sleep_for(1ms);
  CHECK(own.held(1h) == 1h);
}

// How long work on a worker would have blocked a reactor.
#include "../../../support/catch.hpp"

#include <sake/actors/workers/detail/stopwatch.hpp>

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

TEST_CASE("a computing function counts by CPU time, however long it waits for a core",
          "[actors][stopwatch]") {
  const stopwatch own;
  compute(20ms);
  // As if other threads had used the core for an hour.
  const auto held = own.held(1h);
  CHECK(held > 0us);
  CHECK(held < 1h);
}

TEST_CASE("a run never counts for more than its elapsed time, and short runs count",
          "[actors][stopwatch]") {
  for (int i = 0; i < 200; ++i) {
    const auto begun = std::chrono::steady_clock::now();
    const stopwatch own;
    compute(100us);
    const auto held = own.held(std::chrono::steady_clock::now() - begun);
    CHECK(held > 0ns);
    CHECK(held <= std::chrono::steady_clock::now() - begun);
  }
}

TEST_CASE("a sleeping function counts by the clock", "[actors][stopwatch]") {
  const stopwatch own;
  std::this_thread::sleep_for(1ms);
  CHECK(own.held(1h) == 1h);
}

// When a route moves to the worker pool and back, as times and counts.
#include "../support/catch.hpp"

#include <sake/actors/placement_policy.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

using sake::actors::adaptive_settings;
using sake::actors::placement_policy;
using namespace std::chrono_literals;

namespace {

struct fixture {
  bool hold(std::chrono::nanoseconds held = 5ms) { return policy.on_held(bounds, now, held, true); }
  bool window(std::uint32_t runs, std::chrono::microseconds longest) {
    now += bounds.window;
    return policy.on_window(bounds, now, runs, longest);
  }
  void move() { REQUIRE(hold(50ms)); }

  adaptive_settings bounds;
  placement_policy policy;
  sake::actors::time_point now{1h};
};

} // namespace

TEST_CASE("a route moves when its handler held a reactor three times in a window", "[adaptive]") {
  fixture f;
  CHECK_FALSE(f.hold());
  f.now += 500ms;
  CHECK_FALSE(f.hold());
  f.now += 500ms;
  CHECK(f.hold());
  CHECK(f.policy.is_moved());
  CHECK_FALSE(f.hold()); // it has moved already
}

TEST_CASE("now and then is not often enough to move", "[adaptive]") {
  fixture f;
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(f.hold());
    f.now += 600ms;
  }
}

TEST_CASE("one run is told many times, and counts once", "[adaptive]") {
  fixture f;
  CHECK_FALSE(f.hold(5ms));
  for (auto held = 6ms; held < 50ms; ++held)
    CHECK_FALSE(f.policy.on_held(f.bounds, f.now, held, false));
  CHECK(f.policy.on_held(f.bounds, f.now, 50ms, false)); // ten times the threshold is enough
}

TEST_CASE("a route comes back after two windows in which it was quick", "[adaptive]") {
  fixture f;
  f.move();
  CHECK_FALSE(f.window(10, 2499us));
  CHECK(f.window(1, 0us));
  CHECK_FALSE(f.policy.is_moved());
}

TEST_CASE("a window with a slow run, or without any, is no reason to come back", "[adaptive]") {
  fixture f;
  f.move();
  CHECK_FALSE(f.window(10, 100us));
  CHECK_FALSE(f.window(10, 2500us)); // half of the threshold: between the two bounds it stays
  CHECK_FALSE(f.window(10, 100us));
  CHECK_FALSE(f.window(0, 0us));
  CHECK(f.window(10, 100us));
}

TEST_CASE("a route that moves again soon waits twice as long, up to a bound", "[adaptive]") {
  fixture f;
  int expected = 2;
  for (int i = 0; i < 10; ++i) {
    f.move();
    for (int quick = 1; quick < expected; ++quick)
      REQUIRE_FALSE(f.window(1, 1us));
    REQUIRE(f.window(1, 1us));
    expected = std::min(expected * 2, 64);
  }
  f.now += 11s; // long enough to be trusted again
  f.move();
  CHECK_FALSE(f.window(1, 1us));
  CHECK(f.window(1, 1us));
}

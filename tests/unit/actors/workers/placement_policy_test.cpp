// When a route moves to the worker pool and back.
#include "../../../support/catch.hpp"

#include <sake/actors/workers/placement_policy.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

using sake::actors::adaptive_settings;
using sake::actors::placement_policy;
using namespace std::chrono_literals;

namespace {

struct placement_fixture {
  bool hold(std::chrono::nanoseconds held = 5ms) { return policy.on_held(limits, now, held, true); }
  bool window(std::uint32_t runs, std::chrono::microseconds longest) {
    now += limits.window;
    return policy.on_window(limits, now, runs, longest);
  }
  void move() { REQUIRE(hold(50ms)); }

  adaptive_settings limits;
  placement_policy policy;
  sake::actors::time_point now{1h};
};

} // namespace

TEST_CASE("a route moves when its handler blocks a reactor three times in a window", "[adaptive]") {
  placement_fixture f;
  CHECK_FALSE(f.hold());
  f.now += 500ms;
  CHECK_FALSE(f.hold());
  f.now += 500ms;
  CHECK(f.hold());
  CHECK(f.policy.is_moved());
  CHECK_FALSE(f.hold()); // the route has moved already
}

TEST_CASE("a route that blocks less than three times in a window does not move", "[adaptive]") {
  placement_fixture f;
  for (int i = 0; i < 100; ++i) {
    CHECK_FALSE(f.hold());
    f.now += 600ms;
  }
}

TEST_CASE("a single run counts once, however often it is reported", "[adaptive]") {
  placement_fixture f;
  CHECK_FALSE(f.hold(5ms));
  for (auto held = 6ms; held < 50ms; ++held)
    CHECK_FALSE(f.policy.on_held(f.limits, f.now, held, false));
  // Ten times the threshold moves the route at once.
  CHECK(f.policy.on_held(f.limits, f.now, 50ms, false));
}

TEST_CASE("a route returns after two windows of quick runs", "[adaptive]") {
  placement_fixture f;
  f.move();
  CHECK_FALSE(f.window(10, 2499us));
  CHECK(f.window(1, 0us));
  CHECK_FALSE(f.policy.is_moved());
}

TEST_CASE("a window with a slow run or with no runs does not return the route", "[adaptive]") {
  placement_fixture f;
  f.move();
  CHECK_FALSE(f.window(10, 100us));
  CHECK_FALSE(f.window(10, 2500us)); // half of the threshold is not quick enough
  CHECK_FALSE(f.window(10, 100us));
  CHECK_FALSE(f.window(0, 0us));
  CHECK(f.window(10, 100us));
}

TEST_CASE("a route that moves again soon must wait twice as long to return, up to a limit",
          "[adaptive]") {
  placement_fixture f;
  int expected = 2;
  for (int i = 0; i < 10; ++i) {
    f.move();
    for (int quick = 1; quick < expected; ++quick)
      REQUIRE_FALSE(f.window(1, 1us));
    REQUIRE(f.window(1, 1us));
    expected = std::min(expected * 2, 64);
  }
  f.now += 11s; // long enough for the wait to start from the minimum
  f.move();
  CHECK_FALSE(f.window(1, 1us));
  CHECK(f.window(1, 1us));
}

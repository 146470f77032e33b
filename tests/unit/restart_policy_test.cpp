// When a failed actor is followed by another, as times and counts.
#include "../support/catch.hpp"

#include <sake/actors/restart_policy.hpp>

#include <chrono>

using sake::supervision;
using sake::actors::restart_policy;
using namespace std::chrono_literals;

namespace {

using kind = restart_policy::decision::kind;

struct fixture {
  /// At a request, behind `served` that were answered.
  restart_policy::decision fail(std::chrono::milliseconds after = 0ms, std::uint32_t served = 0) {
    now += after;
    begun += served + 1;
    return policy.on_failure(bounds, now, begun);
  }
  /// Before it has begun with anything.
  restart_policy::decision fail_to_start() { return policy.on_failure(bounds, now, begun); }
  /// How long the place of one that fails now stays empty.
  std::chrono::milliseconds delay(std::chrono::milliseconds after = 0ms) {
    const auto next = fail(after);
    REQUIRE(next.what == kind::restart);
    return std::chrono::duration_cast<std::chrono::milliseconds>(next.when - now);
  }

  supervision bounds{
      .restarts = 5, .within = 10s, .backoff = 100ms, .backoff_max = 500ms, .quarantine = 30s};
  restart_policy policy;
  std::uint32_t begun = 0xffff'fff0; // it wraps around
  sake::actors::time_point now{1h};
};

} // namespace

TEST_CASE("the first failure is followed by a restart at once, further ones after twice the time",
          "[supervision]") {
  fixture f;
  CHECK(f.delay() == 0ms);
  CHECK(f.delay() == 100ms);
  CHECK(f.delay() == 200ms);
  CHECK(f.delay() == 400ms);
  CHECK(f.delay() == 500ms); // backoff_max
}

TEST_CASE("without a backoff every restart is at once", "[supervision]") {
  fixture f;
  f.bounds.backoff = 0ms;
  for (int i = 0; i < 5; ++i)
    CHECK(f.delay() == 0ms);
  CHECK(f.fail().what == kind::quarantine);
}

TEST_CASE("one failure too many leads to quarantine", "[supervision]") {
  fixture f;
  for (int i = 0; i < 5; ++i)
    (void)f.delay(1s);
  const auto next = f.fail(1s);
  CHECK(next.what == kind::quarantine);
  CHECK(next.when == f.now + 30s);
  CHECK(next.failures == 6);
  CHECK(f.policy.is_on_probation());
}

TEST_CASE("with no restarts the first failure leads to quarantine", "[supervision]") {
  fixture f;
  f.bounds.restarts = 0;
  CHECK(f.fail().what == kind::quarantine);
}

TEST_CASE("a failure counts for as long as was said, whenever others were", "[supervision]") {
  fixture f;
  CHECK(f.fail().failures == 1);
  CHECK(f.fail(9s).failures == 2);
  CHECK(f.fail(999ms).failures == 3);
  CHECK(f.fail(1ms).failures == 3); // the first is ten seconds old
  CHECK(f.delay(20s) == 0ms);       // and a run of failures over
}

TEST_CASE("no more restarts than were said fall into any window", "[supervision]") {
  fixture f;
  (void)f.delay();
  // Around the end of the window that began with the first.
  for (int i = 0; i < 4; ++i)
    (void)f.delay(i == 0 ? 9'900ms : 10ms);
  (void)f.delay(100ms);
  CHECK(f.fail(10ms).what == kind::quarantine);
}

TEST_CASE("a failure on probation leads back to quarantine", "[supervision]") {
  fixture f;
  f.bounds.restarts = 0;
  (void)f.fail();
  f.bounds.restarts = 5;
  CHECK(f.fail(30s).what == kind::quarantine);
  CHECK(f.fail(39s).what == kind::quarantine);
}

TEST_CASE("whoever has recovered starts with a clean slate", "[supervision]") {
  fixture f;
  for (int i = 0; i < 6; ++i)
    (void)f.fail();
  f.policy.on_recovery();
  CHECK_FALSE(f.policy.is_on_probation());
  CHECK(f.delay(40s) == 0ms);
  CHECK(f.delay() == 100ms);
}

TEST_CASE("an actor that fails for a few of its requests is restarted at once, and for ever",
          "[supervision]") {
  fixture f;
  for (int i = 0; i < 1000; ++i) {
    const auto next = f.fail(1ms, 2);
    CHECK(next.what == kind::restart);
    CHECK(next.when == f.now);
  }
}

TEST_CASE("an actor that begins to fail for most of what it gets is quarantined", "[supervision]") {
  fixture f;
  for (int i = 0; i < 100; ++i)
    CHECK(f.fail(1ms, 19).what == kind::restart);
  int restarts = 0;
  while (f.fail(1ms).what == kind::restart)
    ++restarts;
  CHECK(restarts < 6);
}

TEST_CASE("an actor that cannot start is quarantined, however many were served before",
          "[supervision]") {
  fixture f;
  (void)f.fail(0ms, 1000);
  f.now += 20s;
  for (int i = 0; i < 5; ++i)
    CHECK(f.fail_to_start().what == kind::restart);
  CHECK(f.fail_to_start().what == kind::quarantine);
}

TEST_CASE("on probation one bad request behind good ones is followed by a restart",
          "[supervision]") {
  fixture f;
  while (f.fail().what == kind::restart) {
  }
  f.now += 30s;
  CHECK(f.fail(1ms, 2).what == kind::restart);
  CHECK(f.fail(1ms, 2).what == kind::restart);
  CHECK(f.fail(1ms, 0).what == kind::restart);
  CHECK(f.fail(1ms, 0).what == kind::restart);
  CHECK(f.fail(1ms, 0).what == kind::quarantine);
}

TEST_CASE("an actor that fails for exactly half of its requests is restarted at once, and for ever",
          "[supervision]") {
  fixture f;
  f.bounds.restarts = GENERATE(1U, 4U, 5U);
  for (int i = 0; i < 100; ++i) {
    const auto next = f.fail(1ms, 1);
    CHECK(next.what == kind::restart);
    CHECK(next.when == f.now);
  }
}

TEST_CASE("an actor that fails for little more than half of its requests is quarantined",
          "[supervision]") {
  fixture f;
  int restarts = 0;
  // Of five requests three.
  while (f.fail(1ms, restarts % 3 == 2 ? 0 : 1).what == kind::restart && restarts < 100)
    ++restarts;
  CHECK(restarts < 10);
}

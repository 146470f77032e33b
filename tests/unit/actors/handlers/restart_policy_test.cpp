// When a failed actor is restarted, after how long, and when it is quarantined instead.
#include "../../../support/catch.hpp"

#include <sake/actors/handlers/restart_policy.hpp>

#include <chrono>

using sake::supervision;
using sake::actors::restart_policy;
using namespace std::chrono_literals;

namespace {

using kind = restart_policy::decision::kind;

struct restart_fixture {
  /// A failure at a request, after `served` answered requests.
  restart_policy::decision fail(std::chrono::milliseconds after = 0ms, std::uint32_t served = 0) {
    now += after;
    begun += served + 1;
    return policy.on_failure(limits, now, begun);
  }
  /// A failure before the first request.
  restart_policy::decision fail_to_start() { return policy.on_failure(limits, now, begun); }
  /// The delay before the restart that follows a failure.
  std::chrono::milliseconds delay(std::chrono::milliseconds after = 0ms) {
    const auto next = fail(after);
    REQUIRE(next.what == kind::restart);
    return std::chrono::duration_cast<std::chrono::milliseconds>(next.when - now);
  }

  supervision limits{
      .restarts = 5, .within = 10s, .backoff = 100ms, .backoff_max = 500ms, .quarantine = 30s};
  restart_policy policy;
  std::uint32_t begun = 0xffff'fff0; // the counter wraps around
  sake::actors::time_point now{1h};
};

} // namespace

TEST_CASE("the first failure restarts the actor at once, each further one after twice the delay",
          "[supervision]") {
  restart_fixture f;
  CHECK(f.delay() == 0ms);
  CHECK(f.delay() == 100ms);
  CHECK(f.delay() == 200ms);
  CHECK(f.delay() == 400ms);
  CHECK(f.delay() == 500ms); // the delay stays at backoff_max
}

TEST_CASE("without a backoff every restart happens at once", "[supervision]") {
  restart_fixture f;
  f.limits.backoff = 0ms;
  for (int i = 0; i < 5; ++i)
    CHECK(f.delay() == 0ms);
  CHECK(f.fail().what == kind::quarantine);
}

TEST_CASE("one failure above the limit leads to quarantine", "[supervision]") {
  restart_fixture f;
  for (int i = 0; i < 5; ++i)
    (void)f.delay(1s);
  const auto next = f.fail(1s);
  CHECK(next.what == kind::quarantine);
  CHECK(next.when == f.now + 30s);
  CHECK(next.failures == 6);
  CHECK(f.policy.is_on_probation());
}

TEST_CASE("with a limit of zero restarts the first failure leads to quarantine", "[supervision]") {
  restart_fixture f;
  f.limits.restarts = 0;
  CHECK(f.fail().what == kind::quarantine);
}

TEST_CASE("a failure counts for the configured time, whenever others happened", "[supervision]") {
  restart_fixture f;
  CHECK(f.fail().failures == 1);
  CHECK(f.fail(9s).failures == 2);
  CHECK(f.fail(999ms).failures == 3);
  CHECK(f.fail(1ms).failures == 3); // the first failure is ten seconds old
  CHECK(f.delay(20s) == 0ms);       // all failures are too old: no delay
}

TEST_CASE("no window contains more restarts than the limit", "[supervision]") {
  restart_fixture f;
  (void)f.delay();
  // Four failures around the end of the window of the first.
  for (int i = 0; i < 4; ++i)
    (void)f.delay(i == 0 ? 9'900ms : 10ms);
  (void)f.delay(100ms);
  CHECK(f.fail(10ms).what == kind::quarantine);
}

TEST_CASE("a failure on probation leads back to quarantine", "[supervision]") {
  restart_fixture f;
  f.limits.restarts = 0;
  (void)f.fail();
  f.limits.restarts = 5;
  CHECK(f.fail(30s).what == kind::quarantine);
  CHECK(f.fail(39s).what == kind::quarantine);
}

TEST_CASE("an actor that has recovered starts with a clean record", "[supervision]") {
  restart_fixture f;
  for (int i = 0; i < 6; ++i)
    (void)f.fail();
  f.policy.on_recovery();
  CHECK_FALSE(f.policy.is_on_probation());
  CHECK(f.delay(40s) == 0ms);
  CHECK(f.delay() == 100ms);
}

TEST_CASE("an actor that fails for a few of its requests is always restarted at once",
          "[supervision]") {
  restart_fixture f;
  for (int i = 0; i < 1000; ++i) {
    const auto next = f.fail(1ms, 2);
    CHECK(next.what == kind::restart);
    CHECK(next.when == f.now);
  }
}

TEST_CASE("an actor that starts to fail for most of its requests is quarantined", "[supervision]") {
  restart_fixture f;
  for (int i = 0; i < 100; ++i)
    CHECK(f.fail(1ms, 19).what == kind::restart);
  int restarts = 0;
  while (f.fail(1ms).what == kind::restart)
    ++restarts;
  CHECK(restarts < 6);
}

TEST_CASE("an actor that cannot start is quarantined, however many requests it served before",
          "[supervision]") {
  restart_fixture f;
  (void)f.fail(0ms, 1000);
  f.now += 20s;
  for (int i = 0; i < 5; ++i)
    CHECK(f.fail_to_start().what == kind::restart);
  CHECK(f.fail_to_start().what == kind::quarantine);
}

TEST_CASE("on probation a failure after answered requests is followed by a restart",
          "[supervision]") {
  restart_fixture f;
  while (f.fail().what == kind::restart) {
  }
  f.now += 30s;
  CHECK(f.fail(1ms, 2).what == kind::restart);
  CHECK(f.fail(1ms, 2).what == kind::restart);
  CHECK(f.fail(1ms, 0).what == kind::restart);
  CHECK(f.fail(1ms, 0).what == kind::restart);
  CHECK(f.fail(1ms, 0).what == kind::quarantine);
}

TEST_CASE("an actor that fails for exactly half of its requests is always restarted at once",
          "[supervision]") {
  restart_fixture f;
  f.limits.restarts = GENERATE(1U, 4U, 5U);
  for (int i = 0; i < 100; ++i) {
    const auto next = f.fail(1ms, 1);
    CHECK(next.what == kind::restart);
    CHECK(next.when == f.now);
  }
}

TEST_CASE("an actor that fails for slightly more than half of its requests is quarantined",
          "[supervision]") {
  restart_fixture f;
  int restarts = 0;
  // Three failures in five requests.
  while (f.fail(1ms, restarts % 3 == 2 ? 0 : 1).what == kind::restart && restarts < 100)
    ++restarts;
  CHECK(restarts < 10);
}

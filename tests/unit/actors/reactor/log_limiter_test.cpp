// How often a repeated line is written.
#include "../../../support/captured_log.hpp"
#include "../../../support/catch.hpp"

#include <sake/actors/reactor/log_limiter.hpp>

#include <chrono>
#include <string>
#include <vector>

using namespace sake;
using namespace std::chrono_literals;
using sake::actors::log_limiter;
using sake::test::captured_log;

namespace {

struct limiter_fixture {
  bool admits(std::string_view text, std::string_view route = {}) {
    if (route.empty())
      return limiter.admits({log_level::error, text, {}}, now);
    const log_field fields[]{{"status", 500}, {"route", route}};
    return limiter.admits({log_level::error, text, fields}, now);
  }
  int count(int lines, std::string_view text, std::string_view route = {}) {
    int admitted = 0;
    for (int i = 0; i < lines; ++i)
      admitted += admits(text, route) ? 1 : 0;
    return admitted;
  }

  captured_log told;
  log_limiter limiter;
  log_limiter::time_point now{1h};
};

} // namespace

TEST_CASE("ten lines of a kind are written per second, the rest is counted", "[log]") {
  limiter_fixture f;
  CHECK(f.count(402, "cannot accept connections") == 10);
  CHECK(f.told.lines().empty());
  f.now += 999ms;
  CHECK_FALSE(f.admits("cannot accept connections"));
  f.now += 1ms;
  CHECK(f.admits("cannot accept connections"));
  CHECK(f.told.lines()
        == std::vector<std::string>{
            "lines of one kind were left out; count=393 kind=\"cannot accept connections\""});
  CHECK(f.count(20, "cannot accept connections") == 9);
}

TEST_CASE("the count of omitted lines is logged when their second ends, without a further line",
          "[log]") {
  limiter_fixture f;
  CHECK(f.count(15, "handler failed", "GET /a") == 10);
  CHECK(f.limiter.tell_left_out(f.now));
  CHECK(f.told.lines().empty());
  f.now += 1s;
  CHECK_FALSE(f.limiter.tell_left_out(f.now));
  CHECK(f.told.lines()
        == std::vector<std::string>{
            "lines of one kind were left out; count=5 kind=\"handler failed\" route=\"GET /a\""});
  f.now += 1s;
  CHECK_FALSE(f.limiter.tell_left_out(f.now));
  CHECK(f.told.lines().size() == 1);
}

TEST_CASE("a second with ten lines stays open until it ends", "[log]") {
  limiter_fixture f;
  CHECK(f.count(9, "a") == 9);
  CHECK_FALSE(f.limiter.tell_left_out(f.now));
  CHECK(f.admits("a"));
  CHECK(f.limiter.tell_left_out(f.now));
}

TEST_CASE("lines with different routes or texts count separately", "[log]") {
  limiter_fixture f;
  CHECK(f.count(12, "handler failed", "GET /a") == 10);
  CHECK(f.count(12, "handler failed", "GET /b") == 10);
  CHECK(f.count(12, "handler failed") == 10);
  CHECK(f.count(12, "request deadline passed", "GET /a") == 10);
}

TEST_CASE("above the limit of kinds every line is written, until a kind expires", "[log]") {
  limiter_fixture f;
  for (std::size_t i = 0; i < log_limiter::max_kinds; ++i)
    CHECK(f.count(12, "kind " + std::to_string(i)) == 10);
  CHECK(f.count(12, "one more") == 12);
  f.now += 1s;
  CHECK(f.count(12, "one more") == 10);
  // The new kind replaced an expired one, after the count of the expired one was logged.
  CHECK(f.told.lines()
        == std::vector<std::string>{"lines of one kind were left out; count=2 kind=\"kind 0\""});
}

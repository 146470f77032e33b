// What becomes of an exception that leaves a layer.
#include "../support/catch.hpp"
#include "../support/test_context.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::test::test_context;
using namespace std::chrono_literals;

namespace {

// A middleware that puts a field into whatever goes out.
void stamp(context& ctx) {
  ctx.next([](context& after) {
    after.set_header("X-Status", std::to_string(after.response().status()));
  });
}

task<> stamp_too(context& ctx) {
  co_await ctx.next();
  ctx.set_header("X-Seen", std::to_string(ctx.response().status()));
}

task<> fail_soon(context&) {
  throw std::runtime_error("soon");
  co_return;
}

task<> fail_later(context& ctx) {
  co_await ctx.sleep(1ms);
  throw std::runtime_error("later");
}

task<> fail_behind_next(context& ctx) {
  co_await ctx.next();
  throw std::runtime_error("behind next");
}

void answer(context& ctx) {
  ctx.set_header("X-Handler", "1");
  ctx.string(200, "a secret half written");
}

void check_failure(test_context& ctx, const std::string& report) {
  CHECK(ctx.is_finished());
  CHECK(ctx.response().status() == 500);
  CHECK(ctx.response().content() == "Internal Server Error\n");
  CHECK_FALSE(ctx.response().header("X-Handler"));
  CHECK(ctx.response().header("X-Status") == "500");
  CHECK(ctx.response().header("X-Seen") == "500");
  CHECK(ctx.reports == std::vector<std::string>{report});
}

} // namespace

TEST_CASE("An exception answers 500, and the layers outside still see the response",
          "[routing][chain]") {
  SECTION("from a function") {
    test_context ctx{stamp, stamp_too, [](context& c) {
                       answer(c);
                       throw std::runtime_error("boom");
                     }};
    ctx.serve();
    check_failure(ctx, "boom");
  }
  SECTION("from a middleware") {
    test_context ctx{stamp, stamp_too, [](context&) { throw std::runtime_error("boom"); }, answer};
    ctx.serve();
    check_failure(ctx, "boom");
  }
  SECTION("from what was handed to next()") {
    test_context ctx{
        stamp, stamp_too,
        [](context& c) { c.next([](context&) { throw std::runtime_error("afterwards"); }); },
        answer};
    ctx.serve();
    check_failure(ctx, "afterwards");
  }
  SECTION("from a coroutine at once") {
    test_context ctx{stamp, stamp_too, fail_soon, answer};
    ctx.serve();
    check_failure(ctx, "soon");
  }
  SECTION("from a coroutine that has waited") {
    test_context ctx{stamp, stamp_too, fail_later, answer};
    ctx.serve();
    ctx.wake();
    ctx.run_ready();
    check_failure(ctx, "later");
  }
  SECTION("from a coroutine behind next()") {
    test_context ctx{stamp, stamp_too, fail_behind_next, answer};
    ctx.serve();
    check_failure(ctx, "behind next");
  }
  SECTION("from a handler that moved") {
    test_context ctx{stamp, stamp_too, [](context&) { throw std::runtime_error("elsewhere"); }};
    ctx.moves = true;
    ctx.serve();
    ctx.run_moved();
    check_failure(ctx, "elsewhere");
  }
}

TEST_CASE("A layer that fails behind next() keeps the rest of the chain from running",
          "[routing][chain]") {
  bool ran = false;
  test_context ctx{[](context& c) {
                     c.next();
                     throw std::runtime_error("boom");
                   },
                   [&](context&) { ran = true; }};
  ctx.serve();
  CHECK_FALSE(ran);
  CHECK(ctx.response().status() == 500);
}

TEST_CASE("What is thrown need not be a std::exception", "[routing][chain]") {
  test_context ctx{[](context&) { throw 42; }};
  CHECK(ctx.serve().status() == 500);
  CHECK(ctx.reports == std::vector<std::string>{"no std::exception"});
}

TEST_CASE("A full pool answers 503 with Retry-After and is no failure of the handler",
          "[routing][chain]") {
  test_context ctx;
  ctx.admits = sake::routing::admission::full;
  SECTION("in a coroutine") {
    ctx.set_layers({stamp, [](context& c) -> task<> { co_await c.offload([] {}); }});
  }
  SECTION("in a function") {
    ctx.set_layers({stamp, [](context& c) { c.offload([] {}).get(); }});
  }
  ctx.serve();
  CHECK(ctx.response().status() == 503);
  CHECK(ctx.response().header("Retry-After") == "1");
  CHECK(ctx.response().header("X-Status") == "503");
  CHECK(ctx.reports.empty());
}

TEST_CASE("skip_moved_handler answers in place of a handler that came too late",
          "[routing][chain]") {
  bool ran = false;
  test_context ctx{stamp, [&](context&) { ran = true; }};
  ctx.moves = true;
  ctx.serve();
  ctx.skip_moved(504);
  CHECK_FALSE(ran);
  CHECK(ctx.response().status() == 504);
  CHECK(ctx.response().header("X-Status") == "504");
}

TEST_CASE("Of the fields set before an exception those that are safe on an error stay",
          "[routing][chain]") {
  const auto prepare = [](context& c) {
    c.set_header("Access-Control-Allow-Origin", "https://a.example");
    c.add_header("Vary", "Origin").add_header("Set-Cookie", "session=1");
    c.set_header("Strict-Transport-Security", "max-age=1").set_header("ETag", "x");
  };
  test_context ctx{prepare, [](context&) { throw std::runtime_error("boom"); }};
  ctx.serve();
  CHECK(ctx.response().status() == 500);
  CHECK(ctx.response().header("Access-Control-Allow-Origin") == "https://a.example");
  CHECK(ctx.response().header("Vary") == "Origin");
  CHECK(ctx.response().header("Strict-Transport-Security") == "max-age=1");
  CHECK_FALSE(ctx.response().header("Set-Cookie"));
  CHECK_FALSE(ctx.response().header("ETag"));
}

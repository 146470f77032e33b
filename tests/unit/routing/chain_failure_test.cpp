// What a chain does with an exception that leaves a layer.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::test::test_context;
using namespace std::chrono_literals;

namespace {

// A middleware that adds a field to the response of the later layers.
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

TEST_CASE("an exception is answered with 500, and outer layers still see the response",
          "[routing][chain]") {
  SECTION("a function throws") {
    test_context ctx{stamp, stamp_too, [](context& c) {
                       answer(c);
                       throw std::runtime_error("boom");
                     }};
    ctx.serve();
    check_failure(ctx, "boom");
  }
  SECTION("a middleware throws") {
    test_context ctx{stamp, stamp_too, [](context&) { throw std::runtime_error("boom"); }, answer};
    ctx.serve();
    check_failure(ctx, "boom");
  }
  SECTION("a function given to next() throws") {
    test_context ctx{
        stamp, stamp_too,
        [](context& c) { c.next([](context&) { throw std::runtime_error("afterwards"); }); },
        answer};
    ctx.serve();
    check_failure(ctx, "afterwards");
  }
  SECTION("next() is given a function that holds nothing") {
    test_context ctx{stamp, stamp_too,
                     [](context& c) { c.next(static_cast<void (*)(context&)>(nullptr)); }, answer};
    ctx.serve();
    check_failure(ctx, "ctx.next() is given an empty function");
  }
  SECTION("a coroutine throws at once") {
    test_context ctx{stamp, stamp_too, fail_soon, answer};
    ctx.serve();
    check_failure(ctx, "soon");
  }
  SECTION("a coroutine throws after a wait") {
    test_context ctx{stamp, stamp_too, fail_later, answer};
    ctx.serve();
    ctx.wake();
    ctx.run_ready();
    check_failure(ctx, "later");
  }
  SECTION("a coroutine throws after next()") {
    test_context ctx{stamp, stamp_too, fail_behind_next, answer};
    ctx.serve();
    check_failure(ctx, "behind next");
  }
  SECTION("a handler throws on a worker") {
    test_context ctx{stamp, stamp_too, [](context&) { throw std::runtime_error("elsewhere"); }};
    ctx.defers = true;
    ctx.serve();
    ctx.run_deferred();
    check_failure(ctx, "elsewhere");
  }
}

TEST_CASE("a layer that throws after next() prevents the rest of the chain from running",
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

TEST_CASE("a layer may throw values that are no std::exception", "[routing][chain]") {
  test_context ctx{[](context&) { throw 42; }};
  CHECK(ctx.serve().status() == 500);
  CHECK(ctx.reports == std::vector<std::string>{"no std::exception"});
}

TEST_CASE("a full pool is answered with 503 and Retry-After and is no failure of the handler",
          "[routing][chain]") {
  test_context ctx;
  ctx.admits = sake::routing::submission::full;
  SECTION("a coroutine offloads") {
    ctx.set_layers({stamp, [](context& c) -> task<> { co_await c.offload([] {}); }});
  }
  SECTION("a function offloads") {
    ctx.set_layers({stamp, [](context& c) { c.offload([] {}).get(); }});
  }
  ctx.serve();
  CHECK(ctx.response().status() == 503);
  CHECK(ctx.response().header("Retry-After") == "1");
  CHECK(ctx.response().header("X-Status") == "503");
  CHECK(ctx.reports.empty());
}

TEST_CASE("skip_deferred_layer answers instead of a handler whose deadline has passed",
          "[routing][chain]") {
  bool ran = false;
  test_context ctx{stamp, [&](context&) { ran = true; }};
  ctx.defers = true;
  ctx.serve();
  ctx.skip_deferred(504);
  CHECK_FALSE(ran);
  CHECK(ctx.response().status() == 504);
  CHECK(ctx.response().header("X-Status") == "504");
}

TEST_CASE("fields set before an exception are kept where they are safe on an error",
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

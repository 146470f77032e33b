// Draining: connections close after their last response.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/routing/event_stream.hpp>
#include <sake/routing/when.hpp>

#include <chrono>
#include <string>

using sake::context;
using sake::task;
using sake::test::closes;
using sake::test::get;
using sake::test::post;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

struct drain_fixture : shard_fixture {
  drain_fixture() {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/later", [](context& ctx) -> task<> {
      co_await ctx.sleep(1s);
      ctx.string(200, "later");
    });
    this->post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
  }

  void drain() {
    shard().reactor().post([this] { shard().drain([this] { ++drained; }); });
    run();
  }

  int drained = 0;
};

} // namespace

TEST_CASE("a shard without connections is drained at once", "[actors][drain]") {
  drain_fixture app;
  app.drain();
  CHECK(app.drained == 1);
}

TEST_CASE("draining closes idle connections at once, and new ones after a moment",
          "[actors][drain]") {
  drain_fixture app;
  auto fresh = app.connect();
  auto used = app.connect();
  (void)app.ask(used, get("/"));
  app.drain();
  CHECK(used.is_gone());
  app.advance(sake::http::fresh_grace - 1ms);
  CHECK_FALSE(fresh.is_gone());
  CHECK(app.drained == 0);
  app.advance(1ms);
  CHECK(fresh.is_gone());
  CHECK(app.drained == 1);
}

TEST_CASE("draining answers the first request of a connection that was just accepted",
          "[actors][drain]") {
  drain_fixture app;
  auto fresh = app.connect();
  app.drain();
  CHECK(app.ask(fresh, get("/")) == text_on_wire(200, "root", closes));
  CHECK(fresh.is_gone());
  CHECK(app.drained == 1);
}

TEST_CASE("draining answers requests in flight and marks the last response", "[actors][drain]") {
  drain_fixture app;
  auto waiting = app.connect();
  auto pipelined = app.connect();
  auto half_sent = app.connect();
  auto idle = app.connect();
  (void)app.ask(waiting, get("/later"));
  (void)app.ask(pipelined, get("/later") + get("/"));
  const auto request = post("/echo", "content");
  (void)app.ask(half_sent, request.substr(0, request.size() - 3));
  app.drain();
  CHECK(app.drained == 0);
  app.advance(sake::http::fresh_grace);
  CHECK(idle.is_gone());

  CHECK(app.ask(half_sent, request.substr(request.size() - 3))
        == text_on_wire(200, "content", closes));
  CHECK(half_sent.is_gone());
  app.advance(1s);
  CHECK(waiting.take() == text_on_wire(200, "later", closes));
  CHECK(waiting.is_gone());
  CHECK(pipelined.take() == text_on_wire(200, "later") + text_on_wire(200, "root", closes));
  CHECK(pipelined.is_gone());
  CHECK(app.drained == 1);
  CHECK(app.shard().connection_count() == 0);
}

TEST_CASE("a shard is drained when its last connection closes, not earlier", "[actors][drain]") {
  drain_fixture app;
  auto first = app.connect();
  auto last = app.connect();
  CHECK(app.ask(first, get("/later")).empty());
  app.advance(500ms);
  CHECK(app.ask(last, get("/later")).empty());
  app.drain();
  app.advance(500ms);
  CHECK(first.is_gone());
  CHECK(app.drained == 0);
  app.advance(500ms);
  CHECK(last.take() == text_on_wire(200, "later", closes));
  CHECK(app.drained == 1);
}

TEST_CASE("draining waits for a response that is being sent", "[actors][drain]") {
  drain_fixture app;
  auto peer = app.connect();
  peer.accept(10);
  auto got = app.ask(peer, get("/"));
  app.drain();
  CHECK(app.drained == 0);
  peer.accept(10'000);
  app.run();
  got += peer.take();
  CHECK(got == text_on_wire(200, "root")); // this response was written earlier
  CHECK(peer.is_gone());
  CHECK(app.drained == 1);
}

TEST_CASE("closing a shard resets the remaining connections", "[actors][drain]") {
  drain_fixture app;
  auto waiting = app.connect();
  auto idle = app.connect();
  (void)app.ask(waiting, get("/later"));
  app.close();
  CHECK(waiting.is_gone());
  CHECK(waiting.take().empty());
  CHECK(idle.is_gone());
  CHECK(app.shard().connection_count() == 0);
}

TEST_CASE("an event stream ends in order when its shard drains", "[actors][drain]") {
  const bool looks = GENERATE(true, false);
  const bool on_pool = GENERATE(true, false);
  CAPTURE(looks, on_pool);
  int drained = 0;
  shard_fixture app{{}, {.workers = 1, .pinned = false}};
  auto& route = app.get("/", [looks](context& ctx) -> task<> {
    auto events = ctx.event_stream();
    co_await events.send({.data = "first"});
    while (co_await ctx.sleep(1h) || !looks)
      co_await events.send({.data = "more"});
  });
  if (on_pool)
    route.worker();
  auto peer = app.connect();
  peer.send(get("/"));
  std::string got;
  app.run_until([&] { return (got += peer.take()).find("first") != std::string::npos; });
  app.shard().reactor().post([&] { app.shard().drain([&] { ++drained; }); });
  app.run_until([&] {
    got += peer.take();
    return drained == 1;
  });
  CHECK(got.ends_with("\r\n0\r\n\r\n"));
  CHECK((got.find("more") == std::string::npos) == looks);
  CHECK(peer.is_closed());
  CHECK_FALSE(peer.was_reset());
}

TEST_CASE("a handler that has not answered continues to sleep while its shard drains",
          "[actors][drain]") {
  bool was_whole = false;
  drain_fixture app;
  app.get("/whole", [&](context& ctx) -> task<> {
    was_whole = co_await ctx.sleep(100ms);
    ctx.string(200, "slept");
  });
  auto peer = app.connect();
  peer.send(get("/whole"));
  app.run();
  app.drain();
  CHECK(peer.take().empty());
  app.advance(100ms);
  CHECK(peer.take() == text_on_wire(200, "slept", closes));
  CHECK(was_whole);
}

TEST_CASE("a coroutine can wait for the drain", "[actors][drain]") {
  drain_fixture app;
  app.get("/wait", [&](context& ctx) -> task<> {
    const auto first = co_await sake::when_any(ctx.draining(), ctx.sleep(1h));
    co_await ctx.draining(); // at once
    ctx.string(200, std::to_string(first.index()));
  });
  app.get("/both", [&](context& ctx) -> task<> {
    co_await sake::when_all(ctx.draining(), ctx.draining());
    ctx.string(200, "both");
  });
  app.get("/given-up", [&](context& ctx) -> task<> {
    (void)co_await sake::when_any(ctx.draining(), ctx.sleep(1ms));
    ctx.string(200, "given up");
  });
  auto given_up = app.connect();
  given_up.send(get("/given-up"));
  app.run();
  app.advance(1ms);
  CHECK(given_up.take() == text_on_wire(200, "given up"));
  auto waits = app.connect();
  auto both = app.connect();
  auto leaves = app.connect();
  waits.send(get("/wait"));
  both.send(get("/both"));
  leaves.send(get("/both"));
  app.run();
  leaves.reset();
  app.run();
  CHECK(waits.take().empty());
  app.drain();
  CHECK(waits.take() == text_on_wire(200, "0", closes));
  CHECK(both.take() == text_on_wire(200, "both", closes));
  CHECK(app.drained == 1);
}

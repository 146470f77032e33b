// Every counted place is returned, however a request ends.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/routing/when.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using sake::context;
using sake::task;
using sake::when_any;
using sake::http::request;
using sake::http::response;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

std::string await(shard_fixture& app, memory_peer& peer) {
  std::string got;
  app.run_until([&] { return !(got += peer.take()).empty(); });
  return got;
}

} // namespace

TEST_CASE("a place of max_queued is returned when the pool is full", "[actors][counts]") {
  gate block;
  shard_fixture app{{}, pool_of(1, 0)};
  app.get("/block",
          [&](context& ctx) {
            block.pass();
            ctx.string(200, "blocked");
          })
      .worker();
  app.get("/", [](context& ctx) { ctx.string(200, "run"); }).worker().max_queued(1);
  auto blocked = app.connect();
  CHECK(app.ask(blocked, get("/block")).empty());
  block.await_visitor();
  auto peer = app.connect();
  for (int i = 0; i < 20; ++i)
    CHECK(app.ask(peer, get("/")).starts_with("HTTP/1.1 503 "));
  block.open();
  CHECK(await(app, blocked) == text_on_wire(200, "blocked"));
  app.run_until([&] { return app.pool().load() == 0; });
  peer.send(get("/"));
  CHECK(await(app, peer) == text_on_wire(200, "run"));
}

TEST_CASE("a place of max_in_flight is returned with the response, although a function still runs",
          "[actors][counts]") {
  gate block;
  shard_fixture app{{}, pool_of(1, 4)};
  app.get("/",
          [&](context& ctx) -> task<> {
            co_await when_any(ctx.offload([&] { block.pass(); }), ctx.sleep(1ms));
            ctx.string(200, "soon");
          })
      .max_in_flight(1);
  auto peer = app.connect();
  for (int i = 0; i < 3; ++i) {
    peer.send(get("/"));
    app.run();
    app.advance(1ms);
    CHECK(await(app, peer) == text_on_wire(200, "soon"));
  }
  block.open();
  app.run_until([&] { return app.pool().load() == 0; });
}

TEST_CASE("a place of max_in_flight is returned however a request ends", "[actors][counts]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  shard_fixture app{chosen};
  std::vector<caf::response_promise> held;
  const auto function = [](context& ctx) -> task<> {
    const auto what = ctx.query("do");
    if (what == "throw")
      throw std::runtime_error("told to");
    if (what == "abort")
      co_return ctx.abort_with_status(418);
    if (what == "sleep")
      co_await ctx.sleep(1h);
    if (what == "stream") {
      auto out = ctx.stream(200, "text/plain");
      co_await out.write("piece");
      throw std::runtime_error("told to");
    }
    ctx.string(200, "free");
  };
  const auto actor = [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const request& asked) -> caf::result<response> {
      const auto what = asked.query("do");
      if (what == "throw")
        throw std::runtime_error("told to");
      if (what == "abort")
        return caf::make_error(caf::sec::runtime_error);
      if (what == "sleep" || what == "stream") {
        held.push_back(self->make_response_promise());
        return caf::delegated<response>{};
      }
      return response::text(200, "free");
    }};
  };
  const bool is_actor = GENERATE(false, true);
  CAPTURE(is_actor);
  if (is_actor)
    app.get("/", actor).max_in_flight(1);
  else
    app.get("/", function).max_in_flight(1);
  const auto is_free = [&] {
    held.clear(); // an actor counts as long as it has the request
    app.run();
    auto peer = app.connect();
    peer.send(get("/"));
    app.run();
    app.advance(1s); // a failed actor may wait for its restart
    CHECK(peer.take() == text_on_wire(200, "free"));
  };
  for (const auto* what : {"throw", "abort", "sleep", "stream"}) {
    CAPTURE(what);
    {
      auto peer = app.connect();
      peer.send(get(std::string{"/?do="} + what));
      app.run();
      app.advance(6s); // reaches the deadline of a request that still waits
    }
    is_free();
    {
      auto peer = app.connect();
      peer.send(get(std::string{"/?do="} + what));
      app.run();
      peer.reset();
      app.run();
    }
    is_free();
  }
}

TEST_CASE("a place of max_in_flight is returned when the pool is full", "[actors][counts]") {
  gate block;
  shard_fixture app{{}, pool_of(1, 0)};
  app.get("/block",
          [&](context& ctx) {
            block.pass();
            ctx.string(200, "blocked");
          })
      .worker();
  app.get("/", [](context& ctx) { ctx.string(200, "run"); }).worker().max_in_flight(1);
  auto blocked = app.connect();
  CHECK(app.ask(blocked, get("/block")).empty());
  block.await_visitor();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")).starts_with("HTTP/1.1 503 "));
  block.open();
  CHECK(await(app, blocked) == text_on_wire(200, "blocked"));
  app.run_until([&] { return app.pool().load() == 0; });
  peer.send(get("/"));
  CHECK(await(app, peer) == text_on_wire(200, "run"));
}

TEST_CASE("places of requests that wait for an actor are returned at quarantine",
          "[actors][counts]") {
  constexpr int places = 1000;
  sake::http::settings chosen;
  chosen.limits.pipelined_requests = places + 1;
  bool fails = true;
  shard_fixture app{chosen};
  app.get("/",
          [&](caf::event_based_actor*) -> caf::behavior {
            if (fails)
              throw std::runtime_error("cannot start");
            return {[](const request&) { return response::text(200, "answered"); }};
          })
      .supervised({.restarts = 1, .backoff = 1s, .backoff_max = 1s, .quarantine = 1s});
  // The first two failures happen before the first request.
  std::string all;
  for (int i = 0; i < places; ++i)
    all += get("/");
  for (int round = 0; round < 3; ++round) {
    CAPTURE(round);
    auto peer = app.connect();
    peer.send(all);
    app.run();
    app.advance(3s);
    const auto got = peer.take();
    CHECK(got.find("HTTP/1.1 200") == std::string::npos);
    peer.reset();
    app.run();
    app.advance(1s);
  }
  fails = false;
  app.advance(2s);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "answered"));
}

TEST_CASE("the load of a worker that dies with tasks is returned to its slot", "[actors][counts]") {
  shard_fixture app{{}, pool_of(2, 1000)};
  app.get("/", [](context& ctx) { ctx.string(200, "run"); }).worker();
  (void)app.shard();
  class job final : public sake::routing::work {
  public:
    explicit job(std::function<void()> body) : body_(std::move(body)) {}

  private:
    void act() noexcept override { body_(); }
    std::function<void()> body_;
  };
  const auto submit = [&](std::function<void()> body) {
    return app.pool().submit(std::make_shared<job>(std::move(body)));
  };
  for (int round = 0; round < 3; ++round) {
    gate block;
    for (int i = 0; i < 2; ++i)
      CHECK(submit([&] { block.pass(); }));
    block.await_visitor();
    block.await_visitor();
    std::atomic<int> run = 0;
    for (int i = 0; i < 40; ++i)
      CHECK(submit([&] { ++run; }));
    const auto killed = app.pool().workers().at(0);
    caf::anon_send_exit(killed, caf::exit_reason::kill);
    block.open(2);
    app.run_until([&] { return run == 40 && app.pool().load() == 0; });
    app.run_until([&] {
      const auto now = app.pool().workers();
      return now.size() == 2 && now[0] != killed;
    });
    // With equal loads each worker gets one of two tasks.
    gate both;
    for (int i = 0; i < 2; ++i)
      CHECK(submit([&] { both.pass(); }));
    both.await_visitor();
    both.await_visitor();
    both.open(2);
    app.run_until([&] { return app.pool().load() == 0; });
  }
}

TEST_CASE("a shared actor that quits is not replaced before the next request", "[actors][counts]") {
  int spawned = 0;
  shard_fixture app;
  app.get("/", [&](caf::event_based_actor* self) -> caf::behavior {
    ++spawned;
    return {[self](const request& what) {
      if (what.query() == "quit")
        self->quit();
      return response::text(200, "answered");
    }};
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/?quit")) == text_on_wire(200, "answered"));
  app.advance(1h);
  CHECK(spawned == 1);
  auto other = app.connect();
  CHECK(app.ask(other, get("/")) == text_on_wire(200, "answered"));
  CHECK(spawned == 2);
}

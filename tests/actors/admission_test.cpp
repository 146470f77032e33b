// Limits of routes: how many requests are admitted, how others are answered, and the priority lane.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/actors/workers/route_load.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::http::request;
using sake::test::gate;
using sake::test::get;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

constexpr auto text_line = "Content-Type: text/plain; charset=utf-8\r\n";

std::string shed(int seconds) {
  return on_wire(503, std::string{text_line} + "Retry-After: " + std::to_string(seconds) + "\r\n",
                 "Service Unavailable\n");
}

} // namespace

TEST_CASE("above the limit of requests in flight the answer is 503 with Retry-After",
          "[actors][limits]") {
  int seen = 0;
  shard_fixture app;
  app.get("/",
          [](context& ctx) -> task<> {
            co_await ctx.sleep(100ms);
            ctx.string(200, "slow");
          })
      .max_in_flight(2)
      .use([&seen](context& ctx) {
        ctx.next([&seen](context& after) { seen += after.response().status() == 503 ? 1 : 0; });
      });
  app.get("/free", [](context& ctx) { ctx.string(200, "free"); });
  std::vector<sake::test::memory_peer> peers;
  for (int i = 0; i < 3; ++i)
    peers.push_back(app.connect());
  CHECK(app.ask(peers[0], get("/")).empty());
  CHECK(app.ask(peers[1], get("/")).empty());
  CHECK(app.ask(peers[2], get("/") + get("/free")) == shed(1) + text_on_wire(200, "free"));
  CHECK(seen == 1);
  app.advance(101ms);
  CHECK(peers[0].take() == text_on_wire(200, "slow"));
  CHECK(peers[1].take() == text_on_wire(200, "slow"));
  // A request in flight has ended; a cancelled handler makes room as well.
  CHECK(app.ask(peers[0], get("/")).empty());
  CHECK(app.ask(peers[1], get("/")).empty());
  peers[0].reset();
  app.run();
  CHECK(app.ask(peers[2], get("/")).empty());
  app.advance(101ms);
  CHECK(peers[1].take() == text_on_wire(200, "slow"));
  CHECK(peers[2].take() == text_on_wire(200, "slow"));
}

TEST_CASE("a handler that throws makes room", "[actors][limits]") {
  shard_fixture app;
  app.get("/", [](context&) { throw std::runtime_error("no"); }).max_in_flight(1);
  auto peer = app.connect();
  for (int i = 0; i < 3; ++i)
    CHECK(app.ask(peer, get("/")) == plain_on_wire(500));
}

TEST_CASE(
    "Retry-After is the queued work times the mean time of the handler, divided by the workers",
    "[actors][limits]") {
  sake::actors::route_load load;
  CHECK(load.retry_after(1000, 1) == 1s); // no handler has been measured yet
  load.note_service(3s);
  CHECK(load.retry_after(10, 2) == 15s);
  CHECK(load.retry_after(10, 1) == 30s);
  CHECK(load.retry_after(1, 8) == 1s); // at least a second
  CHECK(load.retry_after(5, 4) == 4s); // whole seconds, rounded up
  CHECK(load.retry_after(5, 0) == 15s);
  CHECK(load.retry_after(100'000, 1) == 3600s); // at most an hour
}

TEST_CASE("Retry-After follows the measured time of the handler", "[actors][limits]") {
  shard_fixture app;
  app.get("/",
          [](context& ctx) -> task<> {
            co_await ctx.sleep(7s);
            ctx.string(200, "slow");
          })
      .max_in_flight(1);
  auto peer = app.connect();
  auto other = app.connect();
  CHECK(app.ask(peer, get("/")).empty());
  CHECK(app.ask(other, get("/")) == shed(1)); // no handler has been measured yet
  app.advance(7s);
  CHECK(peer.take() == text_on_wire(200, "slow"));
  CHECK(app.ask(peer, get("/")).empty());
  CHECK(app.ask(other, get("/")) == shed(7));
}

TEST_CASE("the limit of requests in flight holds for actors", "[actors][limits]") {
  shard_fixture app;
  std::vector<caf::response_promise> promises;
  const auto keeps = [&promises](caf::event_based_actor* self) -> caf::behavior {
    return {[=, &promises](const request&) {
      promises.push_back(self->make_response_promise());
      return promises.back();
    }};
  };
  app.get("/", keeps).max_in_flight(2);
  auto peer = app.connect();
  auto other = app.connect();
  CHECK(app.ask(peer, get("/") + get("/")).empty());
  CHECK(app.ask(other, get("/")) == shed(1));
  promises[0].deliver(sake::http::response::text(200, "1"));
  app.run();
  CHECK(peer.take() == text_on_wire(200, "1"));
  CHECK(app.ask(other, get("/")).empty());
  promises[2].deliver(sake::http::response::text(200, "3"));
  app.run();
  CHECK(other.take() == text_on_wire(200, "3"));
  promises.clear();
}

TEST_CASE("max_queued limits the requests that wait, in addition to one for each worker",
          "[actors][limits]") {
  gate block;
  shard_fixture app{{}, pool_of(2)};
  app.get("/",
          [&](context& ctx) {
            block.pass();
            ctx.string(200, "done");
          })
      .worker()
      .max_queued(3);
  std::vector<sake::test::memory_peer> peers;
  for (int i = 0; i < 7; ++i)
    peers.push_back(app.connect());
  for (int i = 0; i < 5; ++i)
    CHECK(app.ask(peers[static_cast<std::size_t>(i)], get("/")).empty());
  CHECK(app.ask(peers[5], get("/")) == shed(1));
  SECTION("an answered request makes room") {
    block.open(9);
    std::string all;
    app.run_until([&] {
      for (int i = 0; i < 5; ++i)
        all += peers[static_cast<std::size_t>(i)].take();
      return all.size() == 5 * text_on_wire(200, "done").size();
    });
    app.run_until([&] {
      auto got = app.ask(peers[6], get("/"));
      if (got.empty())
        app.run_until([&] { return !(got = peers[6].take()).empty(); });
      return got == text_on_wire(200, "done");
    });
  }
  SECTION("a client that leaves makes room at once") {
    peers[4].reset();
    app.run();
    CHECK(app.ask(peers[6], get("/")).empty());
    CHECK(app.ask(peers[5], get("/")) == shed(1));
    block.open(9);
    app.run_until([&] { return !peers[6].take().empty(); });
  }
}

TEST_CASE("high-priority work is taken before queued work and is admitted above its limit",
          "[actors][limits]") {
  gate block;
  std::vector<int> order; // written by one worker
  shard_fixture app{{}, pool_of(1, 2)};
  app.get("/low",
          [&](context& ctx) {
            block.pass();
            order.push_back(1);
            ctx.string(200, "low");
          })
      .worker();
  app.get("/high",
          [&](context& ctx) {
            order.push_back(2);
            ctx.string(200, "high");
          })
      .worker()
      .high_priority();
  std::vector<sake::test::memory_peer> peers;
  for (int i = 0; i < 6; ++i)
    peers.push_back(app.connect());
  for (std::size_t i = 0; i < 3; ++i)
    CHECK(app.ask(peers[i], get("/low")).empty());
  block.await_visitor();
  CHECK(app.ask(peers[3], get("/low")) == shed(1));
  CHECK(app.ask(peers[4], get("/high")).empty());
  CHECK(app.ask(peers[5], get("/high")).empty());
  block.open(9);
  app.run_until([&] { return app.pool().load() == 0; });
  CHECK(order == std::vector<int>{1, 2, 2, 1, 1});
}

TEST_CASE("high-priority work has a limit of its own and takes no places from other work",
          "[actors][limits]") {
  gate block;
  std::vector<int> order; // written by one worker
  shard_fixture app{{}, pool_of(1, 19)};
  app.get("/block",
          [&](context& ctx) {
            block.pass();
            ctx.string(200, "blocked");
          })
      .worker();
  app.get("/low",
          [&](context& ctx) {
            order.push_back(1);
            ctx.string(200, "low");
          })
      .worker();
  app.get("/high",
          [&](context& ctx) {
            order.push_back(2);
            ctx.string(200, "high");
          })
      .worker()
      .high_priority();
  std::vector<sake::test::memory_peer> peers;
  const auto ask = [&](std::string_view path) {
    peers.push_back(app.connect());
    return app.ask(peers.back(), get(path));
  };
  CHECK(ask("/block").empty());
  block.await_visitor();
  for (int i = 0; i < 20; ++i)
    CHECK(ask("/high").empty());
  CHECK(ask("/high").starts_with("HTTP/1.1 503 "));
  CHECK(app.pool().load() == 21);
  for (int i = 0; i < 3; ++i)
    CHECK(ask("/low").empty());
  block.open();
  app.run_until([&] { return app.pool().load() == 0; });
  std::vector<int> expected;
  for (const int urgent : {8, 8, 4}) {
    expected.insert(expected.end(), static_cast<std::size_t>(urgent), 2);
    expected.push_back(1);
  }
  CHECK(order == expected);
  (void)ask("/high");
  app.run_until([&] { return app.pool().load() == 0; });
  CHECK(order.size() == expected.size() + 1);
}

TEST_CASE("a handler that is cancelled while queued for the pool makes room", "[actors][limits]") {
  std::atomic<int> begun{0};
  shard_fixture app{{}, pool_of(1)};
  app.get("/",
          [&](context& ctx) -> task<> {
            ++begun;
            co_await ctx.sleep(1h);
          })
      .worker()
      .max_queued(1);
  for (int i = 1; i <= 5; ++i) {
    CAPTURE(i);
    auto peer = app.connect();
    CHECK(app.ask(peer, get("/")).empty());
    app.run_until([&] { return begun == i; });
    peer.reset();
    app.run();
  }
}

TEST_CASE("a request that an actor still holds counts after its client has gone",
          "[actors][limits]") {
  shard_fixture app;
  std::vector<caf::response_promise> promises;
  app.get("/",
          [&promises](caf::event_based_actor* self) -> caf::behavior {
            return {[=, &promises](const request&) {
              promises.push_back(self->make_response_promise());
              return promises.back();
            }};
          })
      .max_in_flight(2);
  for (int i = 0; i < 2; ++i) {
    auto peer = app.connect();
    CHECK(app.ask(peer, get("/")).empty());
    peer.reset();
    app.run();
  }
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == shed(1));
  promises[0].deliver(sake::http::response::text(200, "nobody hears it"));
  promises.erase(promises.begin());
  app.run();
  CHECK(app.ask(peer, get("/")).empty());
  promises.back().deliver(sake::http::response::text(200, "heard"));
  promises.clear();
  app.run();
  CHECK(peer.take() == text_on_wire(200, "heard"));
}

TEST_CASE("a high-priority request is taken before others that wait for an actor",
          "[actors][limits]") {
  std::vector<std::string> order;
  shard_fixture app;
  const auto note = app.spawn([&order](caf::event_based_actor*) -> caf::behavior {
    return {[&order](const request& asked) {
      order.emplace_back(asked.path());
      return sake::http::response::text(200, "");
    }};
  });
  app.get("/low", note);
  app.get("/high", note).high_priority();
  auto peer = app.connect();
  (void)app.ask(peer, get("/low") + get("/low") + get("/high"));
  CHECK(order == std::vector<std::string>{"/high", "/low", "/low"});
}

TEST_CASE("contradictory limits are refused at registration", "[actors][limits]") {
  shard_fixture app;
  auto& route = app.get("/", [](context& ctx) { ctx.string(200, ""); });
  CHECK_THROWS_AS(route.max_in_flight(0), std::invalid_argument);
  CHECK_THROWS_AS(route.max_queued(0), std::invalid_argument);
  route.max_queued(1);
  CHECK_THROWS_WITH(route.high_priority(),
                    "route GET /: .high_priority() and limits exclude each other");
  auto& actor = app.get("/actor", app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return sake::http::response::text(200, ""); }};
  }));
  CHECK_THROWS_AS(actor.max_queued(1), std::invalid_argument);
  actor.max_in_flight(1);
}

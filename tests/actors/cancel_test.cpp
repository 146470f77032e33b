// Requests whose response is no longer wanted: coroutines end where they wait, queued work does not
// begin.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// Each frame holds the token, so its use count gives the number of frames.
using token = std::shared_ptr<int>;

caf::behavior silent(caf::event_based_actor* self) {
  const auto waiting = std::make_shared<std::vector<caf::response_promise>>();
  return {[=](const sake::request&) {
    waiting->push_back(self->make_response_promise());
    return waiting->back();
  }};
}

// The ways in which a client can leave.
enum class leave { close, reset };

void let_go(memory_peer& peer, leave how) {
  if (how == leave::close)
    peer.finish();
  else
    peer.reset();
}

} // namespace

TEST_CASE("a client that leaves ends the coroutines of its request where they wait",
          "[actors][cancel]") {
  const auto how = GENERATE(leave::close, leave::reset);
  const auto alive = std::make_shared<int>();
  bool went_on = false;
  std::vector<int> seen;
  shard_fixture app;
  const auto whom = app.spawn(silent);
  app.use([&seen](context& ctx) {
    ctx.next([&seen](context& after) { seen.push_back(after.response().status()); });
  });
  app.use([held = token{alive}, &seen](context& ctx) -> task<> {
    const auto own = held;
    co_await ctx.next();
    seen.push_back(ctx.response().status());
    CHECK(ctx.is_cancelled());
  });
  app.get("/sleep", [held = token{alive}, &went_on](context& ctx) -> task<> {
    const auto own = held;
    co_await ctx.sleep(1h);
    went_on = true;
  });
  app.get("/ask", [held = token{alive}, &went_on, whom](context& ctx) -> task<> {
    const auto own = held;
    (void)co_await ctx.ask<sake::response>(whom, 0ms, ctx.request());
    went_on = true;
  });
  app.get("/actor", whom);
  auto peer = app.connect();
  const auto without = alive.use_count();
  CHECK(app.ask(peer, get("/sleep") + get("/ask") + get("/actor")).empty());
  CHECK(alive.use_count() == without + 5); // three middle layers, two handlers
  let_go(peer, how);
  app.run();
  CHECK(alive.use_count() == without);
  CHECK(peer.is_gone());
  CHECK(seen == std::vector<int>(6, 499)); // the earlier layers see the end
  app.advance(2h);
  CHECK_FALSE(went_on);
}

TEST_CASE("a layer may wait after its request was cancelled", "[actors][cancel]") {
  int stage = 0;
  shard_fixture app{{}, pool_of(1)};
  app.use([&stage](context& ctx) -> task<> {
    co_await ctx.next();
    stage = 1;
    co_await ctx.sleep(5ms);
    stage = 2;
    stage += co_await ctx.offload([] { return 1; });
  });
  app.get("/", [](context& ctx) -> task<> { co_await ctx.sleep(1h); });
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  peer.reset();
  app.run();
  CHECK(stage == 1);
  app.advance(5ms);
  app.run_until([&] { return stage == 3; });
}

TEST_CASE("a deadline ends the coroutine of its request, and the connection persists",
          "[actors][cancel]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 50ms;
  shard_fixture app{chosen};
  const auto alive = std::make_shared<int>();
  app.get("/", [held = token{alive}](context& ctx) -> task<> {
    const auto own = held;
    co_await ctx.sleep(1h);
    ctx.string(200, "never");
  });
  app.get("/quick", [](context& ctx) { ctx.string(200, "quick"); });
  auto peer = app.connect();
  const auto without = alive.use_count();
  CHECK(app.ask(peer, get("/")).empty());
  CHECK(alive.use_count() == without + 1);
  app.advance(60ms);
  CHECK(peer.take() == plain_on_wire(504));
  CHECK(alive.use_count() == without);
  CHECK(app.ask(peer, get("/quick")) == text_on_wire(200, "quick"));
}

TEST_CASE("requests behind a response that closes are cancelled", "[actors][cancel]") {
  shard_fixture app;
  const auto alive = std::make_shared<int>();
  app.get("/close", [](context& ctx) -> task<> {
    co_await ctx.sleep(5ms);
    ctx.set_header("Connection", "close").string(200, "bye");
  });
  app.get("/", [held = token{alive}](context& ctx) -> task<> {
    const auto own = held;
    co_await ctx.sleep(1h);
  });
  auto peer = app.connect();
  const auto without = alive.use_count();
  (void)app.ask(peer, get("/close") + get("/"));
  CHECK(alive.use_count() == without + 1);
  app.advance(5ms);
  CHECK_FALSE(peer.take().empty());
  CHECK(alive.use_count() == without);
}

TEST_CASE("with half-closed clients on, a client that has ended its input is answered",
          "[actors][cancel]") {
  sake::http::settings chosen;
  chosen.half_closed_clients = true;
  shard_fixture app{chosen};
  app.get("/", [](context& ctx) -> task<> {
    co_await ctx.sleep(5ms);
    ctx.string(200, "still here");
  });
  auto peer = app.connect();
  (void)app.ask(peer, get("/") + get("/"));
  peer.finish();
  app.advance(5ms);
  CHECK(peer.take() == text_on_wire(200, "still here") + text_on_wire(200, "still here"));
  CHECK(peer.is_gone());
}

TEST_CASE("a response that was ready when the client closed is still sent", "[actors][cancel]") {
  shard_fixture app;
  app.get("/", [](context& ctx) { ctx.string(200, "root"); });
  app.get("/later", [](context& ctx) -> task<> { co_await ctx.sleep(1h); });
  auto peer = app.connect();
  peer.send(get("/") + get("/later") + get("/"));
  peer.finish();
  app.run();
  CHECK(peer.take() == text_on_wire(200, "root"));
  CHECK(peer.is_gone());
}

TEST_CASE("responses that were ready are sent, however slowly the client reads",
          "[actors][cancel]") {
  shard_fixture app;
  const auto large = std::make_shared<const std::string>(300'000, 'x');
  app.get("/large", [&](context& ctx) {
    ctx.respond(sake::response{200}.content(sake::http::kept_octets{*large, large}));
  });
  app.get("/", [](context& ctx) { ctx.string(200, "root"); });
  auto peer = app.connect();
  peer.accept(1'000);
  peer.send(get("/large") + get("/large") + get("/"));
  app.run();
  std::string got = peer.take();
  peer.finish();
  app.run();
  for (int i = 0; i < 10; ++i) {
    peer.accept(200'000);
    app.run();
    got += peer.take();
  }
  const auto one = on_wire(200, "", *large);
  const auto expected = one + one + text_on_wire(200, "root");
  CHECK((got == expected));
  CHECK(peer.is_gone());
}

TEST_CASE("the end of the input is seen behind requests that must wait", "[actors][cancel]") {
  sake::http::settings chosen;
  chosen.limits.pipelined_requests = 1;
  shard_fixture app{chosen};
  int ended = 0;
  int begun = 0;
  app.get("/later", [&](context& ctx) -> task<> {
    ++begun;
    const auto counts = std::shared_ptr<void>{nullptr, [&](void*) { ++ended; }};
    co_await ctx.sleep(1h);
  });
  auto peer = app.connect();
  (void)app.ask(peer, get("/later") + get("/later"));
  CHECK(begun == 1);
  peer.finish();
  app.run();
  CHECK(ended == 1);
  CHECK(begun == 1);
  CHECK(peer.is_gone());
}

TEST_CASE("when clients leave, only requests that a worker has begun run", "[actors][cancel]") {
  gate at_work;
  std::atomic<int> begun = 0;
  shard_fixture app{{}, pool_of(1)};
  app.get("/",
          [&](context& ctx) {
            ++begun;
            at_work.pass();
            CHECK(ctx.is_cancelled());
            ctx.string(200, "done");
          })
      .worker();
  app.get("/quick", [&](context& ctx) { ctx.string(200, ctx.is_cancelled() ? "yes" : "no"); })
      .worker();
  std::vector<memory_peer> crowd;
  for (int i = 0; i < 100; ++i) {
    crowd.push_back(app.connect());
    (void)app.ask(crowd.back(), get("/"));
  }
  at_work.await_visitor();
  for (auto& each : crowd)
    each.finish();
  app.run();
  at_work.open(100);
  auto last = app.connect();
  last.send(get("/quick"));
  app.run_until([&] { return last.take() == text_on_wire(200, "no"); });
  CHECK(begun == 1);
  for (auto& each : crowd)
    CHECK(each.is_gone());
}

TEST_CASE("an offloaded function keeps the frame of its coroutine alive", "[actors][cancel]") {
  gate at_work;
  std::atomic<bool> intact = false;
  std::atomic<int> begun = 0;
  const auto alive = std::make_shared<int>();
  shard_fixture app{{}, pool_of(1)};
  const auto offload = [&, held = token{alive}](context& ctx) -> task<> {
    const auto own = held;
    const std::string text(100, 't');
    co_await ctx.offload([&] {
      ++begun;
      at_work.pass();
      intact = text == std::string(100, 't');
    });
    ctx.string(200, "never");
  };
  SECTION("the coroutine runs on the reactor") {
    app.get("/", offload);
  }
  SECTION("the coroutine runs on the pool") {
    app.get("/", offload).worker();
  }
  auto first = app.connect();
  auto second = app.connect();
  const auto without = alive.use_count();
  (void)app.ask(first, get("/"));
  at_work.await_visitor();
  (void)app.ask(second, get("/")); // waits for the worker
  first.finish();
  second.finish();
  app.run();
  CHECK(first.is_closed());
  CHECK(second.is_closed());
  at_work.open(2);
  app.run_until([&] { return alive.use_count() == without; });
  CHECK(intact);
  CHECK(begun == 1);
}

TEST_CASE("an actor can see that its answer is no longer wanted", "[actors][cancel]") {
  const bool has_values = GENERATE(false, true);
  const bool is_spawned = GENERATE(false, true);
  sake::http::settings settings;
  settings.deadlines.request = 10s;
  shard_fixture app{settings};
  std::vector<sake::request> seen;
  std::vector<caf::response_promise> promises;
  const auto keeps = [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const sake::request& request) {
      seen.push_back(request);
      promises.push_back(self->make_response_promise());
      return promises.back();
    }};
  };
  if (has_values)
    app.use([](context& ctx) { ctx.set("who", 1); });
  if (is_spawned)
    app.get("/", keeps);
  else
    app.get("/", app.spawn(keeps));
  auto answered = app.connect();
  auto leaves = app.connect();
  auto waits = app.connect();
  for (auto* each : {&answered, &leaves, &waits})
    CHECK(app.ask(*each, get("/")).empty());
  REQUIRE(seen.size() == 3);
  const auto cancelled = [&seen] {
    std::vector<bool> all;
    for (const auto& each : seen)
      all.push_back(each.is_cancelled());
    return all;
  };
  promises[0].deliver(sake::response::text(200, "done"));
  app.run();
  CHECK(answered.take() == text_on_wire(200, "done"));
  CHECK(cancelled() == std::vector{false, false, false});
  leaves.finish();
  app.run();
  CHECK(cancelled() == std::vector{false, true, false});
  app.advance(11s);
  CHECK(waits.take() == plain_on_wire(504));
  CHECK(cancelled() == std::vector{false, true, true});
}

TEST_CASE("a request that was passed on to an actor is not cancelled", "[actors][cancel]") {
  shard_fixture app;
  const auto whom = app.spawn(silent);
  app.get("/", whom).use([](context& ctx) -> task<> { co_await ctx.sleep(5ms); });
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  app.advance(5ms); // the middleware and the chain have ended
  peer.reset();
  app.run();
  CHECK(peer.is_closed());
  auto other = app.connect(); // reuses freed memory
  CHECK(app.ask(other, get("/")).empty());
}

// The end of a shard and its pool while handlers still run or wait.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <caf/actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>

using sake::context;
using sake::task;
using sake::test::gate;
using sake::test::get;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

struct worker_end_fixture : shard_fixture {
  worker_end_fixture() : shard_fixture({}, pool_of(1, 100)) {}
};

} // namespace

TEST_CASE("a handler that kills its worker answers, as do the tasks behind it",
          "[actors][worker]") {
  gate held;
  worker_end_fixture app;
  app.get("/kill",
          [&](context& ctx) {
            held.pass();
            ctx.string(200, "killed");
          })
      .worker();
  app.get("/behind", [](context& ctx) { ctx.string(200, "behind"); }).worker();
  auto peer = app.connect();
  (void)app.ask(peer, get("/kill"));
  held.await_visitor();
  caf::anon_send_exit(app.pool().workers().at(0), caf::exit_reason::kill);
  (void)app.ask(peer, get("/behind") + get("/behind"));
  held.open();
  const auto expected =
      text_on_wire(200, "killed") + text_on_wire(200, "behind") + text_on_wire(200, "behind");
  std::string got;
  app.run_until([&] {
    got += peer.take();
    return got.size() >= expected.size();
  });
  CHECK(got == expected);
}

TEST_CASE("a handler that runs on a worker keeps its data when its shard ends",
          "[actors][worker]") {
  gate held;
  const auto alive = std::make_shared<int>(0);
  worker_end_fixture app;
  app.use([alive](context& ctx) -> task<> {
    const auto own = alive;
    ctx.set("key", alive);
    co_await ctx.next();
    ++*own; // never reached: the shard has ended
  });
  SECTION("a function runs") {
    app.get("/",
            [&](context& ctx) {
              held.pass();
              CHECK(ctx.query("q") == "1");
              ctx.next([alive](context&) { ++*alive; });
              ctx.string(200,
                         std::to_string(ctx.must_get<std::shared_ptr<int>>("key").use_count()));
            })
        .worker();
  }
  SECTION("a coroutine runs to its end") {
    app.get("/",
            [&](context& ctx) -> task<> {
              const auto own = alive;
              held.pass();
              CHECK(ctx.query("q") == "1");
              ctx.string(200, std::to_string(own.use_count()));
              co_return;
            })
        .worker();
  }
  SECTION("a coroutine waits once more") {
    app.get("/",
            [&](context& ctx) -> task<> {
              const auto own = alive;
              held.pass();
              co_await ctx.sleep(1ms);
              ++*own; // never reached
            })
        .worker();
  }
  auto peer = app.connect();
  const auto without = alive.use_count();
  (void)app.ask(peer, get("/?q=1"));
  held.await_visitor();
  const auto during = alive.use_count();
  CHECK(during > without);
  app.shard().close();
  CHECK(alive.use_count() == during); // the data of the handler is not released
  CHECK(peer.is_closed());
  held.open();
  app.close();
  CHECK(alive.use_count() == without);
  CHECK(*alive == 0);
  CHECK(peer.is_gone());
}

TEST_CASE("a handler that waits and belongs to the pool is released when its shard ends",
          "[actors][worker]") {
  const auto alive = std::make_shared<int>(0);
  worker_end_fixture app;
  app.get("/",
          [alive](context& ctx) -> task<> {
            const auto own = alive;
            co_await ctx.sleep(1h);
            ++*own;
          })
      .worker();
  const auto without = alive.use_count();
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  SECTION("the handler waits") {
    app.run_until([&] { return app.pool().load() == 0; });
    CHECK(alive.use_count() == without + 1);
    app.shard().close();
    CHECK(alive.use_count() == without);
  }
  SECTION("the handler begins to wait, and its reactor has not been told") {
    while (app.pool().load() != 0)
      std::this_thread::yield();
    app.shard().close();
    CHECK(alive.use_count() == without);
  }
  SECTION("the handler is in either state") {}
  SECTION("the wait of the handler has just ended") {
    app.run_until([&] { return app.pool().load() == 0; });
    app.advance(1h);
  }
  app.close();
  CHECK(alive.use_count() == without);
  CHECK(peer.is_gone());
}

TEST_CASE("a handler that no worker has begun is released with its pool", "[actors][worker]") {
  gate held;
  std::atomic<int> ran{0};
  worker_end_fixture app;
  app.get("/held", [&](context&) { held.pass(); }).worker();
  app.get("/", [&](context&) { ++ran; }).worker();
  auto first = app.connect();
  auto second = app.connect();
  (void)app.ask(first, get("/held"));
  held.await_visitor();
  (void)app.ask(second, get("/"));
  app.shard().close();
  held.open();
  app.close();
  CHECK(ran == 0);
  CHECK(first.is_gone());
  CHECK(second.is_gone());
}

TEST_CASE("a handler that waits for an offloaded function is released when its shard ends",
          "[actors][worker]") {
  gate held;
  const auto alive = std::make_shared<int>(0);
  worker_end_fixture app;
  app.get("/", [&, alive](context& ctx) -> task<> {
    const auto own = alive;
    co_await ctx.offload([&] { held.pass(); });
    ++*own;
  });
  const auto without = alive.use_count();
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  held.await_visitor();
  CHECK(alive.use_count() == without + 1);
  app.shard().close();
  CHECK(alive.use_count() == without);
  held.open();
  app.close();
  CHECK(*alive == 0);
  CHECK(peer.is_gone());
}

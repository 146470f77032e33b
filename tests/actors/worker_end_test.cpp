// The end of a shard and of its pool while handlers are still there.
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

TEST_CASE("A handler that kills its worker answers, and so do those behind it",
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

TEST_CASE("A handler that runs on a worker keeps what it uses when its shard ends",
          "[actors][worker]") {
  gate held;
  const auto alive = std::make_shared<int>(0);
  worker_end_fixture app;
  app.use([alive](context& ctx) -> task<> {
    const auto own = alive;
    ctx.set("key", alive);
    co_await ctx.next();
    ++*own; // never: the shard has ended
  });
  SECTION("a function") {
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
  SECTION("a coroutine that comes to its end") {
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
  SECTION("a coroutine that waits once more") {
    app.get("/",
            [&](context& ctx) -> task<> {
              const auto own = alive;
              held.pass();
              co_await ctx.sleep(1ms);
              ++*own; // never
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
  CHECK(alive.use_count() == during); // nothing is taken from under the handler
  CHECK(peer.is_closed());
  held.open();
  app.close();
  CHECK(alive.use_count() == without);
  CHECK(*alive == 0);
  CHECK(peer.is_gone());
}

TEST_CASE("A handler that waits on its way through the pool is let go when its shard ends",
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
  SECTION("once it waits") {
    app.run_until([&] { return app.pool().load() == 0; });
    CHECK(alive.use_count() == without + 1);
    app.shard().close();
    CHECK(alive.use_count() == without);
  }
  SECTION("as it begins to wait, before its reactor has heard of that") {
    while (app.pool().load() != 0)
      std::this_thread::yield();
    app.shard().close();
    CHECK(alive.use_count() == without);
  }
  SECTION("whether or not it waits already") {}
  SECTION("in the moment in which its wait is over") {
    app.run_until([&] { return app.pool().load() == 0; });
    app.advance(1h);
  }
  app.close();
  CHECK(alive.use_count() == without);
  CHECK(peer.is_gone());
}

TEST_CASE("A handler that no worker has begun is let go with its pool", "[actors][worker]") {
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

TEST_CASE("A handler that waits for an offloaded function is let go when its shard ends",
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

// Functions in every place that a route may choose behave as on the reactor.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/places.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/actors/workers/scheduler_executor.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::actors::reactor;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::on_wire;
using sake::test::places;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using sake::test::thread_name;
using namespace std::chrono_literals;

namespace {

struct placement_fixture : shard_fixture {
  explicit placement_fixture(std::size_t max_queued = 1024)
      : shard_fixture({}, pool_of(1, max_queued), {{"images", pool_of(1, max_queued)}}) {}

  std::string await(memory_peer& peer, std::size_t size) {
    std::string got;
    run_until([&] {
      pass(1ms);
      got += peer.take();
      return got.size() >= size || peer.is_closed();
    });
    return got;
  }

  // Runs the reactor but not the actors that CAF has scheduled.
  void run_reactor() {
    while (step_reactors()) {
    }
  }
};

bool is_on_reactor() {
  return reactor::current() != nullptr;
}

} // namespace

TEST_CASE("a handler runs in its place before and after a wait, its middleware does not",
          "[actors][placement]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  std::vector<bool> middleware_on_reactor;
  std::vector<std::string> threads;
  std::vector<bool> handler_on_reactor;
  placement_fixture app;
  app.use([&](context& ctx) {
    middleware_on_reactor.push_back(is_on_reactor() && !ctx.in_worker_pool());
    ctx.next([&](context& after) {
      middleware_on_reactor.push_back(is_on_reactor() && !after.in_worker_pool());
    });
  });
  where.assign(app.get("/", [&](context& ctx) -> task<> {
    for (int i = 0; i < 2; ++i) {
      handler_on_reactor.push_back(is_on_reactor() || !ctx.in_worker_pool());
      threads.push_back(thread_name());
      co_await ctx.sleep(1ms);
    }
    ctx.string(200, "done");
  }));
  auto peer = app.connect();
  peer.send(get("/"));
  const auto expected = text_on_wire(200, "done");
  CHECK(app.await(peer, expected.size()) == expected);
  CHECK(middleware_on_reactor == std::vector<bool>{true, true});
  CHECK(handler_on_reactor == std::vector<bool>{false, false});
  for (const auto& each : threads)
    CHECK(each.substr(0, std::string{where.threads}.size()) == where.threads);
}

TEST_CASE("a handler that throws answers 500 in every place", "[actors][placement]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  placement_fixture app;
  where.assign(app.get("/", [](context&) { throw std::runtime_error("boom"); }));
  where.assign(app.get("/later", [](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    throw std::runtime_error("boom");
  }));
  auto peer = app.connect();
  peer.send(get("/") + get("/later"));
  const auto expected = plain_on_wire(500) + plain_on_wire(500);
  CHECK(app.await(peer, expected.size()) == expected);
}

TEST_CASE("a place at its limit answers 503 with Retry-After", "[actors][placement]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  gate held;
  const bool has_threads = *where.threads != '\0';
  placement_fixture app{1};
  where.assign(app.get("/", [&](context& ctx) {
    if (has_threads)
      held.pass();
    ctx.string(200, "done");
  }));
  auto running = app.connect();
  auto waiting = app.connect();
  auto refused = app.connect();
  running.send(get("/"));
  app.run_reactor();
  if (has_threads)
    held.await_visitor();
  waiting.send(get("/"));
  app.run_reactor();
  refused.send(get("/"));
  app.run_reactor();
  CHECK(refused.take()
        == on_wire(503, "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n",
                   "Service Unavailable\n"));
  held.open(2);
  const auto done = text_on_wire(200, "done");
  CHECK(app.await(running, done.size()) == done);
  CHECK(app.await(waiting, done.size()) == done);
}

TEST_CASE("a request cancelled before its place has begun it never runs", "[actors][placement]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  gate held;
  std::atomic<int> begun{0};
  std::atomic<bool> holds = *where.threads != '\0';
  placement_fixture app;
  where.assign(app.get("/:n", [&](context& ctx) {
    ++begun;
    if (holds)
      held.pass();
    ctx.string(200, ctx.param("n"));
  }));
  auto first = app.connect();
  auto gone = app.connect();
  auto last = app.connect();
  first.send(get("/first"));
  app.run_reactor();
  if (holds)
    held.await_visitor();
  gone.send(get("/gone"));
  app.run_reactor();
  last.send(get("/last"));
  app.run_reactor();
  gone.reset();
  app.run_reactor();
  if (holds.exchange(false))
    held.open();
  const auto expected = text_on_wire(200, "last");
  CHECK(app.await(last, expected.size()) == expected);
  CHECK(first.take() == text_on_wire(200, "first"));
  CHECK(begun == 2);
  app.run_until([&] { return gone.is_gone(); });
}

TEST_CASE("a request not begun when its shard ends never runs and is released",
          "[actors][placement]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  gate held;
  std::atomic<int> begun{0};
  const auto alive = std::make_shared<int>();
  const bool has_threads = *where.threads != '\0';
  placement_fixture app;
  where.assign(app.get("/", [&, alive](context& ctx) -> task<> {
    const auto own = alive;
    ++begun;
    if (has_threads)
      held.pass();
    co_await ctx.sleep(1h);
  }));
  const auto without = alive.use_count();
  auto first = app.connect();
  auto second = app.connect();
  first.send(get("/"));
  app.run_reactor();
  if (has_threads)
    held.await_visitor();
  second.send(get("/"));
  app.run_reactor();
  app.shard().close();
  held.open(2);
  app.close();
  CHECK(begun == (has_threads ? 1 : 0));
  CHECK(alive.use_count() == without);
  CHECK(first.is_gone());
  CHECK(second.is_gone());
}

TEST_CASE("a handler that its pool has not resumed is released when both end",
          "[actors][placement]") {
  gate held;
  const auto alive = std::make_shared<int>();
  std::atomic<int> waits = 0;
  placement_fixture app;
  app.get("/busy", [&](context&) { held.pass(); }).worker();
  app.get("/waits",
          [&, alive](context& ctx) -> task<> {
            const auto own = alive;
            ++waits;
            co_await ctx.sleep(1ms);
            ++*own;
          })
      .worker();
  const auto without = alive.use_count();
  auto waiting = app.connect();
  auto busy = app.connect();
  waiting.send(get("/waits"));
  app.run_until([&] { return waits == 1 && app.pool().load() == 0; });
  busy.send(get("/busy"));
  app.run();
  held.await_visitor();
  app.run_until([&] {
    app.pass(1ms);
    return app.pool().load() == 2;
  });
  app.shard().close();
  app.pool().begin_stop();
  held.open();
  app.close();
  CHECK(*alive == 0);
  CHECK(alive.use_count() == without);
}

TEST_CASE("each detached route has a thread of its own", "[actors][placement]") {
  gate held;
  placement_fixture app;
  app.get("/blocks",
          [&](context& ctx) {
            held.pass();
            ctx.string(200, "blocked");
          })
      .detached();
  app.get("/other", [](context& ctx) { ctx.string(200, "other"); }).detached();
  auto blocked = app.connect();
  auto other = app.connect();
  blocked.send(get("/blocks"));
  app.run();
  held.await_visitor();
  other.send(get("/other"));
  CHECK(app.await(other, 1) == text_on_wire(200, "other"));
  held.open();
  CHECK(app.await(blocked, 1) == text_on_wire(200, "blocked"));
}

TEST_CASE("with the pools off, handlers of pools run on the reactor and others in their places",
          "[actors][placement]") {
  shard_fixture app;
  const auto tell = [](context& ctx) {
    ctx.string(200, ctx.in_worker_pool() || !is_on_reactor() ? "elsewhere" : "reactor");
  };
  app.get("/pool", tell).worker();
  app.get("/images", tell).worker("images");
  app.get("/scheduler", tell).on_scheduler();
  app.get("/detached", tell).detached();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/pool") + get("/images") + get("/scheduler"))
        == text_on_wire(200, "reactor") + text_on_wire(200, "reactor")
               + text_on_wire(200, "elsewhere"));
  peer.send(get("/detached"));
  std::string got;
  app.run_until([&] { return !(got += peer.take()).empty(); });
  CHECK(got == text_on_wire(200, "elsewhere"));
}

TEST_CASE("a route has exactly one place", "[actors][placement]") {
  using Catch::Matchers::ContainsSubstring;
  using mark = sake::route& (*)(sake::route&);
  const std::vector<mark> marks{
      [](sake::route& to) -> sake::route& { return to.worker(); },
      [](sake::route& to) -> sake::route& { return to.worker("images"); },
      [](sake::route& to) -> sake::route& { return to.on_scheduler(); },
      [](sake::route& to) -> sake::route& { return to.detached(); },
      [](sake::route& to) -> sake::route& { return to.pinned_to_reactor(); },
  };
  shard_fixture app;
  for (std::size_t i = 0; i < marks.size(); ++i)
    for (std::size_t j = 0; j < marks.size(); ++j) {
      auto& added = app.get('/' + std::to_string(i) + '/' + std::to_string(j), [](context&) {});
      marks[i](added);
      if (i == j)
        CHECK_NOTHROW(marks[j](added)); // the same place again is accepted
      else
        CHECK_THROWS_WITH(marks[j](added), ContainsSubstring("exclude each other"));
    }
  auto& handle = app.get("/handle", app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const sake::http::request&) { return sake::http::response{}; }};
  }));
  for (const auto& each : marks)
    CHECK_THROWS_WITH(each(handle), ContainsSubstring("its spawner put it"));
}

TEST_CASE("a task on CAF's scheduler is counted off before its end is published",
          "[actors][placement]") {
  class job final : public sake::routing::work {
  public:
    explicit job(const sake::actors::executor& where) : where_(where) {}
    std::size_t load_when_told = 99;

  private:
    void act() noexcept override {
      end();
      load_when_told = where_.load();
    }
    const sake::actors::executor& where_;
  };
  shard_fixture app;
  sake::actors::scheduler_executor scheduler{app.system(), 0};
  const auto task = std::make_shared<job>(scheduler);
  REQUIRE(scheduler.submit(task));
  CHECK(scheduler.load() == 1);
  app.run();
  CHECK(task->load_when_told == 0);
  CHECK(scheduler.load() == 0);
  scheduler.begin_stop();
  CHECK(scheduler.await_end(std::chrono::steady_clock::now() + 90s));
}

TEST_CASE("a task for a stopped scheduler is dropped", "[actors][placement]") {
  class job final : public sake::routing::work {
  public:
    explicit job(std::shared_ptr<int> alive) : alive_(std::move(alive)) {}

  private:
    void act() noexcept override { ++*alive_; }
    std::shared_ptr<int> alive_;
  };
  const auto alive = std::make_shared<int>(0);
  shard_fixture app;
  sake::actors::scheduler_executor scheduler{app.system(), 100};
  REQUIRE(scheduler.submit(std::make_shared<job>(alive)));
  CHECK(scheduler.load() == 1);
  scheduler.begin_stop();
  CHECK_FALSE(scheduler.submit(std::make_shared<job>(alive)));
  scheduler.resubmit(std::make_shared<job>(alive));
  CHECK(scheduler.load() == 1);
  CHECK_FALSE(scheduler.await_end(std::chrono::steady_clock::now()));
  app.run();
  CHECK(scheduler.await_end(std::chrono::steady_clock::now() + 90s));
  CHECK(*alive == 0);
  CHECK(alive.use_count() == 1);
}

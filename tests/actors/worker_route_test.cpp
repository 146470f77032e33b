// Routes on the worker pool: other threads, the same answers.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/places.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>

using sake::context;
using sake::task;
using sake::test::closes;
using sake::test::get;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::post;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

struct worker_route_fixture : shard_fixture {
  explicit worker_route_fixture(const sake::actors::pool_settings& workers,
                                sake::http::settings chosen = {})
      : shard_fixture(std::move(chosen), workers) {}

  // Runs until `size` octets have come back, or the connection is closed.
  std::string await(sake::test::memory_peer& peer, std::size_t size) {
    std::string got;
    run_until([&] {
      got += peer.take();
      return got.size() >= size || peer.is_closed();
    });
    return got;
  }
};

// A route for each operation of a handler.
template <class Add>
void add_all_routes(sake::route_group& app, Add add) {
  app.use([](context& ctx) {
    ctx.set_header("X-Before", "1");
    ctx.next([](context& after) {
      after.set_header("X-Length", std::to_string(after.response().content().size()));
    });
  });
  app.use([](context& ctx) -> task<> {
    co_await ctx.next();
    ctx.set_header("X-Status", std::to_string(ctx.response().status()));
  });
  add(app.get("/text/:name", [](context& ctx) { ctx.string(200, ctx.param("name")); }));
  add(app.get("/json", [](context& ctx) { ctx.json(201, {{"q", ctx.query("q")}}); }));
  add(app.get("/throw", [](context&) { throw std::runtime_error("boom"); }));
  add(app.get("/none", [](context& ctx) { ctx.status(204); }));
  add(app.get("/abort", [](context& ctx) { ctx.abort_with_status(409); }));
  add(app.get("/sleep", [](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    const int n = co_await ctx.offload([] { return 7; });
    ctx.string(200, "slept" + std::to_string(n));
  }));
  add(app.get("/throw-later", [](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    throw std::runtime_error("boom");
  }));
  add(app.get("/next", [](context& ctx) -> task<> {
    ctx.string(200, "before");
    co_await ctx.next();
    ctx.string(200, "after");
  }));
  add(app.get("/after", [](context& ctx) {
    ctx.next([](context& after) { after.string(200, "afterwards"); });
  }));
  add(app.post("/echo", [](context& ctx) {
    ctx.data(200, ctx.header("Content-Type"), std::string{ctx.body()});
  }));
}

} // namespace

TEST_CASE("routes answer the same octets wherever they run", "[actors][worker][placement]") {
  const std::string requests = get("/text/a") + get("/json?q=1%202") + get("/throw") + get("/none")
                               + get("/abort") + get("/sleep") + get("/throw-later") + get("/next")
                               + get("/after")
                               + post("/echo", std::string(100'000, 'x'), "Content-Type: a/b\r\n")
                               + "HEAD /text/head HTTP/1.1\r\nHost: a\r\n\r\n" + get("/nowhere")
                               + get("/text/last", "Connection: close\r\n");
  shard_fixture reference;
  add_all_routes(reference, [](sake::route&) {});
  auto inline_peer = reference.connect();
  auto expected = reference.ask(inline_peer, requests);
  for (int i = 0; i < 2; ++i) {
    reference.advance(1ms);
    expected += inline_peer.take();
  }
  REQUIRE(inline_peer.is_closed());
  REQUIRE(expected.size() > 100'000);

  const auto& where = GENERATE(from_range(sake::test::places));
  CAPTURE(where.name);
  // An offloaded function resumes by CAF's scheduler, which runs on the test's thread.
  const bool has_threads = *where.threads != '\0';
  const auto made = has_threads ? std::make_unique<shard_fixture>(
                        sake::http::settings{}, pool_of(2),
                        std::vector<sake::actors::named_pool>{{"images", pool_of(2)}})
                                : std::make_unique<shard_fixture>();
  shard_fixture& app = *made;
  add_all_routes(app, where.assign);
  auto peer = app.connect();
  peer.send(requests);
  std::string got;
  app.run_until([&] {
    app.pass(1ms);
    got += peer.take();
    return peer.is_closed();
  });
  CHECK((got == expected));
}

TEST_CASE("a handler on the pool runs there, its middleware does not", "[actors][worker]") {
  std::string where;
  worker_route_fixture app{pool_of(1)};
  app.use([&](context& ctx) {
    where += ctx.in_worker_pool() ? "pool " : "reactor ";
    ctx.next([&](context& after) { where += after.in_worker_pool() ? "pool " : "reactor "; });
  });
  app.get("/",
          [&](context& ctx) -> task<> {
            where += ctx.in_worker_pool() ? "pool " : "reactor ";
            co_await ctx.sleep(1ms);
            where += ctx.in_worker_pool() ? "pool " : "reactor ";
            ctx.string(200, "");
          })
      .worker();
  auto peer = app.connect();
  peer.send(get("/"));
  app.run_until([&] {
    app.pass(1ms);
    return !peer.take().empty();
  });
  CHECK(where == "reactor pool pool reactor ");
}

TEST_CASE("a pool at its limit answers 503 with Retry-After", "[actors][worker]") {
  sake::test::gate held;
  worker_route_fixture app{pool_of(1, 1)};
  app.get("/",
          [&](context& ctx) {
            held.pass();
            ctx.string(200, "done");
          })
      .worker();
  auto running = app.connect();
  auto waiting = app.connect();
  auto refused = app.connect();
  (void)app.ask(running, get("/"));
  held.await_visitor(); // one handler runs
  (void)app.ask(waiting, get("/"));
  CHECK(app.pool().load() == 2);
  CHECK(app.ask(refused, get("/"))
        == on_wire(503, "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n",
                   "Service Unavailable\n"));
  held.open(2);
  const auto done = text_on_wire(200, "done");
  CHECK(app.await(running, done.size()) == done);
  CHECK(app.await(waiting, done.size()) == done);
  // There is room again.
  app.run_until([&] { return app.pool().load() == 0; });
  held.open();
  refused.send(get("/"));
  CHECK(app.await(refused, done.size()) == done);
}

TEST_CASE("a function offloaded to a full pool answers 503 with Retry-After", "[actors][worker]") {
  sake::test::gate block;
  worker_route_fixture app{pool_of(1, 1)};
  app.get("/block", [&](context& ctx) -> task<> {
    co_await ctx.offload([&] { block.pass(); });
    ctx.string(200, "through");
  });
  app.get("/", [](context& ctx) -> task<> {
    co_await ctx.offload([] {});
    ctx.string(200, "run");
  });
  auto running = app.connect();
  auto queued = app.connect();
  auto late = app.connect();
  CHECK(app.ask(running, get("/block")).empty());
  block.await_visitor();
  CHECK(app.ask(queued, get("/")).empty());
  const auto answer = app.ask(late, get("/"));
  CHECK(answer.starts_with("HTTP/1.1 503 "));
  CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
  block.open();
  const auto through = text_on_wire(200, "through");
  CHECK(app.await(running, through.size()) == through);
  CHECK(app.await(queued, 1) == text_on_wire(200, "run"));
}

TEST_CASE("a handler that reaches its worker too late answers 504", "[actors][worker]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  sake::test::gate held;
  std::atomic<int> ran{0};
  int status = 0;
  worker_route_fixture app{pool_of(1), chosen};
  app.get("/hold",
          [&](context& ctx) {
            held.pass();
            ctx.string(200, "held");
          })
      .worker();
  app.get("/late",
          [&](context& ctx) {
            ++ran;
            ctx.string(200, "late");
          })
      .worker()
      .use([&](context& ctx) {
        ctx.next([&](context& after) { status = after.response().status(); });
      });
  auto first = app.connect();
  auto second = app.connect();
  (void)app.ask(first, get("/hold"));
  held.await_visitor();
  (void)app.ask(second, get("/late"));
  app.advance(5s);
  CHECK(first.take() == plain_on_wire(504));
  CHECK(second.take() == plain_on_wire(504));
  held.open();
  app.run_until([&] { return status != 0; });
  CHECK(ran == 0);
  CHECK(status == 504);
  CHECK(second.take().empty());
}

TEST_CASE("a worker does not begin a handler past its deadline, whether the reactor knows or not",
          "[actors][worker]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  sake::test::gate held;
  std::atomic<int> ran{0};
  worker_route_fixture app{pool_of(1), chosen};
  app.get("/hold", [&](context&) { held.pass(); }).worker();
  app.get("/late", [&](context&) { ++ran; }).worker();
  auto first = app.connect();
  auto second = app.connect();
  (void)app.ask(first, get("/hold"));
  held.await_visitor();
  (void)app.ask(second, get("/late"));
  app.pass(5s); // the reactor is held, and has not seen the deadline
  held.open();
  while (app.pool().load() != 0)
    std::this_thread::yield();
  CHECK(ran == 0);
  app.run_until([&] { return second.take() == plain_on_wire(504); });
}

TEST_CASE("a handler that waits for the pool from within it never deadlocks", "[actors][worker]") {
  worker_route_fixture app{pool_of(1)};
  app.get("/get",
          [](context& ctx) {
            const std::function<int(int)> depth = [&](int left) {
              return left == 0 ? 0 : 1 + ctx.offload([&, left] { return depth(left - 1); }).get();
            };
            ctx.string(200, std::to_string(depth(3)));
          })
      .worker();
  app.get("/await",
          [](context& ctx) -> task<> {
            int n = 0;
            for (int i = 0; i < 3; ++i)
              n += co_await ctx.offload([&ctx] { return ctx.offload([] { return 1; }).get(); });
            ctx.string(200, std::to_string(n));
          })
      .worker();
  app.get("/reactor", [](context& ctx) -> task<> {
    const int n = co_await ctx.offload([&ctx] { return ctx.offload([] { return 4; }).get(); });
    ctx.string(200, std::to_string(n));
  });
  auto peer = app.connect();
  peer.send(get("/get") + get("/await") + get("/reactor"));
  const auto expected = text_on_wire(200, "3") + text_on_wire(200, "3") + text_on_wire(200, "4");
  CHECK(app.await(peer, expected.size()) == expected);
}

TEST_CASE("a handler on the pool may ask an actor", "[actors][worker]") {
  worker_route_fixture app{pool_of(1)};
  const auto whom = app.spawn(
      [](caf::event_based_actor*) -> caf::behavior { return {[](int n) { return n + 1; }}; });
  app.get("/",
          [whom](context& ctx) -> task<> {
            const auto got = co_await ctx.ask<int>(whom, 1h, 41);
            ctx.string(200, std::to_string(*got) + (ctx.in_worker_pool() ? " pool" : " reactor"));
          })
      .worker();
  auto peer = app.connect();
  peer.send(get("/") + get("/"));
  const auto expected = text_on_wire(200, "42 pool") + text_on_wire(200, "42 pool");
  CHECK(app.await(peer, expected.size()) == expected);
}

TEST_CASE("a response that waits for a worker has no deadline any more", "[actors][worker]") {
  sake::test::gate block;
  worker_route_fixture app{pool_of(1)};
  std::optional<caf::response_promise> promise;
  const auto asked = app.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](caf::get_atom) {
      promise = self->make_response_promise();
      return *promise;
    }};
  });
  app.get("/",
          [&](context& ctx) -> task<> {
            const auto answer = co_await ctx.ask<int>(asked, 10ms, caf::get_atom_v);
            ctx.string(200, answer ? "answered" : "too late");
          })
      .worker();
  app.get("/block",
          [&](context& ctx) {
            block.pass();
            ctx.string(200, "through");
          })
      .worker();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")).empty());
  app.run_until([&] { return promise.has_value(); });
  auto blocked = app.connect();
  CHECK(app.ask(blocked, get("/block")).empty());
  block.await_visitor();
  promise->deliver(1);
  app.run();
  app.advance(10ms);
  block.open();
  const auto expected = text_on_wire(200, "answered");
  CHECK(app.await(peer, expected.size()) == expected);
  CHECK(app.await(blocked, 1) == text_on_wire(200, "through"));
}

TEST_CASE("many handlers on the pool wait and continue at the same time", "[actors][worker]") {
  const auto alive = std::make_shared<int>(0);
  worker_route_fixture app{pool_of(3)};
  app.get("/:n",
          [alive](context& ctx) -> task<> {
            const auto own = alive;
            for (int i = 0; i < 5; ++i) {
              co_await ctx.sleep(1ms);
              (void)co_await ctx.offload([i] { return i; });
            }
            ctx.string(200, ctx.param("n"));
          })
      .worker();
  const auto without = alive.use_count();
  auto peer = app.connect();
  std::string requests;
  std::string expected;
  for (int i = 0; i < 64; ++i) {
    requests += get('/' + std::to_string(i));
    expected += text_on_wire(200, std::to_string(i));
  }
  peer.send(requests);
  std::string got;
  app.run_until([&] {
    app.pass(1ms);
    got += peer.take();
    return got.size() >= expected.size();
  });
  CHECK((got == expected));
  app.run_until([&] { return app.pool().load() == 0; });
  CHECK(alive.use_count() == without);
}

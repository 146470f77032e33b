// Handlers that wait without blocking.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <chrono>
#include <memory>
#include <string>

using sake::context;
using sake::task;
using sake::test::get;
using sake::test::plain_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// Each frame holds the token, so its use count gives the number of frames.
using token = std::shared_ptr<int>;

} // namespace

TEST_CASE("a handler sleeps in the reactor's time", "[actors][coroutine]") {
  shard_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    co_await ctx.sleep(20ms);
    co_await ctx.sleep(0ms);
    co_await ctx.sleep(30ms);
    ctx.string(200, "awake");
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")).empty());
  app.advance(20ms);
  app.advance(29ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == text_on_wire(200, "awake"));
}

TEST_CASE("a middleware acts before and after a handler that waits", "[actors][coroutine]") {
  shard_fixture app;
  app.use([](context& ctx) -> task<> {
    co_await ctx.sleep(5ms);
    co_await ctx.next();
    co_await ctx.sleep(5ms);
    ctx.set_header("X-Content", ctx.response().content());
  });
  app.get("/", [](context& ctx) -> task<> {
    co_await ctx.sleep(5ms);
    ctx.string(200, "root");
  });
  auto peer = app.connect();
  (void)app.ask(peer, get("/") + get("/nowhere"));
  for (int i = 0; i < 2; ++i)
    app.advance(5ms);
  CHECK(peer.take().empty());
  app.advance(5ms);
  CHECK(peer.take()
        == sake::test::on_wire(
               200, "Content-Type: text/plain; charset=utf-8\r\nX-Content: root\r\n", "root")
               // The content ends in a line feed, which a field may not contain.
               + plain_on_wire(500));
}

TEST_CASE("requests that wait do not delay others", "[actors][coroutine]") {
  shard_fixture app;
  app.get("/slow", [](context& ctx) -> task<> {
    co_await ctx.sleep(1s);
    ctx.string(200, "slow");
  });
  app.get("/quick", [](context& ctx) { ctx.string(200, "quick"); });
  auto slow = app.connect();
  auto quick = app.connect();
  CHECK(app.ask(slow, get("/slow")).empty());
  CHECK(app.ask(quick, get("/quick")) == text_on_wire(200, "quick"));
  app.advance(1s);
  CHECK(slow.take() == text_on_wire(200, "slow"));
}

TEST_CASE("a thousand handlers wait at the same time", "[actors][coroutine]") {
  const auto alive = std::make_shared<int>(0);
  shard_fixture app;
  app.get("/:ms", [alive](context& ctx) -> task<> {
    const token own = alive;
    co_await ctx.sleep(std::chrono::milliseconds{std::stoi(std::string{ctx.param("ms")})});
    ++*own;
    ctx.string(200, ctx.param("ms"));
  });
  const auto without = alive.use_count();
  std::vector<sake::test::memory_peer> peers;
  for (int i = 1; i <= 1000; ++i) {
    peers.push_back(app.connect());
    peers.back().send(get('/' + std::to_string(i)));
  }
  app.run();
  CHECK(alive.use_count() == without + 1000);
  app.advance(500ms);
  CHECK(*alive == 500);
  CHECK(alive.use_count() == without + 500);
  app.advance(500ms);
  for (int i = 1; i <= 1000; ++i)
    REQUIRE(peers[i - 1].take() == text_on_wire(200, std::to_string(i)));
  CHECK(alive.use_count() == without);
}

TEST_CASE("the end of the shard frees every frame", "[actors][coroutine]") {
  const auto alive = std::make_shared<int>(0);
  {
    shard_fixture app;
    app.use([alive](context& ctx) -> task<> {
      const token own = alive;
      co_await ctx.next();
      ++*own;
    });
    app.get("/", [alive](context& ctx) -> task<> {
      const token own = alive;
      co_await [](context& inner, token held) -> task<> {
        co_await inner.sleep(1h);
        ++*held;
      }(ctx, alive);
    });
    const auto without = alive.use_count();
    auto peer = app.connect();
    (void)app.ask(peer, get("/") + get("/") + get("/nowhere"));
    CHECK(alive.use_count() > without + 4);
    SECTION("the coroutines wait") {
      app.close();
      CHECK(alive.use_count() == without);
      CHECK(*alive == 3); // the middleware sees the end of every request
      app.advance(1h);
    }
    SECTION("the waits have just ended") {
      app.shard().reactor().post([&] { app.pass(1h); });
      app.close();
      CHECK(alive.use_count() == without);
    }
    CHECK(peer.is_gone());
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("a request is answered with 500 when its handler can never be resumed",
          "[actors][coroutine]") {
  // An awaitable that drops the coroutine that it should resume.
  struct forgetful {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };
  const auto alive = std::make_shared<int>(0);
  shard_fixture app;
  app.get("/", [alive](context&) -> task<> {
    const token own = alive;
    co_await forgetful{};
  });
  const auto without = alive.use_count();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == plain_on_wire(500));
  CHECK(alive.use_count() == without);
}

TEST_CASE("without a pool offloaded functions and worker routes run on the reactor",
          "[actors][coroutine]") {
  shard_fixture app;
  app.get("/await", [](context& ctx) -> task<> {
    const int n = co_await ctx.offload([] { return 7; });
    ctx.string(200, std::to_string(n) + (ctx.in_worker_pool() ? " pool" : " reactor"));
  });
  app.get("/get", [](context& ctx) { ctx.string(200, ctx.offload([] { return "8"; }).get()); });
  app.get("/worker",
          [](context& ctx) { ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor"); })
      .worker();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/await") + get("/get") + get("/worker"))
        == text_on_wire(200, "7 reactor") + text_on_wire(200, "8") + text_on_wire(200, "reactor"));
}

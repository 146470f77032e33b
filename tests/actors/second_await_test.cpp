// Named awaitables that are passed to when_any and awaited again.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/routing/when.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

using sake::context;
using sake::task;
using sake::when_all;
using sake::when_any;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

struct second_await_fixture : shard_fixture {
  second_await_fixture() : shard_fixture({}, pool_of(1, 2)) {}

  // The answer to one request; advances the clock while it waits.
  std::string answer(memory_peer& peer, std::string_view octets) {
    peer.send(octets);
    std::string got;
    run_until([&] {
      pass(1ms);
      return !(got += peer.take()).empty();
    });
    return got;
  }
};

// "refused" if a second await of `named` throws std::logic_error.
template <class Named>
task<std::string> await_again(Named& named) {
  try {
    (void)co_await named;
  } catch (const std::logic_error&) {
    co_return "refused";
  }
  co_return "awaited";
}

} // namespace

TEST_CASE("an offloaded function that is awaited again is refused, and its place is returned",
          "[actors][await]") {
  second_await_fixture app;
  const auto check_twenty = [&](std::string_view expected) {
    auto peer = app.connect();
    for (int i = 0; i < 20; ++i) {
      CHECK(app.answer(peer, get("/")) == text_on_wire(200, expected));
      app.run_until([&] { return app.pool().load() == 0; });
    }
  };
  SECTION("it is awaited after its end") {
    app.get("/", [](context& ctx) -> task<> {
      auto work = ctx.offload([] { return 1; });
      const int first = co_await work;
      ctx.string(200, std::to_string(first) + co_await await_again(work));
    });
    check_twenty("1refused");
  }
  SECTION("it is awaited after it lost when_any") {
    app.get("/", [](context& ctx) -> task<> {
      auto work = ctx.offload([] { return 1; });
      const auto first = co_await when_any(work, ctx.sleep(0ms));
      ctx.string(200, std::to_string(first.index()) + co_await await_again(work));
    });
    check_twenty("1refused");
  }
  SECTION("it is awaited twice at the same time") {
    app.get("/", [](context& ctx) -> task<> {
      auto work = ctx.offload([] { return 1; });
      try {
        co_await when_all(work, work);
      } catch (const std::logic_error&) {
        ctx.string(200, "refused");
      }
    });
    check_twenty("refused");
  }
  SECTION("get() is called twice without a coroutine") {
    app.get("/", [](context& ctx) {
      auto work = ctx.offload([] { return 1; });
      const int first = work.get();
      try {
        (void)work.get();
      } catch (const std::logic_error&) {
        ctx.string(200, std::to_string(first));
      }
    });
    check_twenty("1");
  }
  app.run_until([&] { return app.pool().load() == 0; });
}

TEST_CASE("an ask that is awaited again is refused, and its late answer resumes no coroutine",
          "[actors][await]") {
  second_await_fixture app;
  caf::response_promise promise;
  const auto slow = app.spawn([&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](caf::get_atom) {
              promise = self->make_response_promise();
              return promise;
            },
            [](caf::put_atom) { return 2; }};
  });
  app.get("/", [&](context& ctx) -> task<> {
    auto question = ctx.ask<int>(slow, 10s, caf::get_atom_v);
    const auto first = co_await when_any(question, ctx.sleep(1ms));
    const auto again = co_await await_again(question);
    promise.deliver(1);
    const auto other = co_await ctx.ask<int>(slow, 10s, caf::put_atom_v);
    ctx.string(200, std::to_string(first.index()) + again + std::to_string(*other));
  });
  auto peer = app.connect();
  CHECK(app.answer(peer, get("/")) == text_on_wire(200, "1refused2"));
}

TEST_CASE("a named sleep sleeps again at each await", "[actors][await]") {
  int woken = 0;
  second_await_fixture app;
  app.get("/", [&](context& ctx) -> task<> {
    auto nap = ctx.sleep(10ms);
    (void)co_await when_any(nap, ctx.sleep(1ms));
    co_await nap;
    ++woken;
    co_await when_all(nap, nap);
    ++woken;
    ctx.string(200, "awake");
  });
  auto peer = app.connect();
  peer.send(get("/"));
  app.run();
  app.advance(1ms);
  app.advance(9ms);
  CHECK(woken == 0);
  app.advance(1ms);
  CHECK(woken == 1);
  app.advance(10ms);
  CHECK(woken == 2);
  CHECK(peer.take() == text_on_wire(200, "awake"));
}

TEST_CASE("a read that lost when_any can be read again", "[actors][await]") {
  second_await_fixture app;
  app.post("/",
           [](context& ctx) -> task<> {
             auto next = ctx.read();
             const auto first = co_await when_any(next, ctx.sleep(1ms));
             const auto second = co_await next;
             ctx.string(200, std::to_string(first.index()) + second.value_or("nothing"));
           })
      .streams_content();
  auto peer = app.connect();
  peer.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n");
  app.run();
  app.advance(1ms);
  peer.send("abc");
  app.run();
  CHECK(peer.take() == text_on_wire(200, "1abc"));
}

TEST_CASE("a write that lost when_any can be awaited again", "[actors][await]") {
  int written = 0;
  second_await_fixture app;
  app.get("/", [&](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain", 200'000);
    co_await out.write(std::string(100'000, 'x')); // proceeds up to the peer
    auto room = out.write(std::string(99'999, 'x'));
    (void)co_await when_any(room, ctx.sleep(1ms));
    ++written;
    co_await room;
    co_await room;
    ++written;
    co_await out.write("y");
  });
  auto peer = app.connect();
  peer.accept(1000);
  peer.send(get("/"));
  app.run();
  app.advance(1ms);
  CHECK(written == 1);
  peer.accept(1'000'000);
  app.run();
  CHECK(written == 2);
  CHECK(peer.take().ends_with("xy"));
}

TEST_CASE("a task, when_all and when_any can be awaited only once", "[actors][await]") {
  second_await_fixture app;
  const auto number = []() -> task<int> { co_return 1; };
  app.get("/", [=](context& ctx) -> task<> {
    auto one = number();
    const int first = co_await std::move(one);
    std::string text = std::to_string(first);
    try {
      (void)co_await std::move(one);
    } catch (const std::logic_error&) {
      text += "refused";
    }
    try {
      task<int> none;
      (void)co_await std::move(none);
    } catch (const std::logic_error&) {
      text += "refused";
    }
    auto all = when_all(ctx.sleep(5ms), ctx.sleep(6ms));
    (void)co_await when_any(all, ctx.sleep(1ms));
    text += co_await await_again(all);
    // Waits that lost when_any wake no coroutine.
    co_await ctx.sleep(10ms);
    auto any = when_any(ctx.sleep(1ms), ctx.sleep(2ms));
    (void)co_await any;
    text += co_await await_again(any);
    ctx.string(200, text);
  });
  auto peer = app.connect();
  CHECK(app.answer(peer, get("/")) == text_on_wire(200, "1refusedrefusedrefusedrefused"));
}

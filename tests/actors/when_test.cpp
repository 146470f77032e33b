// when_all and when_any with the awaitables of a context: actors, sleeps, functions on the pool.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/routing/when.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using sake::context;
using sake::task;
using sake::when_all;
using sake::when_any;
using sake::test::get;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

caf::behavior gives(caf::event_based_actor*, int n) {
  return {[n](caf::get_atom) { return n; }};
}

// Never answers.
caf::behavior keeps(caf::event_based_actor* self) {
  return {[self](caf::get_atom) { return self->make_response_promise(); }};
}

/// An application with actors to ask.
struct asking_app : shard_fixture {
  using shard_fixture::shard_fixture;
  caf::actor one = spawn([](caf::event_based_actor* self) { return gives(self, 1); });
  caf::actor two = spawn([](caf::event_based_actor* self) { return gives(self, 2); });
  caf::actor silent = spawn(keeps);
};

int value(const caf::expected<int>& answer) {
  return answer ? *answer : -1;
}

} // namespace

TEST_CASE("a coroutine asks several actors at once", "[actors][when]") {
  asking_app app;
  app.get("/both", [&](context& ctx) -> task<> {
    const auto [a, b] = co_await when_all(ctx.ask<int>(app.one, 1s, caf::get_atom_v),
                                          ctx.ask<int>(app.two, 1s, caf::get_atom_v));
    ctx.string(200, std::to_string(value(a) + value(b)));
  });
  app.get("/all", [&](context& ctx) -> task<> {
    using question = decltype(ctx.ask<int>(app.one, 1s, caf::get_atom_v));
    std::vector<question> questions;
    for (int i = 0; i < 10; ++i)
      questions.push_back(ctx.ask<int>(i % 2 == 0 ? app.one : app.two, 1s, caf::get_atom_v));
    int sum = 0;
    for (const auto& each : co_await when_all(std::move(questions)))
      sum += value(each);
    ctx.string(200, std::to_string(sum));
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/both") + get("/all"))
        == text_on_wire(200, "3") + text_on_wire(200, "15"));
}

TEST_CASE("when_all waits for all answers, each up to its deadline", "[actors][when]") {
  asking_app app;
  app.get("/", [&](context& ctx) -> task<> {
    const auto [a, b] = co_await when_all(ctx.ask<int>(app.silent, 50ms, caf::get_atom_v),
                                          ctx.ask<int>(app.two, 1s, caf::get_atom_v));
    ctx.string(200, std::to_string(value(a)) + ' ' + std::to_string(value(b)));
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")).empty());
  app.advance(60ms);
  CHECK(peer.take() == text_on_wire(200, "-1 2"));
}

TEST_CASE("the first answer wins, and the other asks are cancelled", "[actors][when]") {
  asking_app app;
  app.get("/", [&](context& ctx) -> task<> {
    const auto first = co_await when_any(ctx.ask<int>(app.silent, 1s, caf::get_atom_v),
                                         ctx.sleep(20ms), ctx.sleep(30ms));
    ctx.string(200, std::to_string(first.index()));
    co_await ctx.sleep(5s); // beyond the deadlines of everything cancelled
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")).empty());
  app.advance(21ms);
  app.advance(2s);
  CHECK(peer.take().empty());
  app.advance(4s);
  CHECK(peer.take() == text_on_wire(200, "1"));
}

TEST_CASE("a client that leaves ends all tasks and frees all frames", "[actors][when]") {
  const auto token = std::make_shared<int>();
  asking_app app;
  const auto waits = [&](context& ctx, std::shared_ptr<int>) -> task<> {
    (void)co_await ctx.ask<int>(app.silent, 1h, caf::get_atom_v);
  };
  const auto sleeps = [](context& ctx, std::shared_ptr<int>) -> task<> { co_await ctx.sleep(1h); };
  app.get("/", [&, token](context& ctx) -> task<> {
    (void)co_await when_all(waits(ctx, token), sleeps(ctx, token),
                            [](context& inner, std::shared_ptr<int> held) -> task<> {
                              (void)co_await when_any(inner.sleep(1h), inner.sleep(2h));
                              ++*held;
                            }(ctx, token));
  });
  auto peer = app.connect();
  const auto before = token.use_count();
  CHECK(app.ask(peer, get("/")).empty());
  CHECK(token.use_count() == before + 3);
  peer.reset();
  app.run();
  CHECK(token.use_count() == before);
  CHECK(*token == 0);
}

TEST_CASE("tasks on the pool take turns as well, and losers are cancelled", "[actors][when]") {
  asking_app app{{}, pool_of(2)};
  app.get("/all",
          [&](context& ctx) -> task<> {
            const auto [a, b, c] = co_await when_all(ctx.offload([] { return 4; }),
                                                     ctx.ask<int>(app.two, 1s, caf::get_atom_v),
                                                     ctx.offload([] { return 5; }));
            ctx.string(200, std::to_string(a + value(b) + c));
          })
      .worker();
  app.get("/any",
          [&](context& ctx) -> task<> {
            const auto first = co_await when_any(ctx.offload([] { return 6; }), ctx.sleep(1h),
                                                 ctx.ask<int>(app.silent, 1h, caf::get_atom_v));
            ctx.string(200, std::to_string(std::get<0>(first)));
          })
      .worker();
  auto peer = app.connect();
  std::string got;
  peer.send(get("/all") + get("/any"));
  const auto expected = text_on_wire(200, "11") + text_on_wire(200, "6");
  app.run_until([&] { return (got += peer.take()).size() >= expected.size(); });
  CHECK(got == expected);
}

TEST_CASE("the cancellation of a request waits for the functions of all its tasks",
          "[actors][when]") {
  std::atomic<int> begun{0};
  std::atomic<bool> may_end{false};
  std::atomic<int> seen{0};
  const auto token = std::make_shared<int>(7);
  shard_fixture app{{}, pool_of(2)};
  app.get("/", [&, token](context& ctx) -> task<> {
    const auto held = token; // in the frame, and used by the functions
    const auto work = [&held, &begun, &may_end, &seen] {
      ++begun;
      while (!may_end)
        std::this_thread::yield();
      seen += *held;
    };
    (void)co_await when_all(ctx.offload(work), ctx.offload(work));
  });
  auto peer = app.connect();
  const auto before = token.use_count();
  peer.send(get("/"));
  app.run_until([&] { return begun == 2; });
  CHECK(token.use_count() == before + 1);
  peer.reset();
  app.run();
  CHECK(token.use_count() == before + 1);
  may_end = true;
  app.run_until([&] { return token.use_count() == before; });
  CHECK(seen == 14);
}

TEST_CASE("waits that end at any time on any thread are each noticed once", "[actors][when]") {
  shard_fixture app{{}, pool_of(3)};
  const bool on_pool = GENERATE(false, true);
  auto& route = app.get("/", [&](context& ctx) -> task<> {
    int sum = 0;
    for (int round = 0; round < 30; ++round) {
      const auto [a, b, c] =
          co_await when_all(ctx.offload([] { return 1; }), ctx.offload([] { return 1; }),
                            ctx.offload([] { return 1; }));
      const auto first = co_await when_any(ctx.offload([] { return 10; }), ctx.sleep(1h),
                                           ctx.offload([] { return 10; }));
      sum += a + b + c + (first.index() == 0 ? std::get<0>(first) : std::get<2>(first));
    }
    ctx.string(200, std::to_string(sum));
  });
  if (on_pool)
    route.worker();
  auto peer = app.connect();
  std::string got;
  peer.send(get("/"));
  app.run_until([&] { return !(got += peer.take()).empty(); });
  CHECK(got == text_on_wire(200, "390"));
}

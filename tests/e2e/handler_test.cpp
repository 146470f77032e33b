// All kinds of handlers over real sockets: functions that throw, coroutines, actors.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

// An actor that keeps its requests until it is told to answer.
caf::behavior hold(caf::event_based_actor* self, std::atomic<int>* held) {
  const auto waiting = std::make_shared<std::vector<caf::response_promise>>();
  return {
      [=](const request&) {
        waiting->push_back(self->make_response_promise());
        ++*held;
        return waiting->back();
      },
      [=](caf::ok_atom) {
        for (auto& each : *waiting)
          each.deliver(response::text(200, "at last"));
        waiting->clear();
      },
  };
}

// An actor that counts its requests, and answers with the count.
caf::behavior count(caf::event_based_actor*) {
  const auto seen = std::make_shared<int>(0);
  return {
      [=](const request&) { return response::text(200, std::to_string(++*seen)); },
      [=](caf::get_atom) { return *seen; },
  };
}

typed_handler::behavior_type greet() {
  return {[](const request& asked) {
    return response::text(200, "Hello, " + std::string{asked.param("name")});
  }};
}

// An actor that fails in the way that the path names.
caf::behavior fail(caf::event_based_actor* self) {
  return {[self](const request& asked) -> caf::result<response> {
    if (asked.path() == "/fails/by-error")
      return caf::make_error(caf::sec::runtime_error, "no luck");
    if (asked.path() == "/fails/by-exception")
      throw std::runtime_error{"no luck"};
    self->quit(caf::exit_reason::kill);
    return caf::make_error(caf::sec::runtime_error, "the end");
  }};
}

void pass_on(context& ctx) {
  ctx.next([](context& done) { done.set_header("Passed", "yes"); });
}

} // namespace

TEST_CASE("a handler that throws gives 500, and the connection persists", "[e2e]") {
  server own;
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.app.get("/exception", [](context& ctx) {
    ctx.set_header("Half", "done");
    ctx.string(200, "half done");
    throw std::runtime_error{"secret"};
  });
  own.app.get("/integer", [](context&) { throw 5; });
  own.app.get("/coroutine", [](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    throw std::runtime_error{"secret"};
  });
  own.app.get("/middleware", [](context& ctx) { ctx.string(200, "fine"); }).use([](context&) {
    throw std::runtime_error{"secret"};
  });
  own.app.get("/afterwards", [](context& ctx) { ctx.string(200, "fine"); }).use([](context& ctx) {
    ctx.next([](context&) { throw std::runtime_error{"secret"}; });
  });
  own.start();
  auto peer = own.connect();
  for (const auto* path : {"/exception", "/integer", "/coroutine", "/middleware", "/afterwards"}) {
    CAPTURE(path);
    const auto got = peer.ask(get(path));
    CHECK(got.status == 500);
    CHECK_FALSE(got.closes());
    CHECK(got.content == "Internal Server Error\n");
    CHECK(got.field("Half").empty());
  }
  CHECK(peer.ask(get("/")).content == "home");
}

// ---- actors that misbehave ----------------------------------------------------------------------

TEST_CASE("an actor that always has messages blocks neither its reactor nor the shutdown",
          "[e2e]") {
  std::atomic<int> turns{0};
  server own{test_config().with_reactors(1)};
  own.app.get("/restless", [&turns](caf::event_based_actor* self) -> caf::behavior {
    return {
        [self](const request&) {
          self->send(self, caf::tick_atom::value);
          return response::text(200, "on its way");
        },
        [self, &turns](caf::tick_atom) {
          ++turns;
          self->send(self, caf::tick_atom::value);
        },
    };
  });
  own.app.get("/ping", [](context& ctx) { ctx.string(200, "pong"); });
  own.start();
  CHECK(own.ask(get("/restless")).content == "on its way");
  wait_until([&] { return turns > 1000; });
  auto peer = own.connect();
  for (int i = 0; i < 10; ++i)
    CHECK(peer.ask(get("/ping")).content == "pong");
  own.app.shutdown();
  own.app.wait();
}

TEST_CASE("an actor that links to its requester and fails does not end it", "[e2e]") {
  server own{test_config().with_reactors(1)};
  const auto fails = own.app.system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](int) -> caf::result<int> {
      self->link_to(caf::actor_cast<caf::actor>(self->current_sender()));
      throw std::runtime_error{"no luck"};
    }};
  });
  const auto works = own.app.system().spawn(count);
  own.app.get("/fails", [fails](context& ctx) -> task<> {
    const auto got = co_await ctx.ask(fails, 1s, 1);
    ctx.string(200, got ? "answered" : "failed");
  });
  own.app.get("/works", [works](context& ctx) -> task<> {
    const auto got = co_await ctx.ask(works, 1s, caf::get_atom::value);
    ctx.string(200, got ? "answered" : "failed");
  });
  own.start();
  CHECK(own.ask(get("/fails")).content == "failed");
  CHECK(own.ask(get("/works")).content == "answered");
  caf::anon_send_exit(works, caf::exit_reason::user_shutdown);
}

// ---- coroutines ---------------------------------------------------------------------------------

TEST_CASE("a coroutine asks an actor, sleeps and offloads", "[e2e]") {
  server own;
  const auto counter = own.app.system().spawn(count);
  own.app.get("/count", counter);
  own.app.get("/all", [counter](context& ctx) -> task<> {
    const auto before = co_await ctx.ask<int>(counter, 60s, caf::get_atom_v);
    co_await ctx.sleep(2ms);
    const int doubled = co_await ctx.offload([n = *before] { return 2 * n; });
    co_await ctx.offload([] {});
    ctx.string(200, std::to_string(doubled));
  });
  own.app.get("/bad-offload", [](context& ctx) -> task<> {
    co_await ctx.offload([] { throw std::runtime_error{"no luck"}; });
  });
  own.start();
  auto peer = own.connect();
  for (int i = 1; i <= 20; ++i) {
    CHECK(peer.ask(get("/count")).content == std::to_string(i));
    CHECK(peer.ask(get("/all")).content == std::to_string(2 * i));
  }
  CHECK(peer.ask(get("/bad-offload")).status == 500);
  CHECK(peer.ask(get("/count")).content == "21");
}

TEST_CASE("a coroutine gets an error when an actor does not answer", "[e2e]") {
  std::atomic<int> held = 0;
  server own;
  const auto silent = own.app.system().spawn(hold, &held);
  const auto gone = own.app.system().spawn(count);
  caf::anon_send_exit(gone, caf::exit_reason::kill);
  const auto tell = [](context& ctx, const caf::expected<response>& got) {
    ctx.string(200, got                                              ? "an answer"
                    : got.error() == caf::sec::request_timeout       ? "timeout"
                    : got.error() == caf::sec::request_receiver_down ? "down"
                                                                     : "another error");
  };
  own.app.get("/silent", [=](context& ctx) -> task<> {
    tell(ctx, co_await ctx.ask<response>(silent, 20ms, ctx.request()));
  });
  own.app.get("/gone", [=](context& ctx) -> task<> {
    tell(ctx, co_await ctx.ask<response>(gone, 60s, ctx.request()));
  });
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/silent")).content == "timeout");
  CHECK(peer.ask(get("/gone")).content == "down");
  caf::anon_send(silent, caf::ok_atom_v); // a late answer, which is dropped
  CHECK(peer.ask(get("/gone")).content == "down");
  caf::anon_send_exit(silent, caf::exit_reason::kill);
}

// ---- actors -------------------------------------------------------------------------------------

TEST_CASE("actors are handlers, with middleware and without", "[e2e]") {
  server own;
  own.app.get("/hello/:name", own.app.system().spawn(greet));
  own.app.get("/passed/:name", own.app.system().spawn(greet)).use(pass_on);
  own.app.get("/count", own.app.system().spawn(count));
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/hello/Ada")).content == "Hello, Ada");
  const auto passed = peer.ask(get("/passed/Ada"));
  CHECK(passed.content == "Hello, Ada");
  CHECK(passed.field("Passed") == "yes");
  std::string requests;
  for (int i = 0; i < 64; ++i)
    requests += get("/count");
  peer.send(requests);
  for (int i = 1; i <= 64; ++i)
    CHECK(peer.read().content == std::to_string(i));
}

TEST_CASE("one actor serves all reactors", "[e2e]") {
  server own;
  own.app.get("/count", own.app.system().spawn(count));
  own.start();
  std::vector<client> crowd;
  for (int i = 0; i < 40; ++i)
    crowd.push_back(own.connect());
  for (int round = 0; round < 10; ++round) {
    for (auto& each : crowd)
      each.send(get("/count"));
    for (auto& each : crowd)
      REQUIRE(each.read().status == 200);
  }
  CHECK(own.ask(get("/count")).content == "401");
}

TEST_CASE("an actor that fails gives 500, and the connection persists", "[e2e]") {
  server own;
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  for (const auto* path : {"/fails/by-error", "/fails/by-exception", "/fails/by-end"}) {
    own.app.get(path, own.app.system().spawn(fail));
    own.app.post(path, own.app.system().spawn(fail)).use(pass_on);
  }
  own.start();
  auto peer = own.connect();
  for (const auto* path : {"/fails/by-error", "/fails/by-exception", "/fails/by-end"}) {
    CAPTURE(path);
    // Twice, because some of these actors survive the first request.
    for (int i = 0; i < 2; ++i) {
      CHECK(peer.ask(get(path)).status == 500);
      CHECK(peer.ask(post(path, "content")).status == 500);
    }
  }
  CHECK(peer.ask(get("/")).content == "home");
}

TEST_CASE("the answer of an actor may come after its client has gone", "[e2e]") {
  const bool by_reset = GENERATE(false, true);
  const bool is_observed = GENERATE(false, true);
  CAPTURE(by_reset, is_observed);
  std::atomic<int> held = 0;
  server own;
  const auto holder = own.app.system().spawn(hold, &held);
  auto& added = own.app.get("/held", holder);
  if (is_observed)
    added.use(pass_on);
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.start();
  constexpr int clients = 100;
  std::vector<client> crowd;
  for (int i = 0; i < clients; ++i) {
    crowd.push_back(own.connect());
    crowd.back().send(get("/held"));
  }
  wait_until([&] { return held == clients; });
  // One client stays.
  auto last = std::move(crowd.back());
  crowd.pop_back();
  for (auto& each : crowd)
    by_reset ? each.reset() : each.close();
  CHECK(own.ask(get("/")).content == "home");
  caf::anon_send(holder, caf::ok_atom_v);
  CHECK(last.read().content == "at last");
  CHECK(last.ask(get("/")).content == "home");
}

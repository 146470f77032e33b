// Routes that block their reactor move to the worker pool, and return when they are quick.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

config adaptive_config() {
  return test_config().with_reactors(1).with_adaptive_window(20ms);
}

/// A handler that blocks its thread for `ms`, and answers with the place where it ran.
struct variable {
  std::atomic<int> ms = 0;

  void operator()(context& ctx) {
    std::this_thread::sleep_for(std::chrono::milliseconds{ms.load()});
    ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor");
  }
};

// How often the watchdog of this process has slept; empty until its thread has its name.
std::optional<long> sleeps_of_watchdog() {
  for (const auto& task : std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::string name;
    std::getline(std::ifstream{task.path() / "comm"} >> std::ws, name);
    if (name != "sake-watchdog")
      continue;
    std::ifstream status{task.path() / "status"};
    for (std::string word; status >> word;)
      if (long count = 0; word == "voluntary_ctxt_switches:" && status >> count)
        return count;
  }
  return std::nullopt;
}

} // namespace

TEST_CASE("the watchdog sleeps while no route runs, and wakes for one that blocks its reactor",
          "[e2e][adaptive]") {
  variable handler;
  server own{adaptive_config()};
  own.app.get("/", [&](context& ctx) { handler(ctx); });
  own.start();
  auto peer = own.connect();
  const auto await_sleep = [] {
    wait_until([] {
      const auto before = sleeps_of_watchdog();
      std::this_thread::sleep_for(200ms);
      return before && sleeps_of_watchdog() == before;
    });
  };
  for (int i = 0; i < 2; ++i) {
    CHECK(peer.ask(get("/")).content == "reactor");
    await_sleep();
  }
  handler.ms = 60;
  wait_until([&] { return peer.ask(get("/")).content == "pool"; });
  await_sleep(); // with a route that has moved, too
  handler.ms = 0;
  wait_until([&] { return peer.ask(get("/")).content == "reactor"; });
}

TEST_CASE("a route that blocks its reactor moves to the pool, and returns when it is quick",
          "[e2e][adaptive]") {
  variable handler;
  server own{adaptive_config()};
  own.app.get("/", [&](context& ctx) { handler(ctx); });
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/")).content == "reactor");
  handler.ms = 60;
  wait_until([&] { return peer.ask(get("/")).content == "pool"; });
  handler.ms = 0;
  wait_until([&] { return peer.ask(get("/")).content == "reactor"; });
}

TEST_CASE("a coroutine and its middleware keep their order when the route moves",
          "[e2e][adaptive]") {
  std::atomic<int> ms = 60;
  server own{adaptive_config()};
  own.app.use([](context& ctx) {
    ctx.next([](context& after) { after.set_header("X-Content", after.response().content()); });
  });
  own.app.get("/", [&](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    std::this_thread::sleep_for(std::chrono::milliseconds{ms.load()});
    ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor");
  });
  own.start();
  auto peer = own.connect();
  wait_until([&] {
    const auto got = peer.ask(get("/"));
    CHECK(got.status == 200);
    CHECK(got.field("X-Content") == got.content);
    return got.content == "pool";
  });
}

TEST_CASE("a route that cannot move stays on its reactor", "[e2e][adaptive]") {
  variable handler;
  handler.ms = 60;
  auto options = adaptive_config();
  SECTION("it is pinned to the reactor") {}
  SECTION("there is no pool") {
    options.with_worker_pool(false);
  }
  SECTION("adaptive mode is off") {
    options.with_adaptive(false);
  }
  const bool is_pinned = options.worker_pool() && options.adaptive().enabled;
  server own{options};
  auto& added = own.app.get("/", [&](context& ctx) { handler(ctx); });
  if (is_pinned)
    added.pinned_to_reactor();
  own.start();
  auto peer = own.connect();
  for (int i = 0; i < 10; ++i)
    CHECK(peer.ask(get("/")).content == "reactor");
}

TEST_CASE("the log names the route that blocks a reactor", "[e2e][adaptive]") {
  server own{adaptive_config()};
  own.app.get("/actor", [](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) {
      std::this_thread::sleep_for(150ms);
      return response::text(200, "");
    }};
  });
  own.app.get("/middleware", [](context& ctx) { ctx.string(200, ""); }).use([](context&) {
    std::this_thread::sleep_for(150ms);
  });
  own.app
      .get("/handler",
           [](context& ctx) {
             std::this_thread::sleep_for(150ms);
             ctx.string(200, "");
           })
      .pinned_to_reactor();
  own.start();
  const captured_log log;
  auto peer = own.connect();
  wait_until([&] {
    peer.ask(get("/actor"));
    return log.count("a handler holds its reactor; route=\"GET /actor\"") > 0;
  });
  wait_until([&] {
    peer.ask(get("/middleware"));
    return log.count("middleware holds its reactor; route=\"GET /middleware\"") > 0;
  });
  wait_until([&] {
    peer.ask(get("/handler"));
    return log.count("a handler holds its reactor; route=\"GET /handler\"") > 0;
  });
  CHECK(log.count("moved") == 0);
}

TEST_CASE("a handler that blocks its reactor is logged once for each run", "[e2e][adaptive]") {
  server own{adaptive_config()};
  own.app
      .get("/",
           [](context& ctx) {
             std::this_thread::sleep_for(400ms);
             ctx.string(200, "");
           })
      .pinned_to_reactor();
  own.start();
  const captured_log log;
  auto peer = own.connect();
  int asked = 0;
  wait_until([&] {
    peer.ask(get("/"));
    ++asked;
    return log.count("a handler holds its reactor") > 0;
  });
  CHECK(log.count("a handler holds its reactor") <= asked);
}

TEST_CASE("many short handlers in a row do not count as one long handler", "[e2e][adaptive]") {
  server own{adaptive_config()};
  own.app.get("/", [](context& ctx) {
    std::this_thread::sleep_for(200us);
    ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor");
  });
  own.start();
  const captured_log log;
  auto peer = own.connect();
  // At almost any time the reactor runs such a handler.
  for (int i = 0; i < 20; ++i) {
    constexpr int pipelined = 50;
    std::string all;
    for (int each = 0; each < pipelined; ++each)
      all += get("/");
    peer.send(all);
    for (int each = 0; each < pipelined; ++each)
      CHECK(peer.read().content == "reactor");
  }
  CHECK(log.count("reactor") == 0);
}

TEST_CASE("a route runs on the pool or pinned to its reactor, not both", "[adaptive]") {
  engine app{test_config()};
  auto& first = app.get("/first", [](context&) {}).worker();
  CHECK_THROWS_AS(first.pinned_to_reactor(), std::invalid_argument);
  auto& second = app.get("/second", [](context&) {}).pinned_to_reactor();
  CHECK_THROWS_AS(second.worker(), std::invalid_argument);
}

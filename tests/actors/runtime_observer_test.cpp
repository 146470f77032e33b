// What a runtime observer is told of connections, tasks on pools, and spawned actors.
#include "../support/catch.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/actors/reactor/messages.hpp>
#include <sake/testing/test_app.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using sake::context;
using sake::pool_task;
using sake::request;
using sake::response;
using sake::route_actor;
using sake::task;
using sake::test::post_head;
using namespace std::chrono_literals;

namespace {

// What was told, one line for each call.
using runtime_events = std::vector<std::string>;

std::string ms(std::chrono::nanoseconds time) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

std::string text_of(const pool_task& task) {
  return std::string{task.pool} + '|' + std::string{task.route_name} + '|' + ms(task.waited) + '|'
         + ms(task.ran);
}

std::string text_of(const route_actor& actor) {
  return std::string{actor.route_name} + '|' + std::string{actor.key};
}

class runtime_recorder final : public sake::runtime_observer {
public:
  explicit runtime_recorder(runtime_events& to) : to_(to) {}

  void on_connection_opened(const sake::http::peer& peer) noexcept override {
    to_.push_back("opened " + peer.to_string());
  }
  void on_connection_closed(const sake::http::peer& peer) noexcept override {
    to_.push_back("closed " + peer.to_string());
  }
  void on_task_done(const pool_task& task) noexcept override {
    to_.push_back("done " + text_of(task));
  }
  void on_task_refused(const pool_task& task) noexcept override {
    to_.push_back("refused " + text_of(task));
  }
  void on_actor_started(const route_actor& actor) noexcept override {
    to_.push_back("started " + text_of(actor));
  }
  void on_actor_failed(const route_actor& actor, std::string_view why) noexcept override {
    to_.push_back("failed " + text_of(actor) + ' ' + std::string{why});
  }
  void on_actor_restarted(const route_actor& actor,
                          std::chrono::nanoseconds back_off) noexcept override {
    to_.push_back("restarted " + text_of(actor) + ' ' + ms(back_off));
  }
  void on_actor_quarantined(const route_actor& actor,
                            std::chrono::nanoseconds duration) noexcept override {
    to_.push_back("quarantined " + text_of(actor) + ' ' + ms(duration));
  }
  void on_quarantine_over(const route_actor& actor) noexcept override {
    to_.push_back("over " + text_of(actor));
  }

private:
  runtime_events& to_;
};

// Declared before the app, which tells its observers to the end.
struct runtime_fixture {
  explicit runtime_fixture(const sake::config& options = {}) : app(options) {
    app.observe_runtime([this](std::size_t) { return std::make_unique<runtime_recorder>(events); });
  }

  // The events of that kind, and forgets all.
  runtime_events of(std::string_view kind) {
    runtime_events found;
    for (const auto& each : std::exchange(events, {}))
      if (each.starts_with(kind))
        found.push_back(each);
    return found;
  }
  // The events of actors, and forgets all.
  runtime_events of_actors() {
    runtime_events found;
    for (const auto& each : std::exchange(events, {}))
      if (!each.starts_with("opened") && !each.starts_with("closed"))
        found.push_back(each);
    return found;
  }

  runtime_events events;
  sake::testing::test_app app;
};

sake::config two_tasks() {
  return sake::config{}.with_workers(1).with_worker_max_queued(1);
}

// Fails at every request to /…/fail.
caf::behavior frail(caf::event_based_actor*) {
  return {[](const request& asked) {
    if (asked.param("what") == "fail")
      throw std::runtime_error("told to fail");
    return response::text(200, "well");
  }};
}

} // namespace

TEST_CASE("a runtime observer is told of connections", "[actors][runtime_observer]") {
  runtime_fixture own{sake::config{}.with_max_connections(1)};
  own.app.routes().get("/", [](context& ctx) { ctx.string(200, "root"); });
  auto& runtime = own.app.runtime();
  auto first = runtime.connect({sake::http::peer::family::ipv4, 7, {10, 0, 0, 1}});
  auto second = runtime.connect({sake::http::peer::family::ipv4, 8, {10, 0, 0, 1}});
  runtime.run();
  CHECK(own.events.at(0) == "opened 10.0.0.1:7");
  CHECK(own.events.at(1) == "opened 10.0.0.1:8");
  second.finish();
  first.reset();
  runtime.run();
  CHECK(own.of("closed").size() == 2);
}

TEST_CASE("a runtime observer is told how long a handler waited for a pool and ran",
          "[actors][runtime_observer]") {
  runtime_fixture own{sake::config{}.with_pool("images", {.workers = 1})};
  auto& app = own.app;
  app.routes()
      .get("/work",
           [&app](context& ctx) {
             app.runtime().pass(7ms);
             ctx.string(200, "done");
           })
      .worker("images");
  auto waiting = app.send({"GET", "/work"});
  while (app.runtime().step_reactors()) {
  }
  app.runtime().pass(5ms);
  CHECK(own.of("done").empty());
  CHECK(waiting.take().status() == 200);
  CHECK(own.of("done") == runtime_events{"done images|GET /work|5|7"});
}

TEST_CASE("a runtime observer is told of both runs of a handler that waits",
          "[actors][runtime_observer]") {
  runtime_fixture own;
  own.app.routes()
      .get("/work",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(1s);
             ctx.string(200, "done");
           })
      .worker();
  CHECK(own.app.get("/work").status() == 200);
  CHECK(own.of("done") == runtime_events{"done |GET /work|0|0", "done |GET /work|0|0"});
}

TEST_CASE("a runtime observer is told of offloaded functions", "[actors][runtime_observer]") {
  runtime_fixture own;
  auto& app = own.app;
  app.routes().get("/offload", [&app](context& ctx) -> task<> {
    auto work = ctx.offload([&app] { app.runtime().pass(3ms); });
    co_await work;
    ctx.string(200, "done");
  });
  CHECK(app.get("/offload").status() == 200);
  CHECK(own.of("done") == runtime_events{"done |GET /offload|0|3"});
}

TEST_CASE("a runtime observer is told of the pool's name of a detached route",
          "[actors][runtime_observer]") {
  runtime_fixture own;
  own.app.routes().get("/own", [](context& ctx) { ctx.string(200, "done"); }).detached();
  CHECK(own.app.get("/own").status() == 200);
  CHECK(own.of("done") == runtime_events{"done detached-0|GET /own|0|0"});
}

TEST_CASE("a runtime observer is told of refused tasks", "[actors][runtime_observer]") {
  runtime_fixture own{two_tasks()};
  own.app.routes().get("/work", [](context& ctx) { ctx.string(200, "done"); }).worker();
  own.app.routes().post("/work", [](context& ctx) { ctx.string(200, "done"); }).worker();
  own.app.routes().get("/offload", [](context& ctx) -> task<> {
    co_await ctx.offload([] {});
    ctx.string(200, "done");
  });
  auto first = own.app.send({"GET", "/work"});
  auto second = own.app.send({"GET", "/work"});
  const auto step = [&own] {
    while (own.app.runtime().step_reactors()) {
    }
  };
  step();
  SECTION("a handler") {
    auto third = own.app.send({"GET", "/work"});
    step();
    CHECK(third.is_ready());
    CHECK(own.of("refused") == runtime_events{"refused |GET /work|0|0"});
  }
  SECTION("a handler whose content has not arrived") {
    auto third = own.app.connect();
    third.send(post_head("/work", 10));
    step();
    CHECK(third.take().starts_with("HTTP/1.1 503 "));
    CHECK(own.of("refused") == runtime_events{"refused |POST /work|0|0"});
  }
  SECTION("an offloaded function") {
    auto third = own.app.send({"GET", "/offload"});
    step();
    CHECK(third.is_ready());
    CHECK(own.of("refused") == runtime_events{"refused |GET /offload|0|0"});
  }
  CHECK(first.take().status() == 200);
  CHECK(second.take().status() == 200);
  CHECK(own.of("done").size() == 2);
}

TEST_CASE("a handler that is not run any more is not told", "[actors][runtime_observer]") {
  runtime_fixture own{two_tasks()};
  own.app.routes().get("/offload", [](context& ctx) -> task<> {
    co_await ctx.offload([] {});
    ctx.string(200, "done");
  });
  own.app.routes().get("/worker", [](context& ctx) { ctx.string(200, "done"); }).worker();
  const std::string path = GENERATE("/offload", "/worker");
  auto gone = own.app.send({"GET", path});
  while (own.app.runtime().step_reactors()) {
  }
  gone.leave();
  own.app.run();
  CHECK(own.of("done").empty());
}

TEST_CASE("a runtime observer is told of the life of spawned actors",
          "[actors][runtime_observer]") {
  runtime_fixture own;
  auto& added = own.app.routes()
                    .get("/:id/:what", frail)
                    .supervised({.restarts = 2, .backoff = 50ms, .quarantine = 10s})
                    .name("frail");
  const bool is_keyed = GENERATE(false, true);
  if (is_keyed)
    added.keyed_by("id");
  const std::string who = is_keyed ? "frail|a" : "frail|";
  const auto fail = [&own] { CHECK(own.app.get("/a/fail").status() == 500); };

  CHECK(own.app.get("/a/count").status() == 200);
  CHECK(own.of_actors() == runtime_events{"started " + who});

  const std::string failed = "failed " + who + " told to fail";
  // The actor of a key is made by the next request.
  fail();
  fail();
  own.app.advance(50ms);
  fail();
  CHECK(own.of_actors()
        == runtime_events{failed, "restarted " + who + " 0", failed, "restarted " + who + " 50",
                          failed, "quarantined " + who + " 10000"});

  CHECK(own.app.get("/a/count").status() == 503);
  CHECK(own.of_actors().empty());
  own.app.advance(10s);
  CHECK(own.app.get("/a/count").status() == 200);
  CHECK(own.of_actors() == runtime_events{"over " + who, "restarted " + who + " 10000"});
}

TEST_CASE("several runtime observers are told, and one that overrides nothing is quiet",
          "[actors][runtime_observer]") {
  runtime_events others;
  {
    sake::testing::test_app app;
    app.observe_runtime([](std::size_t) { return std::make_unique<sake::runtime_observer>(); });
    app.observe_runtime([&](std::size_t) { return std::make_unique<runtime_recorder>(others); });
    app.routes().get("/", [](context& ctx) { ctx.string(200, "root"); }).worker();
    CHECK(app.get("/").status() == 200);
    CHECK_THROWS_AS(app.observe_runtime({}), std::logic_error);
  }
  CHECK(others.size() == 3);
}

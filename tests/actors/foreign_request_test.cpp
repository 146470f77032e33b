// Requests that an actor sends instead of a connection: each is answered exactly once.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <memory>
#include <string>

using sake::context;
using sake::task;
using sake::http::request;
using sake::http::response;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using namespace std::chrono_literals;

namespace {

sake::http::settings five_seconds() {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  return chosen;
}

struct foreign_request_fixture : shard_fixture {
  foreign_request_fixture() : shard_fixture(five_seconds(), pool_of(1, 4)) {}

  // Sends a request as an actor; the response is in `answer`, empty until it arrives.
  void ask(std::string_view path) {
    pending = std::make_unique<waiting>(self->request(caf::actor_cast<caf::actor>(shard().router()),
                                                      caf::infinite,
                                                      request::make("GET", std::string{path})));
    run();
  }
  std::string answer() {
    std::string text;
    pending->receive([&](const response& got) { text = std::to_string(got.status()); },
                     [&](const caf::error& reason) { text = system().render(reason); });
    return text;
  }
  [[nodiscard]] bool has_answer() { return self->has_next_message(); }

  caf::scoped_actor self{system()};
  using waiting = decltype(self->request(caf::actor{}, caf::infinite, request::make("GET", "/")));
  std::unique_ptr<waiting> pending;
};

} // namespace

TEST_CASE("an actor's request is answered with 504 at its deadline, whatever its handler waits for",
          "[actors][foreign]") {
  const std::string path = GENERATE("/actor", "/sleep", "/write");
  CAPTURE(path);
  foreign_request_fixture app;
  std::vector<caf::response_promise> held;
  app.get("/actor", [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const request&) {
      held.push_back(self->make_response_promise());
      return held.back();
    }};
  });
  app.get("/sleep", [](context& ctx) -> task<> {
    co_await ctx.sleep(1h);
    ctx.string(200, "slept");
  });
  app.get("/write", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("a piece");
    co_await ctx.sleep(1h);
    co_await out.write("another");
  });
  app.ask(path);
  app.advance(4'999ms);
  CHECK_FALSE(app.has_answer());
  app.advance(1ms);
  CHECK(app.answer() == "504");
  held.clear();
  app.run();
  CHECK_FALSE(app.has_answer());
}

TEST_CASE("an actor's request has the timeout of its route", "[actors][foreign]") {
  foreign_request_fixture app;
  app.get("/",
          [](context& ctx) -> task<> {
            co_await ctx.sleep(8s);
            ctx.string(200, "slept");
          })
      .timeout(10s);
  app.ask("/");
  app.advance(7'999ms);
  CHECK_FALSE(app.has_answer());
  app.advance(1ms);
  CHECK(app.answer() == "200");
}

TEST_CASE("an actor's request that reaches a worker late is answered with 504 and not begun",
          "[actors][foreign]") {
  gate block;
  bool begun = false;
  foreign_request_fixture app;
  app.get("/block",
          [&](context& ctx) {
            block.pass();
            ctx.string(200, "blocked");
          })
      .worker();
  app.get("/",
          [&](context& ctx) {
            begun = true;
            ctx.string(200, "run");
          })
      .worker();
  auto peer = app.connect();
  CHECK(app.shard_fixture::ask(peer, get("/block")).empty());
  block.await_visitor();
  app.ask("/");
  app.pass(5s);
  block.open();
  app.run_until([&] { return app.has_answer(); });
  CHECK(app.answer() == "504");
  CHECK_FALSE(begun);
}

TEST_CASE("an actor's request that still waits when the shard ends is answered with 503",
          "[actors][foreign]") {
  const bool has_actor = GENERATE(false, true);
  foreign_request_fixture app;
  std::vector<caf::response_promise> held;
  app.get("/sleep", [](context& ctx) -> task<> {
    co_await ctx.sleep(1h);
    ctx.string(200, "slept");
  });
  app.get("/actor", [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const request&) {
      held.push_back(self->make_response_promise());
      return held.back();
    }};
  });
  app.ask(has_actor ? "/actor" : "/sleep");
  CHECK_FALSE(app.has_answer());
  app.close();
  REQUIRE(app.has_answer());
  CHECK(app.answer() == "503");
}

TEST_CASE("a retired reactor returns requests to their senders", "[actors][foreign]") {
  foreign_request_fixture app;
  app.get("/", [](context& ctx) { ctx.string(200, "run"); });
  const auto router = app.shard().router();
  app.shard().close();
  app.shard().retire();
  auto asked = app.self->request(caf::actor_cast<caf::actor>(router), caf::infinite,
                                 request::make("GET", "/"));
  std::string text;
  asked.receive([&](const response&) { text = "answered"; },
                [&](const caf::error& reason) { text = app.system().render(reason); });
  CHECK(text == "system_error(request_receiver_down)");
}

TEST_CASE("every message for a retired reactor is returned", "[actors][foreign]") {
  class keeper final : public sake::actors::reactor_actor {
  public:
    keeper(caf::actor_config& cfg, sake::actors::reactor& home) : reactor_actor(cfg, home) {}

  private:
    void receive(caf::mailbox_element_ptr&) override {}
  };
  foreign_request_fixture app;
  auto& reactor = app.shard().reactor();
  const auto whom = caf::actor_cast<caf::actor>(sake::actors::spawn_on<keeper>(reactor));
  // The first message is in the inbox when the reactor retires, the second comes later.
  app.shard().close();
  auto queued = app.self->request(whom, caf::infinite, 2);
  app.shard().retire();
  auto after = app.self->request(whom, caf::infinite, 3);
  int returned = 0;
  const auto count = [&](const caf::error& reason) {
    returned += reason == caf::sec::request_receiver_down ? 1 : 0;
  };
  queued.receive([](int) {}, count);
  after.receive([](int) {}, count);
  CHECK(returned == 2);
}

TEST_CASE("a request that an actor delegates to a dead actor is answered with 500 and begun once",
          "[actors][foreign]") {
  const int kind = GENERATE(0, 1, 2);
  CAPTURE(kind);
  int begun = 0;
  foreign_request_fixture app;
  const auto dead = app.system().spawn([](caf::event_based_actor* self) -> caf::behavior {
    self->quit(caf::exit_reason::kill);
    return {};
  });
  auto& route = app.get("/:id", [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const request& what) {
      ++begun;
      return self->delegate(dead, what);
    }};
  });
  if (kind == 1)
    route.keyed_by("id");
  if (kind == 2)
    route.per_request();
  app.run();
  auto peer = app.connect();
  CHECK(app.shard_fixture::ask(peer, get("/a")) == plain_on_wire(500));
  CHECK(begun == 1);
  app.ask("/a");
  CHECK(app.answer() == "500");
  CHECK(begun == 2);
}

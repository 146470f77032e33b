// The router of a running engine as an actor: messaged, monitored and told to exit from outside.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <stdexcept>
#include <string>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

/// The router's answer to a request from outside.
struct outcome {
  int status = 0;
  std::string content;
  caf::error error;
};

template <class... Ts>
outcome send_to(caf::scoped_actor& self, const caf::actor& whom, const Ts&... message) {
  outcome result;
  self->request(whom, 90s, message...)
      .receive(
          [&](const response& got) {
            result.status = got.status();
            result.content = got.content();
          },
          [&](caf::error& reason) { result.error = std::move(reason); });
  return result;
}

caf::behavior echo(caf::event_based_actor*) {
  return {[](const request& asked) { return response::text(200, asked.content()); }};
}

void add_router_actor_routes(engine& app) {
  app.get("/hello/:name",
          [](context& ctx) { ctx.string(200, "Hello, " + std::string{ctx.param("name")}); });
  app.get("/sleep", [](context& ctx) -> task<> {
    co_await ctx.sleep(5ms);
    ctx.string(200, "awake");
  });
  app.get("/worker",
          [](context& ctx) {
            ctx.string(200, ctx.in_worker_pool() ? "on the pool" : "on the reactor");
          })
      .worker();
  app.post("/echo", app.system().spawn(echo));
  app.get("/throws", [](context&) { throw std::runtime_error{"no luck"}; });
}

} // namespace

TEST_CASE("the router of a running engine answers requests from any actor", "[e2e]") {
  server own;
  add_router_actor_routes(own.app);
  own.start();
  for (std::size_t reactor = 0; reactor < 2; ++reactor) {
    CAPTURE(reactor);
    caf::scoped_actor self{own.app.system()};
    const auto router = own.app.router(reactor);
    CHECK(send_to(self, router, request::make("GET", "/hello/Ada")).content == "Hello, Ada");
    CHECK(send_to(self, router, request::make("GET", "/sleep")).content == "awake");
    CHECK(send_to(self, router, request::make("GET", "/worker")).content == "on the pool");
    CHECK(send_to(self, router, request::make("POST", "/echo", {}, "content")).content
          == "content");
    CHECK(send_to(self, router, request::make("GET", "/throws")).status == 500);
    CHECK(send_to(self, router, request::make("GET", "/nowhere")).status == 404);
    CHECK(send_to(self, router, request::make("PUT", "/sleep")).status == 405);
  }
}

TEST_CASE("the router refuses messages that are no requests", "[e2e]") {
  server own;
  add_router_actor_routes(own.app);
  own.start();
  caf::scoped_actor self{own.app.system()};
  const auto router = own.app.router();
  CHECK(send_to(self, router, caf::get_atom_v).error == caf::sec::unexpected_message);
  CHECK(send_to(self, router, std::string{"GET / HTTP/1.1"}).error == caf::sec::unexpected_message);
  // These messages have no request id, so no answer is sent.
  caf::anon_send(router, request::make("GET", "/hello/nobody"));
  caf::anon_send(router, caf::get_atom_v);
  CHECK(send_to(self, router, request::make("GET", "/hello/Ada")).content == "Hello, Ada");
}

TEST_CASE("no exit message ends a router", "[e2e]") {
  server own{test_config().with_reactors(1)};
  add_router_actor_routes(own.app);
  own.start();
  auto peer = own.connect();
  REQUIRE(peer.ask(get("/sleep")).status == 200);
  caf::scoped_actor self{own.app.system()};
  const auto router = own.app.router();
  for (const auto reason : {caf::exit_reason::user_shutdown, caf::exit_reason::kill}) {
    self->send_exit(router, reason);
    CHECK(send_to(self, router, request::make("GET", "/hello/Ada")).content == "Hello, Ada");
    CHECK(peer.ask(get("/sleep")).status == 200);
  }
}

TEST_CASE("monitors of a route's actor are told of its end, and clients get 500 from then on",
          "[e2e]") {
  server own;
  const auto handler = own.app.system().spawn(echo);
  own.app.post("/echo", handler);
  own.start();
  auto peer = own.connect();
  REQUIRE(peer.ask(post("/echo", "content")).content == "content");
  caf::scoped_actor self{own.app.system()};
  self->monitor(handler);
  self->send_exit(handler, caf::exit_reason::kill);
  self->receive([&](const caf::down_msg& message) {
    CHECK(message.source == handler);
    CHECK(message.reason == caf::exit_reason::kill);
  });
  CHECK(peer.ask(post("/echo", "content")).status == 500);
}

TEST_CASE("the actor of a route ends with its engine", "[e2e]") {
  std::atomic<bool> has_ended = false;
  {
    server own;
    own.app.post("/echo", own.app.system().spawn([&](caf::event_based_actor* self) {
      self->attach_functor([&] { has_ended = true; });
      return echo(self);
    }));
    own.start();
    CHECK(own.ask(post("/echo", "content")).content == "content");
    CHECK_FALSE(has_ended);
  }
  CHECK(has_ended);
}

TEST_CASE("monitors of a router or a worker are told of the end of the engine", "[e2e]") {
  server own;
  add_router_actor_routes(own.app);
  own.start();
  caf::scoped_actor self{own.app.system()};
  std::size_t watched = 0;
  for (std::size_t reactor = 0; reactor < 2; ++reactor, ++watched)
    self->monitor(own.app.router(reactor));
  for (const auto& each : own.app.workers()) {
    self->monitor(each);
    ++watched;
  }
  REQUIRE(watched == 4);
  own.app.shutdown();
  own.app.wait();
  for (; watched > 0; --watched)
    self->receive([](const caf::down_msg& message) {
      CHECK(message.reason == caf::exit_reason::user_shutdown);
    });
}

TEST_CASE("a reactor that the engine does not have is refused with their number", "[e2e]") {
  server own{test_config().with_reactors(2)};
  CHECK_THROWS_WITH(own.app.router(), "there is no reactor 0: the engine has 0 before its start");
  own.start();
  CHECK(own.app.router(1) != nullptr);
  CHECK_THROWS_WITH(own.app.router(99), "there is no reactor 99: the engine has 2");
  CHECK_THROWS_AS(own.app.router(2), std::out_of_range);
}

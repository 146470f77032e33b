// Router and handlers as actors: messages from other threads, monitors, ends.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/reactor/messages.hpp>
#include <sake/actors/request/router.hpp>

#include <caf/actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <string>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::shard_fixture;

namespace {

// A router, and an actor outside its reactor.
struct router_fixture : shard_fixture {
  router_fixture() {
    get("/hello/:name",
        [](context& ctx) { ctx.string(200, "Hello, " + std::string{ctx.param("name")}); });
    get("/later", [](context& ctx) -> sake::task<> {
      co_await ctx.sleep(std::chrono::seconds{1});
      ctx.string(200, "later");
    });
  }

  caf::actor router() { return caf::actor_cast<caf::actor>(shard().router()); }

  const caf::strong_actor_ptr& first_handler() {
    const auto* const own = caf::actor_cast<caf::abstract_actor*>(shard().router());
    return static_cast<const sake::actors::router*>(own)->handlers().front();
  }

  // The answer to `message` sent to `whom`, as text.
  template <class... Ts>
  std::string answer(const caf::actor& whom, Ts&&... message) {
    auto asked = outsider->request(whom, caf::infinite, std::forward<Ts>(message)...);
    run();
    std::string text;
    asked.receive(
        [&](const response& got) {
          text = std::to_string(got.status()) + ' ' + std::string{got.content()};
        },
        [&](const caf::error& why) { text = system().render(why); });
    return text;
  }

  // The reason for which the actor that `outsider` monitors has ended.
  caf::error awaited_down() {
    caf::error reason;
    outsider->receive([&](const caf::down_msg& down) { reason = down.reason; });
    return reason;
  }

  caf::scoped_actor outsider{system()};
};

} // namespace

TEST_CASE("the router answers a request of any actor with a response", "[actors][router]") {
  router_fixture app;
  CHECK(app.answer(app.router(), request::make("GET", "/hello/CAF")) == "200 Hello, CAF");
  CHECK(app.answer(app.router(), request::make("GET", "/nowhere")) == "404 Not Found\n");
}

TEST_CASE("middleware and handlers see the route of their request", "[actors][router]") {
  std::string seen;
  router_fixture app;
  app.use([&seen](context& ctx) {
    seen += std::string{ctx.route().name} + " [" + std::string{ctx.route().pattern} + "] ";
  });
  app.group("/users").get("/:id",
                          [](context& ctx) { ctx.string(200, std::string{ctx.route().pattern}); });
  app.put("/named", [](context& ctx) { ctx.string(200, std::string{ctx.route().name}); })
      .name("naming");
  app.put("/pool", [](context& ctx) { ctx.string(200, std::string{ctx.route().name}); }).worker();
  const auto ask = [&](std::string_view method, std::string_view target) {
    seen.clear();
    return app.answer(app.router(), request::make(method, target));
  };
  CHECK(ask("HEAD", "/users/7") == "200 /users/:id");
  CHECK(seen == "GET /users/:id [/users/:id] ");
  CHECK(ask("PUT", "/named") == "200 naming");
  CHECK(seen == "naming [/named] ");
  CHECK(ask("PUT", "/pool") == "200 PUT /pool");
  CHECK(ask("GET", "/nowhere") == "404 Not Found\n");
  CHECK(seen == "not found [] ");
  CHECK(ask("GET", "/named") == "405 Method Not Allowed\n");
  CHECK(seen == "method not allowed [] ");
  CHECK(ask("BREW", "/named") == "501 Not Implemented\n");
  CHECK(seen == "not implemented [] ");
  CHECK(ask("OPTIONS", "/named") == "204 ");
  CHECK(seen == "options [] ");
}

TEST_CASE("the router answers late if the handler does", "[actors][router]") {
  router_fixture app;
  auto asked = app.outsider->request(app.router(), caf::infinite, request::make("GET", "/later"));
  app.run();
  CHECK_FALSE(app.outsider->has_next_message());
  app.advance(std::chrono::seconds{1});
  std::string text;
  asked.receive([&](const response& got) { text = got.content(); },
                [](const caf::error&) { FAIL("an error in place of a response"); });
  CHECK(text == "later");
}

TEST_CASE("answering does not change the request, which its sender may keep", "[actors][router]") {
  router_fixture app;
  const auto kept = request::make("GET", "/hello/once");
  const auto message = caf::make_message(kept);
  for (int i = 0; i < 2; ++i) {
    CHECK(app.answer(app.router(), kept) == "200 Hello, once");
    CHECK(app.answer(app.router(), message) == "200 Hello, once");
  }
  CHECK(kept.path() == "/hello/once");
  CHECK(kept.param("name").empty());
}

TEST_CASE("router and handlers refuse messages that are no requests", "[actors][router]") {
  router_fixture app;
  CHECK(app.answer(app.router(), 42) == "system_error(unexpected_message)");
  CHECK(app.answer(caf::actor_cast<caf::actor>(app.first_handler()), 42)
        == "system_error(unexpected_message)");
  // A message without a request id is dropped.
  app.outsider->send(app.router(), 42);
  app.run();
  CHECK_FALSE(app.outsider->has_next_message());
}

TEST_CASE("a request sent without a request id is answered by a message, as CAF's actors do",
          "[actors][router]") {
  router_fixture app;
  app.outsider->send(app.router(), request::make("GET", "/hello/CAF"));
  app.run();
  std::string content;
  app.outsider->receive([&](const response& got) { content = got.content(); });
  CHECK(content == "Hello, CAF");
  caf::anon_send(app.router(), request::make("GET", "/hello/nobody"));
  app.run();
}

TEST_CASE("a handler can be asked without the router", "[actors][router]") {
  router_fixture app;
  CHECK(app.answer(caf::actor_cast<caf::actor>(app.first_handler()), request::make("GET", "/"))
        == "200 Hello, ");
}

TEST_CASE("messages of other actors cannot end the router or its handlers", "[actors][router]") {
  const auto reason = GENERATE(caf::exit_reason::user_shutdown, caf::exit_reason::kill,
                               caf::exit_reason::unhandled_exception);
  router_fixture app;
  auto peer = app.connect();
  const std::string hello = sake::test::get("/hello/a");
  REQUIRE(app.ask(peer, hello) == sake::test::text_on_wire(200, "Hello, a"));
  const auto handler = caf::actor_cast<caf::actor>(app.first_handler());
  for (const auto& each : {app.router(), handler}) {
    caf::anon_send_exit(each, reason);
    app.run();
    const auto linked = app.spawn([&](caf::event_based_actor* self) -> caf::behavior {
      self->link_to(each);
      return {[self, reason](int) { self->quit(reason); }};
    });
    caf::anon_send(linked, 1);
    app.run();
    CHECK(app.ask(peer, hello) == sake::test::text_on_wire(200, "Hello, a"));
    CHECK_FALSE(each->getf(caf::abstract_actor::is_terminated_flag));
  }
}

TEST_CASE("a router that ends also ends its handlers", "[actors][router]") {
  router_fixture app;
  app.outsider->monitor(app.first_handler());
  app.close();
  CHECK(app.awaited_down() == caf::exit_reason::user_shutdown);
}

TEST_CASE("the end of the shard is reported to monitors of its router", "[actors][router]") {
  router_fixture app;
  app.outsider->monitor(app.router());
  app.close();
  CHECK(app.awaited_down() == caf::exit_reason::user_shutdown);
  CHECK(app.answer(app.router(), request::make("GET", "/hello/a"))
        == "system_error(request_receiver_down)");
}

TEST_CASE("every request is answered, even if it waits when the shard ends", "[actors][router]") {
  router_fixture app;
  auto asked = app.outsider->request(app.router(), caf::infinite, request::make("GET", "/later"));
  app.run();
  app.close();
  REQUIRE(app.outsider->has_next_message());
  int status = 0;
  asked.receive([&](const response& got) { status = got.status(); },
                [](const caf::error&) { FAIL("an error in place of a response"); });
  CHECK(status == 503);
}

// Router and handlers as actors: messaged from outside, monitored, stopped.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/messages.hpp>
#include <sake/actors/router.hpp>

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

// A router, and somebody from outside its reactor.
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

  // What comes back for `message` to `whom`, as text.
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

  // Why the actor that `outsider` monitors went down.
  caf::error awaited_down() {
    caf::error reason;
    outsider->receive([&](const caf::down_msg& down) { reason = down.reason; });
    return reason;
  }

  caf::scoped_actor outsider{system()};
};

} // namespace

TEST_CASE("The router answers a request of any actor with a response", "[actors][router]") {
  router_fixture app;
  CHECK(app.answer(app.router(), request::make("GET", "/hello/CAF")) == "200 Hello, CAF");
  CHECK(app.answer(app.router(), request::make("GET", "/nowhere")) == "404 Not Found\n");
}

TEST_CASE("The router answers later where the handler does", "[actors][router]") {
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

TEST_CASE("A request is not changed by being answered: its sender may keep it",
          "[actors][router]") {
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

TEST_CASE("Router and handlers refuse what is no request", "[actors][router]") {
  router_fixture app;
  CHECK(app.answer(app.router(), 42) == "system_error(unexpected_message)");
  CHECK(app.answer(caf::actor_cast<caf::actor>(app.first_handler()), 42)
        == "system_error(unexpected_message)");
  // One that wants no answer is dropped.
  app.outsider->send(app.router(), 42);
  app.run();
  CHECK_FALSE(app.outsider->has_next_message());
}

TEST_CASE("A request that was only sent is answered by a message, as CAF's actors do",
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

TEST_CASE("A handler can be asked without the router", "[actors][router]") {
  router_fixture app;
  CHECK(app.answer(caf::actor_cast<caf::actor>(app.first_handler()), request::make("GET", "/"))
        == "200 Hello, ");
}

TEST_CASE("No message of an actor ends what the engine owns", "[actors][router]") {
  const auto reason = GENERATE(caf::exit_reason::user_shutdown, caf::exit_reason::kill,
                               caf::exit_reason::unhandled_exception);
  router_fixture app;
  auto peer = app.connect();
  const std::string hello = sake::test::get("/hello/a");
  REQUIRE(app.ask(peer, hello) == sake::test::text_on_wire(200, "Hello, a"));
  const auto asker = caf::actor_cast<caf::actor>(caf::strong_actor_ptr{app.shard().asker().ctrl()});
  const auto handler = caf::actor_cast<caf::actor>(app.first_handler());
  for (const auto& each : {app.router(), asker, handler}) {
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

TEST_CASE("A router that ends takes its handlers with it", "[actors][router]") {
  router_fixture app;
  app.outsider->monitor(app.first_handler());
  app.close();
  CHECK(app.awaited_down() == caf::exit_reason::user_shutdown);
}

TEST_CASE("The end of the shard is told to whoever monitors its router", "[actors][router]") {
  router_fixture app;
  app.outsider->monitor(app.router());
  app.close();
  CHECK(app.awaited_down() == caf::exit_reason::user_shutdown);
  CHECK(app.answer(app.router(), request::make("GET", "/hello/a"))
        == "system_error(request_receiver_down)");
}

TEST_CASE("Every request is answered, also one that waits when the shard ends",
          "[actors][router]") {
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

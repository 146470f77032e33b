// Actors that a route spawns itself: one for all requests, one for each, one for each key.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/spawned.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/system_messages.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::get;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

response number(int n) {
  return response::text(200, std::to_string(n));
}

// One of each kind, all of which count.

caf::behavior function(caf::event_based_actor*) {
  return {[n = 0](const request&) mutable { return number(++n); }};
}

struct count {
  int n = 0;
};

caf::behavior stateful(caf::stateful_actor<count>* self) {
  return {[=](const request&) { return number(++self->state.n); }};
}

sake::handler_actor::behavior_type typed(sake::handler_actor::pointer) {
  return {[n = 0](const request&) mutable { return number(++n); }};
}

class counter final : public caf::event_based_actor {
public:
  counter(caf::actor_config& cfg, int from) : caf::event_based_actor(cfg), n_(from) {}
  caf::behavior make_behavior() override {
    return {[this](const sake::request&) { return number(++n_); }};
  }

private:
  int n_;
};

// Fails at every third request.
caf::behavior flaky(caf::event_based_actor* self) {
  self->set_exception_handler(
      [](std::exception_ptr&) { return caf::exit_reason::unhandled_exception; });
  return {[n = 0](const request&) mutable {
    if (++n == 3)
      throw std::runtime_error("three is too many");
    return number(n);
  }};
}

sake::handler kind(int which) {
  switch (which) {
    case 0:
      return function;
    case 1:
      return stateful;
    case 2:
      return typed;
    case 3:
      return [](caf::event_based_actor*) -> caf::behavior {
        return {[n = 0](const request&) mutable { return number(++n); }};
      };
    default:
      return sake::spawned<counter>(0);
  }
}

constexpr int kinds = 5;

} // namespace

TEST_CASE("One actor answers all requests of its route", "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  app.get("/", kind(which));
  auto first = app.connect();
  auto second = app.connect();
  CHECK(app.ask(first, get("/")) == text_on_wire(200, "1"));
  CHECK(app.ask(second, get("/") + get("/")) == text_on_wire(200, "2") + text_on_wire(200, "3"));
}

TEST_CASE("An actor for each request starts anew, and ends", "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  app.get("/", kind(which)).per_request();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/") + get("/")) == text_on_wire(200, "1") + text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "1"));
}

TEST_CASE("An actor of one request lives as long as its work", "[actors][spawned]") {
  const auto alive = std::make_shared<int>();
  shard_fixture app;
  app.get("/forgets",
          [alive](caf::event_based_actor* self) -> caf::behavior {
            return {[=, held = alive](const request&) { return self->make_response_promise(); }};
          })
      .per_request();
  auto peer = app.connect();
  const auto without = alive.use_count();
  CHECK(app.ask(peer, get("/forgets")) == plain_on_wire(500));
  CHECK(alive.use_count() == without); // nobody can make it answer any more
}

TEST_CASE("An actor of one request is told to exit where the request is over unanswered",
          "[actors][spawned]") {
  const auto end = GENERATE(as<std::string>{}, "the client leaves",
                            "the deadline passes", "the engine ends");
  CAPTURE(end);
  const auto alive = std::make_shared<int>();
  caf::error reason;
  {
    shard_fixture app;
    // It refers to itself, and nobody will make it answer.
    app.get("/keeps",
            [alive, &reason](caf::event_based_actor* self) -> caf::behavior {
              self->set_exit_handler([self, &reason](caf::exit_msg& told) {
                reason = told.reason;
                self->quit(told.reason);
              });
              const auto kept = std::make_shared<std::vector<caf::response_promise>>();
              return {[=, held = alive](const request&) {
                kept->push_back(self->make_response_promise());
                return kept->back();
              }};
            })
        .per_request();
    auto peer = app.connect();
    const auto without = alive.use_count();
    CHECK(app.ask(peer, get("/keeps")).empty());
    CHECK(alive.use_count() > without);
    if (end == "the client leaves") {
      peer.reset();
      app.run();
    } else if (end == "the deadline passes") {
      app.advance(1h);
      CHECK(peer.take() == plain_on_wire(504));
    }
    if (end != "the engine ends")
      CHECK(alive.use_count() == without);
  }
  CHECK(alive.use_count() == 1);
  CHECK(reason == caf::exit_reason::user_shutdown);
}

TEST_CASE("Each key has an actor of its own", "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  app.get("/count/:id", kind(which)).keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/count/a") + get("/count/b") + get("/count/a"))
        == text_on_wire(200, "1") + text_on_wire(200, "1") + text_on_wire(200, "2"));
  CHECK(app.ask(peer, get("/count/%61")) == text_on_wire(200, "3")); // the same key, encoded
}

TEST_CASE("The actor of a key that nobody asks for is let go", "[actors][spawned]") {
  const auto alive = std::make_shared<int>();
  shard_fixture app;
  app.get("/count/:id",
          [alive](caf::event_based_actor*) -> caf::behavior {
            return {[n = 0, held = alive](const request&) mutable { return number(++n); }};
          })
      .keyed_by("id", 10s);
  auto peer = app.connect();
  const auto without = alive.use_count();
  (void)app.ask(peer, get("/count/a") + get("/count/b"));
  app.advance(6s);
  CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "2"));
  CHECK(alive.use_count() > without);
  app.advance(5s);
  const auto one = alive.use_count();
  CHECK(app.ask(peer, get("/count/a") + get("/count/b"))
        == text_on_wire(200, "3") + text_on_wire(200, "1"));
  CHECK(alive.use_count() > one);
  app.advance(20s);
  app.advance(20s);
  CHECK(alive.use_count() == without);
}

TEST_CASE("Past the bound the key unasked for longest is let go", "[actors][spawned]") {
  shard_fixture app;
  app.get("/count/:id", function).keyed_by("id", 1h, 2);
  auto peer = app.connect();
  for (const auto* path : {"/count/a", "/count/b", "/count/a", "/count/c"})
    (void)app.ask(peer, get(path));
  CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "3"));
  CHECK(app.ask(peer, get("/count/b")) == text_on_wire(200, "1"));
}

TEST_CASE("An actor of a key that died is followed by another", "[actors][spawned]") {
  shard_fixture app;
  app.get("/count/:id", flaky).keyed_by("id");
  auto peer = app.connect();
  for (int i = 0; i < 2; ++i) {
    CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "1"));
    CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "2"));
    CHECK(app.ask(peer, get("/count/a")) == plain_on_wire(500));
  }
}

TEST_CASE("Middleware stands before actors that a route spawns", "[actors][spawned]") {
  shard_fixture app;
  int afters = 0;
  app.use([&afters](context& ctx) { ctx.next([&afters](context&) { ++afters; }); });
  app.get("/shared", function);
  app.get("/own", function).per_request();
  app.get("/key/:id", function).keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/shared") + get("/own") + get("/key/a"))
        == text_on_wire(200, "1") + text_on_wire(200, "1") + text_on_wire(200, "1"));
  CHECK(afters == 3);
}

TEST_CASE("Routes with the same handler share its actors", "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  const sake::handler one = kind(which);
  app.get("/all", one);
  app.post("/all/again", one);
  const sake::handler each = kind(which);
  app.get("/key/:id", each).keyed_by("id");
  app.get("/key/:id/:more", each).keyed_by("id");
  const sake::handler own = kind(which);
  app.get("/own", own).per_request();
  app.get("/own/again", own).per_request();
  app.get("/apart", own); // a request's own actors are nobody else's
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/all")) == text_on_wire(200, "1"));
  CHECK(app.ask(peer, "POST /all/again HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        == text_on_wire(200, "2"));
  CHECK(app.ask(peer, get("/all")) == text_on_wire(200, "3"));
  CHECK(app.ask(peer, get("/key/a") + get("/key/a/x") + get("/key/b/x") + get("/key/b"))
        == text_on_wire(200, "1") + text_on_wire(200, "2") + text_on_wire(200, "1")
               + text_on_wire(200, "2"));
  CHECK(app.ask(peer, get("/own") + get("/own/again") + get("/apart") + get("/apart"))
        == text_on_wire(200, "1") + text_on_wire(200, "1") + text_on_wire(200, "1")
               + text_on_wire(200, "2"));
}

TEST_CASE("Routes with the same handler share its supervision, and have bounds of their own",
          "[actors][spawned]") {
  shard_fixture app;
  const sake::supervision once{.restarts = 0};
  const sake::handler one = flaky;
  app.get("/", one).supervised(once);
  app.get("/other", one).supervised(once).max_in_flight(1);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/other")) == text_on_wire(200, "2"));
  CHECK(app.ask(peer, get("/")) == plain_on_wire(500));
  CHECK_THAT(app.ask(peer, get("/other")),
             Catch::Matchers::StartsWith("HTTP/1.1 503 ")); // in quarantine, for both
  app.advance(31s);
  auto later = app.connect();
  CHECK(app.ask(later, get("/other")) == text_on_wire(200, "1"));
}

TEST_CASE("Routes with the same handler must say the same of its actors", "[actors][spawned]") {
  const auto setting = GENERATE(
      as<void (*)(sake::route&)>{}, //
      [](sake::route& other) { other.keyed_by("id"); },
      [](sake::route& other) { other.keyed_by("name"); },
      [](sake::route& other) { other.keyed_by("id", 1s).worker(); },
      [](sake::route& other) { other.keyed_by("id", 1s).supervised({.restarts = 1}); },
      [](sake::route&) {});
  shard_fixture app;
  const sake::handler one = function;
  app.get("/:id", one).keyed_by("id", 1s);
  setting(app.get("/:id/:name", one));
  CHECK_THROWS_WITH(
      app.connect(),
      "route GET /:id/:name: has the handler of route GET /:id, and so its actors, but wants them "
      "otherwise; say the same .keyed_by(), .supervised() and place, or give it a handler of its "
      "own");
}

TEST_CASE("Registration says what cannot be", "[actors][spawned]") {
  shard_fixture app;
  auto& plain = app.get("/plain", [](context&) {});
  CHECK_THROWS_AS(plain.per_request(), std::invalid_argument);
  CHECK_THROWS_AS(plain.keyed_by("id"), std::invalid_argument);
  auto& handle = app.get("/handle/:id", app.spawn(function));
  CHECK_THROWS_AS(handle.keyed_by("id"), std::invalid_argument);
  auto& keyed = app.get("/keyed/:ident", function);
  CHECK_THROWS_AS(keyed.keyed_by("id"), std::invalid_argument);
  CHECK_THROWS_AS(keyed.keyed_by("ident", 0ms), std::invalid_argument);
  CHECK_THROWS_AS(keyed.keyed_by("ident", 1s, 0), std::invalid_argument);
  CHECK_NOTHROW(keyed.keyed_by("ident"));
}

TEST_CASE("A key is told to the actor that is made for it", "[actors][spawned][keyed]") {
  class knows_key : public caf::event_based_actor {
  public:
    knows_key(caf::actor_config& cfg, std::string key, int n)
        : caf::event_based_actor(cfg), text_(std::move(key) + std::to_string(n)) {}
    caf::behavior make_behavior() override {
      return {[text = text_](const sake::request&) { return response::text(200, text); }};
    }

  private:
    std::string text_;
  };
  shard_fixture app;
  app.get("/function/:id",
          [](caf::event_based_actor*, const std::string& key) -> caf::behavior {
            return {[key](const request&) { return response::text(200, key); }};
          })
      .keyed_by("id");
  app.get("/class/:id", sake::spawned<knows_key>(7)).keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/function/a%20b")) == text_on_wire(200, "a b"));
  CHECK(app.ask(peer, get("/function/c")) == text_on_wire(200, "c"));
  CHECK(app.ask(peer, get("/class/d")) == text_on_wire(200, "d7"));
}

TEST_CASE("The actor of a key stays while it has a request", "[actors][spawned][keyed]") {
  shard_fixture app;
  std::vector<caf::response_promise> promises;
  int made = 0;
  app.get("/:id",
          [&](caf::event_based_actor* self) -> caf::behavior {
            ++made;
            return {[self, &promises](const request&) {
              promises.push_back(self->make_response_promise());
              return promises.back();
            }};
          })
      .keyed_by("id", 1s, 1);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")).empty());
  app.advance(5s);
  auto other = app.connect();
  CHECK(app.ask(other, get("/a")).empty());
  CHECK(made == 1);
  // There may be one, and that is in use.
  auto third = app.connect();
  CHECK(app.ask(third, get("/b"))
        == on_wire(503, "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n",
                   "Service Unavailable\n"));
  for (auto& each : promises)
    each.deliver(response::text(200, "done"));
  promises.clear();
  app.run();
  CHECK(peer.take() == text_on_wire(200, "done"));
  CHECK(app.ask(third, get("/b")).empty());
  CHECK(made == 2);
  promises.clear();
}

TEST_CASE("An actor that has messages of its own ends when it is let go",
          "[actors][spawned][keyed]") {
  const auto alive = std::make_shared<int>();
  shard_fixture app;
  app.get("/:id",
          [alive](caf::event_based_actor* self) -> caf::behavior {
            self->delayed_send(self, 100ms, caf::tick_atom::value);
            return {
                [held = alive](const request&) { return response::text(200, "here"); },
                [self](caf::tick_atom) { self->delayed_send(self, 100ms, caf::tick_atom::value); },
            };
          })
      .keyed_by("id", 1s);
  auto peer = app.connect();
  const auto without = alive.use_count();
  CHECK(app.ask(peer, get("/a")) == text_on_wire(200, "here"));
  CHECK(alive.use_count() > without);
  app.advance(3s);
  CHECK(alive.use_count() == without);
}

TEST_CASE("An actor does not begin with what nobody waits for any more",
          "[actors][spawned][cancel]") {
  const int way = GENERATE(0, 1, 2, 3);
  CAPTURE(way);
  shard_fixture app;
  int begun = 0;
  const auto actor = [&begun](caf::event_based_actor*) -> caf::behavior {
    return {[&begun](const request&) { return number(++begun); }, [](int) {}};
  };
  if (way == 0)
    app.get("/:id", actor).on_scheduler();
  if (way == 1)
    app.get("/:id", actor).on_scheduler().keyed_by("id");
  if (way == 2)
    app.get("/:id", actor).on_scheduler().per_request();
  if (way == 3) {
    const auto other = app.spawn(actor);
    app.get("/:id", other);
    caf::anon_send(other, 1); // has it wait for CAF's scheduler as well
  }
  std::vector<sake::test::memory_peer> gone;
  for (int i = 0; i < 5; ++i)
    gone.push_back(app.connect());
  for (auto& each : gone)
    each.send(get("/a"));
  // The reactor hears of all that before the scheduler has a turn.
  for (auto& each : gone)
    each.reset();
  app.run();
  CHECK(begun == 0);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")) == text_on_wire(200, "1"));
}

TEST_CASE("What middleware has set goes along to the actor", "[actors][spawned]") {
  shard_fixture app;
  app.get("/",
          [](caf::event_based_actor*) -> caf::behavior {
            return {[](const request& asked) {
              const auto* const user = asked.value<std::string>("user");
              const bool has_other = asked.value<int>("user") != nullptr;
              return response::text(200, user != nullptr && !has_other ? *user : "nobody");
            }};
          })
      .use([](context& ctx) {
        if (ctx.query("user").size() > 0)
          ctx.set("user", std::string{ctx.query("user")});
      });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "nobody"));
  CHECK(app.ask(peer, get("/?user=ann")) == text_on_wire(200, "ann"));
}

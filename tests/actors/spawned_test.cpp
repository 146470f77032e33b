// Actors that a route spawns: one for all requests, one per request, one per key.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

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

// One actor of each kind; each counts its requests.

caf::behavior function(caf::event_based_actor*) {
  return {[n = 0](const request&) mutable { return number(++n); }};
}

struct count {
  int n = 0;
};

caf::behavior stateful(caf::stateful_actor<count>* self) {
  return {[=](const request&) { return number(++self->state.n); }};
}

sake::typed_handler::behavior_type typed(sake::typed_handler::pointer) {
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

TEST_CASE("one actor answers all requests of its route", "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  app.get("/", kind(which));
  auto first = app.connect();
  auto second = app.connect();
  CHECK(app.ask(first, get("/")) == text_on_wire(200, "1"));
  CHECK(app.ask(second, get("/") + get("/")) == text_on_wire(200, "2") + text_on_wire(200, "3"));
}

TEST_CASE("a per-request actor starts without state and ends with its request",
          "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  app.get("/", kind(which)).per_request();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/") + get("/")) == text_on_wire(200, "1") + text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "1"));
}

TEST_CASE("a per-request actor lives until its work has ended", "[actors][spawned]") {
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
  CHECK(alive.use_count() == without); // no answer can come from the actor
}

TEST_CASE("a per-request actor is told to exit when its request ends unanswered",
          "[actors][spawned]") {
  const auto end =
      GENERATE(as<std::string>{}, "the client leaves", "the deadline passes", "the engine ends");
  CAPTURE(end);
  const auto alive = std::make_shared<int>();
  caf::error reason;
  {
    shard_fixture app;
    // The actor keeps a reference to itself and never answers.
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

TEST_CASE("each key has an actor of its own", "[actors][spawned]") {
  const int which = GENERATE(range(0, kinds));
  CAPTURE(which);
  shard_fixture app;
  app.get("/count/:id", kind(which)).keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/count/a") + get("/count/b") + get("/count/a"))
        == text_on_wire(200, "1") + text_on_wire(200, "1") + text_on_wire(200, "2"));
  // the same key, percent-encoded
  CHECK(app.ask(peer, get("/count/%61")) == text_on_wire(200, "3"));
}

TEST_CASE("the actor of an idle key is stopped", "[actors][spawned]") {
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

TEST_CASE("above the limit the least recently used key is stopped", "[actors][spawned]") {
  shard_fixture app;
  app.get("/count/:id", function).keyed_by("id", 1h, 2);
  auto peer = app.connect();
  for (const auto* path : {"/count/a", "/count/b", "/count/a", "/count/c"})
    (void)app.ask(peer, get(path));
  CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "3"));
  CHECK(app.ask(peer, get("/count/b")) == text_on_wire(200, "1"));
}

TEST_CASE("a dead actor of a key is replaced", "[actors][spawned]") {
  shard_fixture app;
  app.get("/count/:id", flaky).keyed_by("id");
  auto peer = app.connect();
  for (int i = 0; i < 2; ++i) {
    CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "1"));
    CHECK(app.ask(peer, get("/count/a")) == text_on_wire(200, "2"));
    CHECK(app.ask(peer, get("/count/a")) == plain_on_wire(500));
  }
}

TEST_CASE("middleware runs before actors that a route spawns", "[actors][spawned]") {
  int afters = 0;
  shard_fixture app;
  app.use([&afters](context& ctx) { ctx.next([&afters](context&) { ++afters; }); });
  app.get("/shared", function);
  app.get("/own", function).per_request();
  app.get("/key/:id", function).keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/shared") + get("/own") + get("/key/a"))
        == text_on_wire(200, "1") + text_on_wire(200, "1") + text_on_wire(200, "1"));
  CHECK(afters == 3);
}

TEST_CASE("routes with the same handler share its actors", "[actors][spawned]") {
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
  app.get("/apart", own); // per-request actors are never shared
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

TEST_CASE("routes with the same handler share its supervision, but not their limits",
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
             Catch::Matchers::StartsWith("HTTP/1.1 503 ")); // in quarantine on both routes
  app.advance(31s);
  auto later = app.connect();
  CHECK(app.ask(later, get("/other")) == text_on_wire(200, "1"));
}

TEST_CASE("routes with the same handler must agree on its actors", "[actors][spawned]") {
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

TEST_CASE("registration refuses invalid actors with a reason", "[actors][spawned]") {
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

TEST_CASE("the actor of a key is given its key", "[actors][spawned][keyed]") {
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

TEST_CASE("the actor of a key stays as long as it has a request", "[actors][spawned][keyed]") {
  int made = 0;
  shard_fixture app;
  std::vector<caf::response_promise> promises;
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
  // One actor is allowed, and it is in use.
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

TEST_CASE("the search for an idle actor passes over 64 with requests, and the next continues it",
          "[actors][spawned][keyed]") {
  constexpr int busy = 65;
  shard_fixture app;
  std::vector<caf::response_promise> promises;
  app.get("/busy/:id",
          [&promises](caf::event_based_actor* self, const std::string& key) -> caf::behavior {
            return {[self, key, &promises](const request&) -> caf::result<response> {
              if (key == "idle" || key == "new")
                return response::text(200, key);
              promises.push_back(self->make_response_promise());
              return promises.back();
            }};
          })
      .keyed_by("id", 1h, busy + 1);
  std::vector<sake::test::memory_peer> crowd;
  for (int i = 0; i < busy; ++i) {
    crowd.push_back(app.connect());
    CHECK(app.ask(crowd.back(), get("/busy/" + std::to_string(i))).empty());
  }
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/busy/idle")) == text_on_wire(200, "idle"));
  CHECK(app.ask(peer, get("/busy/new")).starts_with("HTTP/1.1 503 "));
  CHECK(app.ask(peer, get("/busy/new")) == text_on_wire(200, "new"));
  CHECK(promises.size() == busy);
  for (auto& each : promises)
    each.deliver(response::text(200, "done"));
  promises.clear();
  app.run();
}

TEST_CASE("an actor with messages of its own ends when it is stopped", "[actors][spawned][keyed]") {
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

TEST_CASE("an actor does not begin requests whose clients have gone", "[actors][spawned][cancel]") {
  const int way = GENERATE(0, 1, 2, 3);
  CAPTURE(way);
  int begun = 0;
  shard_fixture app;
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
    caf::anon_send(other, 1); // makes it wait for CAF's scheduler as well
  }
  std::vector<sake::test::memory_peer> gone;
  for (int i = 0; i < 5; ++i)
    gone.push_back(app.connect());
  for (auto& each : gone)
    each.send(get("/a"));
  // The reactor handles all closes before the scheduler runs.
  for (auto& each : gone)
    each.reset();
  app.run();
  CHECK(begun == 0);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")) == text_on_wire(200, "1"));
}

TEST_CASE("values that middleware has set accompany the request to the actor",
          "[actors][spawned]") {
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

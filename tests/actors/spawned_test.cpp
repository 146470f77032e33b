// Actors that a route spawns itself: one for all requests, one for each, one for each key.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/spawned.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::get;
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
  CHECK(app.ask(peer, get("/forgets")).empty());
  CHECK(alive.use_count() == without); // nobody can make it answer any more
  app.advance(30s);
  CHECK(peer.take() == plain_on_wire(504));
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
  (void)app.ask(peer, get("/count/a") + get("/count/b") + get("/count/a") + get("/count/c"));
  CHECK(app.ask(peer, get("/count/a") + get("/count/b"))
        == text_on_wire(200, "3") + text_on_wire(200, "1"));
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

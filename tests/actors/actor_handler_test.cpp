// CAF actors as handlers.
#include "../support/catch.hpp"
#include "../support/counter.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::counter;
using sake::test::get;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

struct parcel {
  std::string to;
  int weight = 0;
};
SAKE_JSON(parcel, to, weight);

namespace {

// Answers when the test sends it a number.
caf::behavior slow(caf::event_based_actor* self) {
  auto waiting = std::make_shared<std::vector<caf::response_promise>>();
  return {[=](const request&) { waiting->push_back(self->make_response_promise()); },
          [=](int which) {
            waiting->at(which).deliver(response::text(200, "answer " + std::to_string(which)));
          }};
}

caf::behavior wrong_type(caf::event_based_actor*) {
  return {[](const request&) { return 42; }};
}

caf::behavior with_error(caf::event_based_actor*) {
  return {[](const request&) -> caf::result<response> { return caf::sec::runtime_error; }};
}

caf::behavior deaf(caf::event_based_actor* self) {
  self->set_default_handler(caf::drop);
  return {[](const std::string&) {}};
}

caf::behavior throwing(caf::event_based_actor* self) {
  self->set_exception_handler(
      [](std::exception_ptr&) { return caf::exit_reason::unhandled_exception; });
  return {[](const request&) -> response { throw std::runtime_error("an actor's end"); }};
}

// Requests reach an actor directly, or through a middleware that waits for the response.
struct actor_handler_fixture : shard_fixture {
  template <class Behavior>
  explicit actor_handler_fixture(Behavior behavior, sake::http::settings chosen = {})
      : shard_fixture(std::move(chosen)), whom(spawn(behavior)) {
    this->get("/direct", whom);
    auto layered = group("/layered");
    layered.use([this](context& ctx) {
      ctx.set_header("X-Before", "1");
      ctx.next([this](context& after) {
        ++afters;
        after.set_header("X-Status", std::to_string(after.response().status()));
      });
    });
    layered.get("", whom);
  }

  caf::actor whom;
  int afters = 0;
};

const std::string layer_fields = "X-Before: 1\r\nX-Status: ";

// A 200 of an actor behind the middleware: the fields of the actor come first.
std::string layered_text(std::string_view content) {
  return on_wire(200, "Content-Type: text/plain; charset=utf-8\r\nX-Before: 1\r\nX-Status: 200\r\n",
                 content);
}

// A failure behind the middleware: fields set before it are removed.
std::string layered_failure(int status) {
  return on_wire(status,
                 "Content-Type: text/plain; charset=utf-8\r\nX-Status: " + std::to_string(status)
                     + "\r\n",
                 std::string{sake::http::reason_phrase(status)} + '\n');
}

} // namespace

TEST_CASE("an actor binds parameters, query and content as a function does", "[actors]") {
  shard_fixture app;
  app.post("/function/:id", [](context& ctx) {
    const auto sent = ctx.bind_json<parcel>();
    if (sent)
      ctx.string(200, std::string{ctx.param("id")} + '|' + std::string{ctx.query("q")} + '|'
                          + sent->to + '|' + std::to_string(sent->weight));
  });
  app.post("/actor/:id", app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request& asked) {
      const auto sent = sake::bind_json<parcel>(asked);
      return sent ? response::text(200, std::string{asked.param("id")} + '|' + asked.query("q")
                                            + '|' + sent->to + '|' + std::to_string(sent->weight))
                  : sent.error();
    }};
  }));
  app.post("/number", app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request& asked) {
      const auto sent = sake::bind_json<int>(asked);
      return sent ? response::text(200, std::to_string(*sent + 1)) : sent.error();
    }};
  }));
  auto peer = app.connect();
  CHECK(app.ask(peer, sake::test::post("/number", "41")) == text_on_wire(200, "42"));
  const auto ask = [&](const std::string& path, const std::string& content) {
    return app.ask(peer, sake::test::post(path + "/a%20b?p=1&q=x+y%26&q=2", content));
  };
  CHECK(ask("/actor", R"({"to":"Ann","weight":3})") == text_on_wire(200, "a b|x y&|Ann|3"));
  for (const auto* content : {R"({"to":"Ann","weight":3})", R"({"to":7})", "", "{", "[]",
                              R"({"to":"Ann","weight":3} x)"}) {
    CAPTURE(content);
    CHECK(ask("/actor", content) == ask("/function", content));
  }
}

TEST_CASE("a dynamic actor is a handler, directly and behind middleware", "[actors][handler]") {
  actor_handler_fixture app{counter};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct")) == text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/layered")) == layered_text("2"));
  CHECK(app.ask(peer, get("/direct") + get("/layered") + get("/direct"))
        == text_on_wire(200, "3") + layered_text("4") + text_on_wire(200, "5"));
  CHECK(app.afters == 2);
}

TEST_CASE("one actor serves every connection", "[actors][handler]") {
  actor_handler_fixture app{counter};
  auto first = app.connect();
  auto second = app.connect();
  CHECK(app.ask(first, get("/direct")) == text_on_wire(200, "1"));
  CHECK(app.ask(second, get("/direct")) == text_on_wire(200, "2"));
}

TEST_CASE("late answers of an actor are sent in the order of the requests", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered") + get("/direct")).empty());
  caf::anon_send(app.whom, 2);
  caf::anon_send(app.whom, 1);
  app.run();
  CHECK(peer.take().empty());
  caf::anon_send(app.whom, 0);
  app.run();
  CHECK(peer.take()
        == text_on_wire(200, "answer 0") + layered_text("answer 1")
               + text_on_wire(200, "answer 2"));
  CHECK(peer.write_count() == 1);
}

TEST_CASE("an actor that fails to answer gives 500, and the connection persists",
          "[actors][handler]") {
  using behavior = caf::behavior (*)(caf::event_based_actor*);
  const behavior fails =
      GENERATE(behavior{wrong_type}, behavior{with_error}, behavior{deaf}, behavior{throwing});
  actor_handler_fixture app{fails};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct")) == plain_on_wire(500));
  CHECK(app.ask(peer, get("/layered")) == layered_failure(500));
  CHECK(app.afters == 1);
  CHECK(app.ask(peer, get("/")) == plain_on_wire(404));
}

TEST_CASE("an actor that never answers gives 504 at the deadline", "[actors][handler]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  actor_handler_fixture app{slow, chosen};
  auto peer = app.connect();
  SECTION("the actor is reached directly") {
    CHECK(app.ask(peer, get("/direct")).empty());
    app.advance(4'999ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
    CHECK(peer.take() == plain_on_wire(504));
  }
  SECTION("the actor is behind middleware, which sees the 504") {
    CHECK(app.ask(peer, get("/layered")).empty());
    app.advance(4'999ms);
    CHECK(app.afters == 0);
    app.advance(1ms);
    CHECK(app.afters == 1);
    CHECK(peer.take().starts_with("HTTP/1.1 504 "));
  }
  // A later answer is dropped.
  caf::anon_send(app.whom, 0);
  app.run();
  CHECK(peer.take().empty());
  CHECK(app.ask(peer, get("/")) == plain_on_wire(404));
}

TEST_CASE("an actor that dies leaves no request unanswered", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  SECTION("the requests are in its mailbox behind the exit message") {
    // The actor runs only once the requests are in its mailbox as well.
    caf::anon_send_exit(app.whom, caf::exit_reason::kill);
    peer.send(get("/direct") + get("/layered"));
    app.run();
  }
  SECTION("the requests are sent after its death") {
    caf::anon_send_exit(app.whom, caf::exit_reason::kill);
    app.run();
    peer.send(get("/direct") + get("/layered"));
    app.run();
  }
  CHECK(peer.take() == plain_on_wire(500) + layered_failure(500));
}

TEST_CASE("a request that an actor had begun when it died is answered at once",
          "[actors][handler]") {
  // CAF does not report a dropped response promise, but the last reference to the reply channel
  // goes.
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered")).empty());
  caf::anon_send_exit(app.whom, caf::exit_reason::kill);
  app.run();
  CHECK(app.afters == 1);
  CHECK(peer.take() == plain_on_wire(500) + layered_failure(500));
}

TEST_CASE("an answer is dropped if its client has gone", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered")).empty());
  SECTION("the client closes in order") {
    peer.finish();
  }
  SECTION("the client resets the connection") {
    peer.reset();
  }
  app.run();
  auto other = app.connect(); // reuses freed memory
  CHECK(app.ask(other, get("/direct")).empty());
  for (int i = 0; i < 3; ++i)
    caf::anon_send(app.whom, i);
  app.run();
  CHECK(app.afters == 1); // middleware sees the end of every request
  CHECK(peer.is_gone());
  CHECK(other.take() == text_on_wire(200, "answer 2"));
}

TEST_CASE("only the first of two answers of an actor counts", "[actors][handler]") {
  actor_handler_fixture app{[](caf::event_based_actor* self) -> caf::behavior {
    return {[self](const request&) {
      const auto to = self->current_sender();
      const auto id = self->current_message_id().response_id();
      for (const char* text : {"first", "second"})
        to->enqueue(nullptr, id, caf::make_message(response::text(200, text)), self->context());
      self->current_mailbox_element()->mid.mark_as_answered();
    }};
  }};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/direct"))
        == text_on_wire(200, "first") + text_on_wire(200, "first"));
}

TEST_CASE("a shard that ends releases requests that wait for an actor", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered")).empty());
  app.close();
  CHECK(peer.is_closed());
  caf::anon_send(app.whom, 1);
  caf::anon_send(app.whom, 0);
  app.run();
  CHECK(app.afters == 1);
  CHECK(peer.is_gone()); // the connection is released
}

TEST_CASE("a handler without an actor is refused with the name of its route", "[actors]") {
  using behavior_of = caf::behavior (*)(caf::event_based_actor*);
  const std::string why = "cannot add route GET /none: its handler is empty: it is a null function "
                          "pointer, an empty std::function or actor handle, or was moved from";
  shard_fixture app;
  CHECK_THROWS_WITH(app.get("/none", caf::actor{}), why);
  CHECK_THROWS_WITH(app.get("/none", sake::typed_handler{}), why);
  CHECK_THROWS_WITH(app.get("/none", static_cast<behavior_of>(nullptr)), why);
  CHECK_THROWS_WITH(app.get("/none", std::function<caf::behavior(caf::event_based_actor*)>{}), why);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/none")).starts_with("HTTP/1.1 404 "));
}

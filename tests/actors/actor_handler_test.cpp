// CAF actors as handlers.
#include "../support/catch.hpp"
#include "../support/counter.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/handler.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/send.hpp>

#include <chrono>
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

// Requests go to an actor directly, or through a middleware that waits for the response.
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

// As an actor answers 200 behind the middleware: its own fields first.
std::string layered_text(std::string_view content) {
  return on_wire(200, "Content-Type: text/plain; charset=utf-8\r\nX-Before: 1\r\nX-Status: 200\r\n",
                 content);
}

// As a failure goes out there: what was set before it is gone.
std::string layered_failure(int status) {
  return on_wire(status,
                 "Content-Type: text/plain; charset=utf-8\r\nX-Status: " + std::to_string(status)
                     + "\r\n",
                 std::string{sake::http::reason_phrase(status)} + '\n');
}

} // namespace

TEST_CASE("An actor binds parameters, query and content as a function does", "[actors]") {
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

TEST_CASE("A dynamic actor is a handler, directly and behind middleware", "[actors][handler]") {
  actor_handler_fixture app{counter};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct")) == text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/layered")) == layered_text("2"));
  CHECK(app.ask(peer, get("/direct") + get("/layered") + get("/direct"))
        == text_on_wire(200, "3") + layered_text("4") + text_on_wire(200, "5"));
  CHECK(app.afters == 2);
}

TEST_CASE("One actor serves every connection", "[actors][handler]") {
  actor_handler_fixture app{counter};
  auto first = app.connect();
  auto second = app.connect();
  CHECK(app.ask(first, get("/direct")) == text_on_wire(200, "1"));
  CHECK(app.ask(second, get("/direct")) == text_on_wire(200, "2"));
}

TEST_CASE("An actor that answers later and out of order is put in order", "[actors][handler]") {
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

TEST_CASE("An actor that fails to answer gives 500, and the connection lives on",
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

TEST_CASE("An actor that never answers gives 504 at the deadline", "[actors][handler]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  actor_handler_fixture app{slow, chosen};
  auto peer = app.connect();
  SECTION("directly") {
    CHECK(app.ask(peer, get("/direct")).empty());
    app.advance(4'999ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
    CHECK(peer.take() == plain_on_wire(504));
  }
  SECTION("behind middleware, which is told") {
    CHECK(app.ask(peer, get("/layered")).empty());
    app.advance(4'999ms);
    CHECK(app.afters == 0);
    app.advance(1ms);
    CHECK(app.afters == 1);
    CHECK(peer.take().starts_with("HTTP/1.1 504 "));
  }
  // When it answers after all, nobody listens.
  caf::anon_send(app.whom, 0);
  app.run();
  CHECK(peer.take().empty());
  CHECK(app.ask(peer, get("/")) == plain_on_wire(404));
}

TEST_CASE("An actor that dies leaves no request without an answer", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  SECTION("not those that come behind the exit in its mailbox") {
    // The actor runs when the requests are in its mailbox as well.
    caf::anon_send_exit(app.whom, caf::exit_reason::kill);
    peer.send(get("/direct") + get("/layered"));
    app.run();
  }
  SECTION("not those that come when it is gone") {
    caf::anon_send_exit(app.whom, caf::exit_reason::kill);
    app.run();
    peer.send(get("/direct") + get("/layered"));
    app.run();
  }
  CHECK(peer.take() == plain_on_wire(500) + layered_failure(500));
}

TEST_CASE("What an actor had begun when it died is answered at once", "[actors][handler]") {
  // CAF says nothing of a response promise that is dropped; but nobody refers to the return address
  // any more.
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered")).empty());
  caf::anon_send_exit(app.whom, caf::exit_reason::kill);
  app.run();
  CHECK(app.afters == 1);
  CHECK(peer.take() == plain_on_wire(500) + layered_failure(500));
}

TEST_CASE("An answer that comes after its client has gone is dropped", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered")).empty());
  SECTION("in good order") {
    peer.finish();
  }
  SECTION("with a reset") {
    peer.reset();
  }
  app.run();
  auto other = app.connect(); // takes over what memory was freed
  CHECK(app.ask(other, get("/direct")).empty());
  for (int i = 0; i < 3; ++i)
    caf::anon_send(app.whom, i);
  app.run();
  CHECK(app.afters == 1); // middleware sees the end of every request
  CHECK(peer.is_gone());
  CHECK(other.take() == text_on_wire(200, "answer 2"));
}

TEST_CASE("An actor that answers twice is heard once", "[actors][handler]") {
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

TEST_CASE("A shard that ends lets go of what waits for an actor", "[actors][handler]") {
  actor_handler_fixture app{slow};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/direct") + get("/layered")).empty());
  app.close();
  CHECK(peer.is_closed());
  caf::anon_send(app.whom, 1);
  caf::anon_send(app.whom, 0);
  app.run();
  CHECK(app.afters == 1);
  CHECK(peer.is_gone()); // nobody refers to the connection any more
}

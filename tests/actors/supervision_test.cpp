// Failures of actors that a route spawned.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using sake::context;
using sake::supervision;
using sake::http::request;
using sake::http::response;
using sake::test::captured_log;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// A record of the actors of a test, and their instructions.
struct record {
  int spawned = 0;
  int begun = 0;
  int afters = 0;
  bool constructor_fails = false;
  std::vector<caf::response_promise> promises;
};

std::string counted(int& n) {
  return std::to_string(++n);
}

std::string unavailable(int seconds) {
  return on_wire(
      503,
      "Content-Type: text/plain; charset=utf-8\r\nRetry-After: " + std::to_string(seconds) + "\r\n",
      "Service Unavailable\n");
}

// Counts requests and acts on the path of the others: /a/fail, /a/quit…
struct app : shard_fixture {
  app() : shard_fixture(patient()) {}

  // Actors of the second route of a test.
  sake::handler actors() {
    return [this](caf::event_based_actor* self) -> caf::behavior {
      ++seen.spawned;
      return {[this, self, n = 0](const request& asked) mutable -> caf::result<response> {
        ++seen.begun;
        const auto what = asked.param("what");
        if (what == "fail")
          throw std::runtime_error("told to fail");
        if (what == "quit")
          self->quit();
        if (what == "hold") {
          seen.promises.push_back(self->make_response_promise());
          return caf::delegated<response>{};
        }
        if (what == "drop")
          return drop(self);
        return response::text(200, counted(n));
      }};
    };
  }

  static caf::result<response> drop(caf::event_based_actor* self) {
    (void)self->make_response_promise();
    return caf::delegated<response>{};
  }

  static sake::http::settings patient() {
    sake::http::settings chosen;
    chosen.limits.pipelined_requests = 2'000;
    chosen.deadlines.idle = 1h;
    return chosen;
  }

  record seen;
};

// Both kinds of actors that outlive a request, under paths of the same form.
struct both_kinds : app {
  explicit both_kinds(const supervision& policy = {}) {
    const bool keyed = GENERATE(false, true);
    CAPTURE(keyed);
    auto& added = this->get("/:id/:what", actors()).supervised(policy);
    if (keyed)
      added.keyed_by("id");
    peer.emplace(connect());
  }
  std::string ask(std::string_view octets) { return shard_fixture::ask(*peer, octets); }

  std::optional<memory_peer> peer;
};

// Fails until it is in quarantine.
void exhaust(both_kinds& app) {
  for (int i = 0; i < 6; ++i) {
    CHECK(app.ask(get("/a/fail")) == plain_on_wire(500));
    app.advance(400ms);
  }
}

} // namespace

TEST_CASE("a failed actor is replaced by one without its state", "[actors][supervision]") {
  both_kinds app;
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "1"));
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "2"));
  CHECK(app.ask(get("/a/fail")) == plain_on_wire(500));
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "1"));
  CHECK(app.seen.spawned == 2);
}

TEST_CASE("requests that a failed actor had not begun go to the next, each once",
          "[actors][supervision]") {
  both_kinds app;
  CHECK(app.ask(get("/a/count") + get("/a/count") + get("/a/fail") + get("/a/count")
                + get("/a/count"))
        == text_on_wire(200, "1") + text_on_wire(200, "2") + plain_on_wire(500)
               + text_on_wire(200, "1") + text_on_wire(200, "2"));
  CHECK(app.seen.begun == 5);
}

TEST_CASE("requests that a failed actor holds unanswered are answered with 500",
          "[actors][supervision]") {
  both_kinds app;
  CHECK(app.ask(get("/a/hold")).empty());
  // The test holds the promise, so an answer is still possible.
  CHECK(app.ask(get("/a/fail")).empty());
  app.seen.promises.clear();
  app.run();
  CHECK(app.peer->take() == plain_on_wire(500) + plain_on_wire(500));
}

TEST_CASE("a promise that is fulfilled after the end of its actor counts",
          "[actors][supervision]") {
  both_kinds app;
  CHECK(app.ask(get("/a/hold") + get("/a/fail") + get("/a/count")).empty());
  app.seen.promises.front().deliver(response::text(200, "kept"));
  app.run();
  CHECK(app.peer->take()
        == text_on_wire(200, "kept") + plain_on_wire(500) + text_on_wire(200, "1"));
}

TEST_CASE("a request that an actor drops is answered at once", "[actors][supervision]") {
  both_kinds app;
  CHECK(app.ask(get("/a/drop")) == plain_on_wire(500));
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "1"));
  CHECK(app.seen.spawned == 1);
}

TEST_CASE("requests wait until a failed actor is restarted", "[actors][supervision]") {
  both_kinds app{{.backoff = 100ms}};
  CHECK(app.ask(get("/a/fail") + get("/a/fail")) == plain_on_wire(500) + plain_on_wire(500));
  CHECK(app.ask(get("/a/count")).empty());
  app.advance(99ms);
  CHECK(app.peer->take().empty());
  CHECK(app.seen.spawned == 2);
  app.advance(1ms);
  CHECK(app.peer->take() == text_on_wire(200, "1"));
  // The third restart takes twice as long.
  CHECK(app.ask(get("/a/fail") + get("/a/count")) == plain_on_wire(500));
  app.advance(199ms);
  CHECK(app.peer->take().empty());
  app.advance(1ms);
  CHECK(app.peer->take() == text_on_wire(200, "1"));
}

TEST_CASE("a request that waits too long gets 504 and is not begun", "[actors][supervision]") {
  both_kinds app{{.backoff = 40s, .backoff_max = 40s, .quarantine = 1s}};
  (void)app.ask(get("/a/fail") + get("/a/fail"));
  CHECK(app.ask(get("/a/count")).empty());
  app.advance(30s);
  CHECK(app.peer->take() == plain_on_wire(504));
  app.advance(10s);
  CHECK(app.seen.begun == 2);
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "1"));
}

TEST_CASE("a limited number of requests waits, and clients that leave make room",
          "[actors][supervision]") {
  both_kinds app{{.within = 60s, .backoff = 5s}};
  (void)app.ask(get("/a/fail") + get("/a/fail"));
  app.advance(1s);
  auto crowd = app.connect();
  std::string requests;
  for (int i = 0; i < 1'000; ++i)
    requests += get("/a/count");
  CHECK(app.shard_fixture::ask(crowd, requests).empty());
  CHECK(app.ask(get("/a/count")) == unavailable(4));
  crowd.reset();
  CHECK(app.ask(get("/a/count")).empty());
  app.advance(4s);
  CHECK(app.peer->take() == text_on_wire(200, "1"));
  CHECK(app.seen.begun == 3);
}

TEST_CASE("too many failures lead to quarantine, and quarantine to another attempt",
          "[actors][supervision]") {
  both_kinds app;
  exhaust(app);
  CHECK(app.ask(get("/a/count")) == unavailable(30)); // 29.6 seconds
  app.advance(20s);
  CHECK(app.ask(get("/a/count")) == unavailable(10));
  app.advance(9'500ms);
  CHECK(app.ask(get("/a/count") + get("/a/count")) == unavailable(1) + unavailable(1));
  CHECK(app.seen.spawned == 6);
  app.advance(100ms);
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "1"));
  CHECK(app.seen.spawned == 7);
}

TEST_CASE("an actor that fails right after quarantine returns to it", "[actors][supervision]") {
  both_kinds app;
  exhaust(app);
  app.advance(30s);
  CHECK(app.ask(get("/a/fail") + get("/a/count")) == plain_on_wire(500) + unavailable(30));
  app.advance(30s);
  CHECK(app.ask(get("/a/count")) == text_on_wire(200, "1"));
  // Once it has lived for `within`, it may fail as any other actor.
  app.advance(10s);
  CHECK(app.ask(get("/a/fail") + get("/a/count")) == plain_on_wire(500) + text_on_wire(200, "1"));
}

TEST_CASE("waiting requests are refused when quarantine begins", "[actors][supervision]") {
  both_kinds app{{.restarts = 1, .quarantine = 5s}};
  CHECK(app.ask(get("/a/fail") + get("/a/fail") + get("/a/count"))
        == plain_on_wire(500) + plain_on_wire(500) + unavailable(5));
}

TEST_CASE("each key is supervised separately", "[actors][supervision]") {
  app app;
  app.get("/:id/:what", app.actors()).keyed_by("id").supervised({.restarts = 0});
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/b/count")) == text_on_wire(200, "1"));
  CHECK(app.ask(peer, get("/a/fail")) == plain_on_wire(500));
  CHECK(app.ask(peer, get("/a/count")) == unavailable(30));
  CHECK(app.ask(peer, get("/b/count")) == text_on_wire(200, "2"));
}

TEST_CASE("the quarantine of a key ends when the key is dropped", "[actors][supervision]") {
  app app;
  app.get("/:id/:what", app.actors()).keyed_by("id", 1h, 2).supervised({.restarts = 0});
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a/fail") + get("/a/count")) == plain_on_wire(500) + unavailable(30));
  (void)app.ask(peer, get("/b/count") + get("/c/count"));
  CHECK(app.ask(peer, get("/a/count")) == text_on_wire(200, "1"));
}

TEST_CASE("a key with waiting requests is not dropped", "[actors][supervision]") {
  app app;
  app.get("/:id/:what", app.actors()).keyed_by("id", 1h, 2).supervised({.backoff = 3s});
  auto peer = app.connect();
  (void)app.ask(peer, get("/a/fail") + get("/a/fail"));
  CHECK(app.ask(peer, get("/a/count")).empty());
  auto other = app.connect();
  CHECK(app.ask(other, get("/b/count")) == text_on_wire(200, "1"));
  CHECK(app.ask(other, get("/c/count")) == text_on_wire(200, "1"));
  CHECK(peer.take().empty());
  app.advance(3s);
  CHECK(peer.take() == text_on_wire(200, "1"));
}

TEST_CASE("an actor that quits is replaced and does not count as failed", "[actors][supervision]") {
  both_kinds app{{.restarts = 0}};
  for (int i = 0; i < 20; ++i)
    CHECK(app.ask(get("/a/quit") + get("/a/count") + get("/a/quit"))
          == text_on_wire(200, "1") + text_on_wire(200, "1") + text_on_wire(200, "2"));
}

TEST_CASE("requests returned by actors that quit do not count against later requests",
          "[actors][supervision]") {
  app app;
  app.get("/:id/:what", app.actors()).supervised({.restarts = 0});
  std::vector<memory_peer> peers;
  for (int i = 0; i < 7; ++i)
    peers.push_back(app.connect());
  // Each actor answers one request and quits, so the last returns 223 times; the limit is 1000.
  constexpr int pipelined = 32;
  std::string requests;
  std::string answers;
  for (int i = 0; i < pipelined; ++i) {
    requests += get("/a/quit");
    answers += text_on_wire(200, "1");
  }
  for (int round = 0; round < 10; ++round) {
    for (auto& each : peers)
      each.send(requests);
    app.run();
    for (auto& each : peers)
      CHECK(each.take() == answers);
  }
}

TEST_CASE("an actor that quits is replaced at the next request, not before",
          "[actors][supervision]") {
  static int constructed;
  struct once : caf::event_based_actor {
    explicit once(caf::actor_config& cfg) : caf::event_based_actor(cfg) { ++constructed; }
    caf::behavior make_behavior() override {
      return {[this](const sake::http::request&) {
        quit();
        return response::text(200, "once");
      }};
    }
  };
  constructed = 0;
  app app;
  const bool keyed = GENERATE(false, true);
  auto& added = app.get("/:id", sake::spawned<once>());
  if (keyed)
    added.keyed_by("id");
  auto peer = app.connect();
  for (int requests = 1; requests <= 3; ++requests) {
    CHECK(app.ask(peer, get("/a")) == text_on_wire(200, "once"));
    app.advance(1s);
    CHECK(constructed == requests);
  }
}

TEST_CASE("an actor without a behavior cannot keep the reactor busy", "[actors][supervision]") {
  app app;
  const bool keyed = GENERATE(false, true);
  auto& added = app.get("/:id", [&app](caf::event_based_actor*) -> caf::behavior {
    ++app.seen.spawned;
    return {};
  });
  if (keyed)
    added.keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a") + get("/a")).empty());
  for (int i = 0; i < 6; ++i)
    app.advance(500ms);
  CHECK(peer.take() == unavailable(30) + unavailable(30));
  CHECK(app.seen.spawned == 6);
}

TEST_CASE("an actor that quits in its constructor is not spawned for ever",
          "[actors][supervision]") {
  static int spawned;
  struct quitter : caf::event_based_actor {
    explicit quitter(caf::actor_config& cfg) : caf::event_based_actor(cfg) {
      ++spawned;
      quit();
    }
    caf::behavior make_behavior() override {
      return {[](const sake::http::request&) { return response::text(200, "never"); }};
    }
  };
  spawned = 0;
  app app;
  const bool keyed = GENERATE(false, true);
  auto& added = app.get("/:id", sake::spawned<quitter>());
  if (keyed)
    added.keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")).empty());
  for (int i = 0; i < 6; ++i)
    app.advance(500ms);
  CHECK(peer.take() == unavailable(30));
  CHECK(spawned == 6);
}

TEST_CASE("an actor that fails for one request in twenty answers all others",
          "[actors][supervision]") {
  both_kinds app;
  for (int i = 0; i < 100; ++i) {
    std::string requests;
    std::string answers;
    for (int n = 1; n < 20; ++n) {
      requests += get("/a/count");
      answers += text_on_wire(200, std::to_string(n));
    }
    CHECK(app.ask(requests + get("/a/fail")) == answers + plain_on_wire(500));
  }
  CHECK(app.seen.spawned >= 100);
}

TEST_CASE("an actor that fails before it has a behavior is quarantined", "[actors][supervision]") {
  app app;
  const bool keyed = GENERATE(false, true);
  auto& added = app.get("/:id", [](caf::event_based_actor*) -> caf::behavior {
    throw std::runtime_error("no behavior");
  });
  added.supervised({.restarts = 2, .backoff = 0ms, .quarantine = 7s});
  if (keyed)
    added.keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")) == unavailable(7));
}

namespace {

class fragile final : public caf::event_based_actor {
public:
  fragile(caf::actor_config& cfg, record* seen) : caf::event_based_actor(cfg) {
    ++seen->spawned;
    if (seen->constructor_fails)
      throw std::runtime_error("the constructor");
  }
  caf::behavior make_behavior() override {
    return {[](const sake::request&) { return response::text(200, "well"); }};
  }
};

} // namespace

TEST_CASE("a constructor that throws counts as a failure", "[actors][supervision]") {
  const captured_log log;
  app app;
  const bool keyed = GENERATE(false, true);
  auto& added = app.get("/:id", sake::spawned<fragile>(&app.seen));
  added.supervised({.restarts = 2, .backoff = 1s, .quarantine = 7s});
  if (keyed)
    added.keyed_by("id");
  app.seen.constructor_fails = true;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")).empty()); // the second failure
  app.advance(1s);
  CHECK(peer.take() == unavailable(7));
  CHECK(app.seen.spawned == 3);
  CHECK(log.has("actor failed; error=\"the constructor\" restarts=3"
                + std::string{keyed ? " key=a" : ""} + " route=\"GET /:id\""));
  app.seen.constructor_fails = false;
  app.advance(7s);
  CHECK(app.ask(peer, get("/a")) == text_on_wire(200, "well"));
}

TEST_CASE("the log reports failures, quarantine and recovery", "[actors][supervision]") {
  const captured_log log;
  app app;
  app.get("/:id/:what", app.actors())
      .keyed_by("id")
      .supervised({.restarts = 1, .within = 2s, .quarantine = 5s});
  auto peer = app.connect();
  (void)app.ask(peer, get("/a%22%0A/fail") + get("/a%22%0A/fail"));
  const std::string who = "key=\"a\\\"\\n\" route=\"GET /:id/:what\"";
  for (const auto* restarts : {"1", "2"})
    CHECK(log.has_begun("actor failed; error=\"told to fail\" restarts=" + std::string{restarts}
                        + " key=\"a\\\"\\n\" method=GET route=\"GET /:id/:what\" "));
  CHECK(log.has("actor quarantined; seconds=5 " + who));
  app.advance(5s);
  CHECK(app.ask(peer, get("/a%22%0A/count")) == text_on_wire(200, "1"));
  CHECK_FALSE(log.has("actor recovered; " + who));
  app.advance(2s);
  CHECK(log.has("actor recovered; " + who));
}

TEST_CASE("a failure at a request is one line with the facts of both", "[actors][supervision]") {
  const captured_log log;
  app app;
  const bool keyed = GENERATE(false, true);
  CAPTURE(keyed);
  auto& added = app.get("/:id/:what", app.actors());
  if (keyed)
    added.keyed_by("id");
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a/count") + get("/a/fail", "X-Request-Id: seven\r\n"))
        == text_on_wire(200, "1") + plain_on_wire(500));
  CHECK(log.count("told to fail") == 1);
  CHECK(log.count("failed") == 1);
  CHECK(log.count("method=GET") == 1);
  CHECK(log.count("route=\"GET /:id/:what\"") == 1);
  CHECK(log.count("request_id=seven") == 1);
  CHECK(log.count("restarts=1") == 1);
  CHECK(app.ask(peer, get("/a/fail")) == plain_on_wire(500));
  CHECK(log.count("failed") == 2);
  CHECK(log.count("request_id=") == 2);
}

TEST_CASE("every failure at a request is logged", "[actors][supervision]") {
  const captured_log log;
  app app;
  app.get("/quit", [](caf::event_based_actor* self) -> caf::behavior {
    return {[self](const request&) -> response {
      self->quit();
      throw std::runtime_error("behind its end");
    }};
  });
  app.get("/timeout", [](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) -> caf::result<response> {
      return caf::make_error(caf::sec::request_timeout);
    }};
  });
  app.get("/moved", [](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return response{nullptr}; }};
  });
  const auto* path = GENERATE("/quit", "/timeout", "/moved");
  CAPTURE(path);
  auto peer = app.connect();
  CHECK(app.ask(peer, get(path)) == plain_on_wire(500));
  CHECK(log.count("failed") == 1);
}

TEST_CASE("a failure of an actor that was stopped is logged", "[actors][supervision]") {
  const captured_log log;
  app app;
  static caf::actor left;
  app.get("/:id",
          [](caf::event_based_actor* self) -> caf::behavior {
            left = self;
            self->set_exit_handler([](caf::exit_msg&) {});
            return {[](const request&) { return response::text(200, "well"); },
                    [](int) { throw std::runtime_error("afterwards"); }};
          })
      .keyed_by("id", 1s);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/a")) == text_on_wire(200, "well"));
  app.advance(2s);
  caf::anon_send(std::exchange(left, nullptr), 1);
  app.run();
  CHECK(log.count("afterwards") == 1);
}

TEST_CASE("an actor woken by another message is not confused with another actor",
          "[actors][supervision]") {
  // The actor skips the request, which is answered and gone before another actor fails.
  app app;
  static caf::actor gate;
  app.get("/gated", [](caf::event_based_actor* self) -> caf::behavior {
    gate = self;
    return {[](const request&) -> caf::result<response> { return caf::skip(); },
            [self](int) {
              self->become([](const request&) { return response::text(200, "at last"); });
            }};
  });
  app.get("/fail", [](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) -> response { throw std::runtime_error("told to fail"); }};
  });
  auto gated = app.connect();
  auto peer = app.connect();
  CHECK(app.ask(gated, get("/gated")).empty());
  caf::anon_send(std::exchange(gate, nullptr), 1);
  app.run();
  CHECK(gated.take() == text_on_wire(200, "at last"));
  CHECK(app.ask(peer, get("/fail")) == plain_on_wire(500));
}

TEST_CASE("a failure after answered requests is logged without a request",
          "[actors][supervision]") {
  const captured_log log;
  app app;
  app.get("/", [](caf::event_based_actor* self) -> caf::behavior {
    return {[self](const request&) {
              self->send(self, 1);
              return response::text(200, "well");
            },
            [](int) { throw std::runtime_error("later"); }};
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "well"));
  CHECK(log.has("actor failed; error=later restarts=1 route=\"GET /\""));
}

TEST_CASE("an exception handler that an actor has set itself is kept", "[actors][supervision]") {
  const captured_log log;
  app app;
  app.get("/", [](caf::event_based_actor* self) -> caf::behavior {
    self->set_exception_handler([](std::exception_ptr&) { return caf::exit_reason::kill; });
    return {[](const request&) -> response { throw std::runtime_error("unheard"); }};
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == plain_on_wire(500));
  CHECK(log.has_begun("actor failed; error=\"exit_reason(kill)\" restarts=1 method=GET "));
}

TEST_CASE("an actor that is told to exit has failed, unless the reason is a shutdown",
          "[actors][supervision]") {
  app app;
  caf::actor_addr whom;
  app.get("/",
          [&whom](caf::event_based_actor* self) -> caf::behavior {
            whom = self->address();
            return {[n = 0](const request&) mutable { return response::text(200, counted(n)); }};
          })
      .supervised({.restarts = 0});
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "1"));
  caf::anon_send_exit(whom, caf::exit_reason::user_shutdown);
  app.run();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "1"));
  caf::anon_send_exit(whom, caf::exit_reason::kill);
  app.run();
  CHECK(app.ask(peer, get("/")) == unavailable(30));
}

TEST_CASE("a request that an actor has delegated is answered by the other actor",
          "[actors][supervision]") {
  app app;
  const auto other = app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return response::text(200, "the other"); }};
  });
  app.get("/", [other](caf::event_based_actor* self) -> caf::behavior {
    return {[=](const request& asked) {
      self->quit(caf::exit_reason::kill);
      return self->delegate(other, asked);
    }};
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "the other"));
}

TEST_CASE("middleware sees the responses of supervision", "[actors][supervision]") {
  app app;
  std::vector<int> seen;
  app.use([&seen](context& ctx) {
    ctx.next([&seen](context& after) { seen.push_back(after.response().status()); });
  });
  app.get("/:what", app.actors()).supervised({.restarts = 0});
  auto peer = app.connect();
  (void)app.ask(peer, get("/count") + get("/fail") + get("/count"));
  CHECK(seen == std::vector<int>{200, 500, 503});
}

TEST_CASE("the end of the shard restarts no actor and releases everything",
          "[actors][supervision]") {
  const auto alive = std::make_shared<int>();
  const auto without = alive.use_count();
  int spawned = 0;
  {
    app app;
    const bool keyed = GENERATE(false, true);
    auto& added = app.get("/:what", [&spawned, alive](caf::event_based_actor*) -> caf::behavior {
      ++spawned;
      return {[held = alive](const request& asked) -> caf::result<response> {
        if (asked.param("what") == "fail")
          throw std::runtime_error("told to fail");
        return response::text(200, "well");
      }};
    });
    added.supervised({.backoff = 100ms});
    if (keyed)
      added.keyed_by("what");
    auto peer = app.connect();
    SECTION("an actor runs") {
      CHECK(app.ask(peer, get("/fail") + get("/well")).size() > 0);
    }
    SECTION("requests wait") {
      (void)app.ask(peer, get("/fail") + get("/fail") + get("/fail"));
    }
    const int before = spawned;
    app.close();
    app.run();
    app.advance(1min);
    CHECK(spawned == before);
    CHECK(peer.is_closed());
  }
  CHECK(alive.use_count() == without);
}

TEST_CASE("registration refuses invalid supervision with a reason", "[actors][supervision]") {
  app app;
  auto& plain = app.get("/plain", [](context&) {});
  CHECK_THROWS_AS(plain.supervised({}), std::invalid_argument);
  auto& handle = app.get("/handle", app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return response{}; }};
  }));
  CHECK_THROWS_AS(handle.supervised({}), std::invalid_argument);
  auto& lone = app.get("/lone", app.actors()).per_request();
  CHECK_THROWS_AS(lone.supervised({}), std::invalid_argument);
  auto& spawned = app.get("/spawned/:id", app.actors());
  CHECK_THROWS_AS(spawned.supervised({.restarts = 1001}), std::invalid_argument);
  CHECK_THROWS_AS(spawned.supervised({.within = 0ms}), std::invalid_argument);
  CHECK_THROWS_AS(spawned.supervised({.backoff = -1ms}), std::invalid_argument);
  CHECK_THROWS_AS(spawned.supervised({.backoff = 2s, .backoff_max = 1s}), std::invalid_argument);
  CHECK_THROWS_AS(spawned.supervised({.quarantine = 0ms}), std::invalid_argument);
  CHECK_THROWS_AS(spawned.supervised({.quarantine = 25h}), std::invalid_argument);
  CHECK_NOTHROW(spawned.supervised({.restarts = 0}).keyed_by("id"));
  CHECK_THROWS_AS(spawned.per_request(), std::invalid_argument);
}

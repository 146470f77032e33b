// What an access observer is told of each response of a connection.
#include "../support/access_recorder.hpp"
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/settings_with.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/http/limits.hpp>
#include <sake/testing/test_app.hpp>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::access_outcome;
using sake::context;
using sake::task;
using sake::test::chunked_head;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::pool_of;
using sake::test::post;
using sake::test::post_head;
using sake::test::recording;
using sake::test::settings_with;
using sake::test::shard_fixture;
using sake::test::told_response;
using namespace std::chrono_literals;
namespace http = sake::http;

namespace {

// A base class, so that it outlives the connections that tell it.
struct told_responses {
  std::vector<told_response> told;

  [[nodiscard]] std::vector<std::string> lines() const {
    std::vector<std::string> all;
    for (const auto& each : told)
      all.push_back(each.line());
    return all;
  }
};

struct access_fixture : told_responses, shard_fixture {
  explicit access_fixture(http::settings chosen = {}) : shard_fixture(std::move(chosen)) {
    begin();
  }
  access_fixture(http::settings chosen, const sake::actors::pool_settings& workers)
      : shard_fixture(std::move(chosen), workers) {
    begin();
  }

  // `get` and `post` of a route group would hide the functions of this name.
  void begin() {
    observers().add_access(recording(told));
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/hello/:name", [](context& ctx) { ctx.string(200, "hello"); }).name("hello");
    this->get("/slow", [](context& ctx) -> task<> {
      co_await ctx.sleep(1s);
      ctx.string(200, "slow");
    });
    this->post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
  }

  // The octets that a peer with all the room in the world got, against those that were told.
  void check_octets(const std::string& got) const {
    std::size_t sent = 0;
    for (const auto& each : told)
      sent += each.sent;
    CHECK(sent == got.size());
  }
};

using lines = std::vector<std::string>;

constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

} // namespace

TEST_CASE("an observer is told of a response with all its facts", "[actors][access]") {
  access_fixture app;
  auto peer = app.connect();
  const auto got = app.ask(peer, get("/hello/you?a=b", "X-Request-Id: abc\r\n"));
  REQUIRE(app.told.size() == 1);
  const auto& told = app.told[0];
  CHECK(told.line() == "GET /hello/you?a=b HTTP/1.1 200 sent");
  CHECK(told.request_id == "abc");
  CHECK(told.route_name == "hello");
  CHECK(told.route_pattern == "/hello/:name");
  CHECK(told.received == 0);
  CHECK(told.sent == got.size());
  CHECK(told.until_response == 0ns);
}

TEST_CASE("an observer is told how long a response took", "[actors][access]") {
  access_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/slow")).empty());
  CHECK(app.told.empty());
  peer.accept(10);
  app.advance(1s);
  CHECK(app.told.empty());
  app.advance(2s);
  peer.accept(no_limit);
  app.run();
  REQUIRE(app.told.size() == 1);
  CHECK(app.told[0].until_response == 1s);
  CHECK(app.told[0].until_end == 3s);
  app.check_octets(peer.take());
}

TEST_CASE("an observer is told of responses that no handler made", "[actors][access]") {
  access_fixture app{settings_with([](http::settings& chosen) {
    chosen.limits.content_bytes = 100;
    chosen.limits.field_section_bytes = 200;
    chosen.deadlines.head = 1s;
    chosen.deadlines.content = 1s;
  })};
  auto peer = app.connect();
  std::string got;
  std::string route;
  SECTION("404: no route matches") {
    got = app.ask(peer, get("/nowhere"));
    CHECK(app.lines() == lines{"GET /nowhere HTTP/1.1 404 sent"});
  }
  SECTION("405: no route has the method") {
    got = app.ask(peer, post("/", ""));
    CHECK(app.lines() == lines{"POST / HTTP/1.1 405 sent"});
  }
  SECTION("400: the head breaks a rule") {
    got = app.ask(peer, "GET / HTTP/1.1\r\n\r\n");
    CHECK(app.lines() == lines{"  HTTP/1.1 400 sent"});
  }
  SECTION("431: the head is too large") {
    got = app.ask(peer, get("/", "A: " + std::string(300, 'a') + "\r\n"));
    CHECK(app.lines() == lines{"  HTTP/1.1 431 sent"});
  }
  SECTION("408: the head does not end") {
    CHECK(app.ask(peer, "GET / HT").empty());
    app.advance(1s);
    got = peer.take();
    CHECK(app.lines() == lines{"  HTTP/1.1 408 sent"});
  }
  SECTION("408: the content does not end") {
    CHECK(app.ask(peer, post_head("/echo", 10) + "abc").empty());
    app.advance(1s);
    got = peer.take();
    CHECK(app.lines() == lines{"POST /echo HTTP/1.1 408 sent"});
    CHECK(app.told[0].received == 3);
    CHECK(app.told[0].until_response == 1s);
    route = "/echo"; // it had the head already
  }
  SECTION("413: the content is too large, and says so") {
    got = app.ask(peer, post_head("/echo", 101));
    CHECK(app.lines() == lines{"POST /echo HTTP/1.1 413 sent"});
    CHECK(app.told[0].received == 0);
  }
  SECTION("413: the content turns out to be too large") {
    CHECK(app.ask(peer, chunked_head("/echo") + "32\r\n" + std::string(50, 'a') + "\r\n").empty());
    got = app.ask(peer, "60\r\n" + std::string(96, 'b') + "\r\n");
    CHECK(app.lines() == lines{"POST /echo HTTP/1.1 413 sent"});
    CHECK(app.told[0].received >= 50);
    route = "/echo";
  }
  REQUIRE(app.told.size() == 1);
  CHECK(app.told[0].route_pattern == route);
  CHECK(app.told[0].route_name.empty() == route.empty());
  CHECK_FALSE(app.told[0].request_id.empty());
  app.check_octets(got);
}

TEST_CASE("an observer is told of the 503 of a connection past the limit", "[actors][access]") {
  access_fixture app;
  auto peer = app.connect_refused();
  CHECK(app.lines() == lines{"  HTTP/1.1 503 sent"});
  app.check_octets(peer.take());
}

TEST_CASE("an observer is told of the 503 of a full pool", "[actors][access]") {
  gate held;
  access_fixture app{{}, pool_of(1, 0)};
  app.get("/work",
          [&held](context& ctx) {
            held.pass();
            ctx.string(200, "done");
          })
      .worker();
  auto first = app.connect();
  auto second = app.connect();
  CHECK(app.ask(first, get("/work")).empty());
  const auto got = app.ask(second, get("/work"));
  CHECK(app.lines() == lines{"GET /work HTTP/1.1 503 sent"});
  CHECK(app.told[0].route_pattern == "/work");
  CHECK(app.told[0].sent == got.size());
  held.open();
  app.run_until([&] { return app.told.size() == 2; });
  CHECK(app.told[1].line() == "GET /work HTTP/1.1 200 sent");
}

TEST_CASE("an observer is told of the 504 that a client gets", "[actors][access]") {
  access_fixture app;
  app.get("/late", [](context& ctx) -> task<> { co_await ctx.sleep(1h); }).timeout(100ms);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/late")).empty());
  app.advance(100ms);
  CHECK(app.lines() == lines{"GET /late HTTP/1.1 504 sent"});
  CHECK(app.told[0].route_pattern == "/late");
  CHECK(app.told[0].until_response == 100ms);
  app.check_octets(peer.take());
}

TEST_CASE("an observer is told of content, whole and in pieces", "[actors][access]") {
  access_fixture app;
  app.post("/count",
           [](context& ctx) -> task<> {
             while (co_await ctx.read()) {
             }
             ctx.string(200, "read");
           })
      .streams_content();
  app.post("/early", [](context& ctx) { ctx.string(200, "early"); }).streams_content();
  auto peer = app.connect();
  SECTION("in one piece with the head") {
    (void)app.ask(peer, post("/echo", "abcde"));
    CHECK(app.told.at(0).received == 5);
  }
  SECTION("after the head") {
    CHECK(app.ask(peer, post_head("/echo", 5) + "ab").empty());
    (void)app.ask(peer, "cde");
    CHECK(app.told.at(0).received == 5);
  }
  SECTION("of a route that takes it in pieces, in chunks") {
    CHECK(app.ask(peer, chunked_head("/count") + "3\r\nabc\r\n").empty());
    (void)app.ask(peer, "4\r\ndefg\r\n0\r\n\r\n");
    CHECK(app.told.at(0).received == 7);
  }
  SECTION("with 100 Continue, which is no response") {
    CHECK(app.ask(peer, post_head("/echo", 5, "Expect: 100-continue\r\n"))
          == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(app.told.empty());
    app.check_octets(app.ask(peer, "abcde"));
    CHECK(app.told.at(0).received == 5);
  }
  SECTION("until the response, if that does not wait for it") {
    (void)app.ask(peer, post_head("/early", 5) + "ab");
    CHECK(app.told.at(0).received == 2);
    (void)app.ask(peer, "cde");
  }
  CHECK(app.told.size() == 1);
}

TEST_CASE("an observer is told of a streamed response once it is whole", "[actors][access]") {
  access_fixture app;
  app.get("/pieces", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("first");
    co_await ctx.sleep(1s);
    co_await out.write("second");
  });
  auto peer = app.connect();
  auto got = app.ask(peer, get("/pieces"));
  CHECK_FALSE(got.empty());
  CHECK(app.told.empty());
  app.advance(1s);
  got += peer.take();
  CHECK(app.lines() == lines{"GET /pieces HTTP/1.1 200 sent"});
  CHECK(app.told[0].until_response == 0s);
  CHECK(app.told[0].until_end == 1s);
  app.check_octets(got);
}

TEST_CASE("an observer is told of a stream that the server cuts off", "[actors][access]") {
  access_fixture app;
  app.get("/broken", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("first");
    co_await ctx.sleep(1s);
    throw std::runtime_error("no second");
  });
  app.get("/never", [](context& ctx) -> task<> {
    const auto out = ctx.stream(200, "text/plain");
    (void)out;
    throw std::runtime_error("no first");
    co_return;
  });
  auto peer = app.connect();
  SECTION("after its head") {
    const auto request =
        GENERATE("GET /broken HTTP/1.1\r\nHost: a\r\n\r\n", "GET /broken HTTP/1.0\r\n\r\n");
    auto got = app.ask(peer, request);
    app.advance(1s);
    got += peer.take();
    REQUIRE(app.told.size() == 1);
    CHECK(app.told[0].status == 200);
    CHECK(app.told[0].outcome == access_outcome::cut_off);
    app.check_octets(got);
  }
  SECTION("before its head: that is an ordinary 500") {
    app.check_octets(app.ask(peer, get("/never")));
    CHECK(app.lines() == lines{"GET /never HTTP/1.1 500 sent"});
  }
  CHECK(peer.is_closed() == (app.told[0].outcome == access_outcome::cut_off));
}

TEST_CASE("an observer is told of responses to HEAD without content", "[actors][access]") {
  access_fixture app;
  app.head("/pieces", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("first");
  });
  auto peer = app.connect();
  const auto path = GENERATE("/", "/pieces");
  app.check_octets(app.ask(peer, "HEAD " + std::string{path} + " HTTP/1.1\r\nHost: a\r\n\r\n"));
  CHECK(app.lines() == lines{"HEAD " + std::string{path} + " HTTP/1.1 200 sent"});
}

TEST_CASE("an observer is told of pipelined responses in the order of the octets",
          "[actors][access]") {
  access_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/slow") + get("/") + get("/nowhere")).empty());
  CHECK(app.told.empty());
  app.advance(1s);
  CHECK(app.lines()
        == lines{"GET /slow HTTP/1.1 200 sent", "GET / HTTP/1.1 200 sent",
                 "GET /nowhere HTTP/1.1 404 sent"});
  // The second was ready at once, and had to wait for the first.
  CHECK(app.told[1].until_response == 0s);
  CHECK(app.told[1].until_end == 1s);
  CHECK(app.told[0].request_id != app.told[1].request_id);
  app.check_octets(peer.take());
}

TEST_CASE("an observer is told of HTTP/1.0 by its name", "[actors][access]") {
  access_fixture app;
  auto peer = app.connect();
  app.check_octets(app.ask(peer, "GET / HTTP/1.0\r\n\r\n"));
  CHECK(app.lines() == lines{"GET / HTTP/1.0 200 sent"});
}

TEST_CASE("an observer is told of a client that leaves", "[actors][access]") {
  access_fixture app;
  app.get("/large", [](context& ctx) { ctx.string(200, std::string(100'000, 'x')); });
  auto peer = app.connect();
  SECTION("before the response") {
    CHECK(app.ask(peer, get("/slow")).empty());
    app.advance(500ms);
    peer.reset();
    app.run();
    CHECK(app.lines() == lines{"GET /slow HTTP/1.1 499 client left"});
    CHECK(app.told[0].sent == 0);
    CHECK(app.told[0].route_pattern == "/slow");
    CHECK(app.told[0].until_end == 500ms);
  }
  SECTION("in an orderly way, before the response") {
    CHECK(app.ask(peer, get("/slow") + get("/")).empty());
    peer.finish();
    app.run();
    CHECK(app.lines()
          == lines{"GET /slow HTTP/1.1 499 client left", "GET / HTTP/1.1 499 client left"});
  }
  SECTION("after half of the response") {
    peer.accept(50'000);
    const auto got = app.ask(peer, get("/large") + get("/"));
    CHECK(app.told.empty());
    peer.reset();
    app.run();
    CHECK(app.lines()
          == lines{"GET /large HTTP/1.1 200 client left", "GET / HTTP/1.1 499 client left"});
    app.check_octets(got);
  }
  SECTION("by taking no more of the response") {
    peer.accept(50'000);
    const auto got = app.ask(peer, get("/large"));
    peer.set_in_transit(50'000);
    app.advance(31s);
    CHECK(app.lines() == lines{"GET /large HTTP/1.1 200 client left"});
    app.check_octets(got);
  }
  SECTION("with its content incomplete") {
    CHECK(app.ask(peer, post_head("/echo", 10) + "abc").empty());
    peer.finish();
    app.run();
    CHECK(app.lines() == lines{"POST /echo HTTP/1.1 499 client left"});
    CHECK(app.told[0].received == 3);
  }
  SECTION("with its head incomplete: that is no request") {
    CHECK(app.ask(peer, "GET / HT").empty());
    peer.finish();
    app.run();
    CHECK(app.told.empty());
  }
  CHECK(peer.is_closed());
}

TEST_CASE("an observer is told of requests that a closing response drops", "[actors][access]") {
  access_fixture app;
  app.get("/close", [](context& ctx) {
    ctx.set_header("Connection", "close");
    ctx.string(200, "bye");
  });
  auto peer = app.connect();
  const std::string rest = GENERATE("", "GET / HT"); // with a rest the connection lingers
  const auto got = app.ask(peer, get("/close") + get("/slow") + rest);
  peer.finish();
  app.advance(20s);
  CHECK(app.lines() == lines{"GET /close HTTP/1.1 200 sent", "GET /slow HTTP/1.1 499 cut off"});
  app.check_octets(got);
}

TEST_CASE("an observer is told of the responses of a drain", "[actors][access]") {
  access_fixture app;
  auto waiting = app.connect();
  auto idle = app.connect();
  CHECK(app.ask(waiting, get("/slow")).empty());
  (void)app.ask(idle, get("/"));
  app.shard().reactor().post([&app] { app.shard().drain(); });
  app.run();
  CHECK(app.lines() == lines{"GET / HTTP/1.1 200 sent"});
  SECTION("a response in time is sent") {
    app.advance(1s);
    CHECK(app.told.at(1).line() == "GET /slow HTTP/1.1 200 sent");
  }
  SECTION("a late one is cut off") {
    app.shard().disconnect();
    CHECK(app.told.at(1).line() == "GET /slow HTTP/1.1 499 cut off");
  }
  CHECK(app.told.size() == 2);
}

TEST_CASE("several observers are told, each once", "[actors][access]") {
  std::vector<told_response> others;
  access_fixture app;
  app.observers().add_access(recording(others));
  auto peer = app.connect();
  (void)app.ask(peer, get("/"));
  CHECK(app.told.size() == 1);
  CHECK(others.size() == 1);
}

TEST_CASE("each reactor has observers of its own", "[actors][access]") {
  std::vector<std::size_t> made;
  std::vector<told_response> told;
  sake::testing::test_app app{sake::config{}, 2};
  app.routes().get("/", [](context& ctx) { ctx.string(200, "root"); });
  app.observe_access([&](std::size_t reactor) {
    made.push_back(reactor);
    return std::make_unique<sake::test::access_recorder>(told);
  });
  (void)app.get("/");
  (void)app.get("/");
  CHECK(made == std::vector<std::size_t>{0, 1});
  CHECK(told.size() == 2);
}

TEST_CASE("observers are registered before the start", "[actors][access]") {
  std::vector<told_response> told;
  sake::testing::test_app app;
  app.routes().get("/", [](context& ctx) { ctx.string(200, "root"); });
  SECTION("an empty factory is refused") {
    CHECK_THROWS_AS(app.observe_access({}), std::invalid_argument);
  }
  SECTION("a factory that returns null is refused at the start") {
    app.observe_access([](std::size_t) { return nullptr; });
    CHECK_THROWS_AS(app.get("/"), std::invalid_argument);
  }
  SECTION("a factory after the start is refused") {
    (void)app.get("/");
    CHECK_THROWS_AS(app.observe_access(recording(told)), std::logic_error);
  }
}

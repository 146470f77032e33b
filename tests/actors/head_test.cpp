// Decisions on the head of a request alone, and limits of content and time that a route sets.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <utility>

using sake::context;
using sake::task;
using sake::http::request;
using sake::test::chunked_head;
using sake::test::closes;
using sake::test::get;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::post;
using sake::test::post_head;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
constexpr auto expects = "Expect: 100-continue\r\n";

struct head_fixture : shard_fixture {
  explicit head_fixture(sake::http::settings chosen = {}) : shard_fixture(std::move(chosen)) {
    this->post("/echo", [this](context& ctx) {
      ++handled;
      ctx.string(200, ctx.body());
    });
    this->post("/guarded",
               [this](context& ctx) {
                 ++handled;
                 ctx.string(200, ctx.body());
               })
        .use([](context& ctx) {
          if (ctx.header("Authorization").empty())
            ctx.abort_with_status(401);
        });
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
  }

  int handled = 0;
};

std::string too_large(std::string_view connection = closes) {
  const auto& why = sake::http::refusals::content_too_large;
  return text_on_wire(why.status, std::string{why.reason} + '\n', connection);
}

} // namespace

// -- answers at the head ---------------------------------------------------------------

TEST_CASE("a request decided by its head is answered at once, and its content is discarded",
          "[actors][head]") {
  head_fixture app;
  auto peer = app.connect();
  SECTION("404: no route") {
    CHECK(app.ask(peer, post_head("/nowhere", 10)) == plain_on_wire(404));
  }
  SECTION("405: no route for the method") {
    CHECK(app.ask(peer, post_head("/", 10)).starts_with("HTTP/1.1 405 "));
  }
  SECTION("401: middleware") {
    CHECK(app.ask(peer, post_head("/guarded", 10)) == plain_on_wire(401));
  }
  SECTION("404: no route, chunked content") {
    CHECK(app.ask(peer, chunked_head("/nowhere") + "3\r\nabc\r\n") == plain_on_wire(404));
    CHECK(app.ask(peer, "0\r\n\r\n" + get("/")) == text_on_wire(200, "root"));
    return;
  }
  CHECK(app.handled == 0);
  CHECK_FALSE(peer.has_shut_down());
  CHECK(app.ask(peer, "12345").empty());
  CHECK(app.ask(peer, "67890" + get("/")) == text_on_wire(200, "root"));
  CHECK(peer.awaits_input());
}

TEST_CASE("RFC 9110 §10.1.1: a client that expects 100 gets the final status and a close",
          "[actors][head]") {
  head_fixture app;
  auto peer = app.connect();
  SECTION("middleware answers") {
    CHECK(app.ask(peer, post_head("/guarded", 10, expects)) == plain_on_wire(401, closes));
  }
  SECTION("no route matches") {
    CHECK(app.ask(peer, post_head("/nowhere", 10, expects)) == plain_on_wire(404, closes));
  }
  CHECK(app.handled == 0);
  // The connection reads on, so that the client gets the answer.
  CHECK(peer.has_shut_down());
  CHECK_FALSE(peer.is_closed());
  CHECK(app.ask(peer, "1234567890").empty());
  peer.finish();
  app.run();
  CHECK(peer.is_gone());
}

TEST_CASE("content too large to be discarded closes the connection after the answer",
          "[actors][head]") {
  head_fixture app;
  auto peer = app.connect();
  const auto limit = sake::http::discarded_content_bytes;
  SECTION("its length is too large") {
    CHECK(app.ask(peer, post_head("/nowhere", limit)) == plain_on_wire(404));
    CHECK(app.ask(peer, std::string(limit, 'x') + get("/")) == text_on_wire(200, "root"));
    CHECK(app.ask(peer, post_head("/nowhere", limit + 1)) == plain_on_wire(404, closes));
    CHECK(peer.has_shut_down());
  }
  SECTION("its chunks turn out too large") {
    CHECK(app.ask(peer, chunked_head("/nowhere") + "10001\r\n") == plain_on_wire(404));
    CHECK(app.ask(peer, std::string(limit, 'x')).empty());
    CHECK_FALSE(peer.has_shut_down());
    CHECK(app.ask(peer, "x").empty());
    CHECK(peer.has_shut_down());
  }
}

TEST_CASE("a client that never sends content to be discarded is disconnected at its deadline",
          "[actors][head]") {
  head_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, post_head("/nowhere", 10)) == plain_on_wire(404));
  app.advance(29'999ms);
  CHECK_FALSE(peer.is_closed());
  app.advance(1ms);
  CHECK(peer.is_gone());
  CHECK(peer.take().empty());
}

TEST_CASE("a route at its limit refuses at the head, and arriving content takes no place",
          "[actors][head]") {
  head_fixture app;
  app.post("/slow",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(1s);
             ctx.string(200, ctx.body());
           })
      .max_in_flight(1);
  auto sending = app.connect();
  auto working = app.connect();
  auto late = app.connect();
  CHECK(app.ask(sending, post_head("/slow", 2)).empty());
  CHECK(app.ask(working, post("/slow", "w")).empty());
  CHECK(app.ask(late, post_head("/slow", 10, expects)).starts_with("HTTP/1.1 503 "));
  app.advance(1s);
  CHECK(working.take() == text_on_wire(200, "w"));
  CHECK(app.ask(sending, "ab").empty());
  app.advance(1s);
  CHECK(sending.take() == text_on_wire(200, "ab"));
}

TEST_CASE("a full pool refuses at the head, and again when the task is submitted",
          "[actors][head]") {
  sake::test::gate block;
  shard_fixture app{{}, pool_of(1, 1)};
  app.post("/work",
           [&](context& ctx) {
             block.pass();
             ctx.string(200, ctx.body());
           })
      .worker();
  auto sending = app.connect();
  auto running = app.connect();
  auto queued = app.connect();
  auto late = app.connect();
  CHECK(app.ask(sending, post_head("/work", 2)).empty());
  CHECK(app.ask(running, post("/work", "r")).empty());
  block.await_visitor();
  CHECK(app.ask(queued, post("/work", "q")).empty());
  SECTION("the client expects 100") {
    const auto answer = app.ask(late, post_head("/work", 10, expects));
    CHECK(answer.starts_with("HTTP/1.1 503 "));
    CHECK(answer.find("Retry-After: 1\r\n") != std::string::npos);
  }
  SECTION("the client sends its content") {
    CHECK(app.ask(late, post_head("/work", 10)).starts_with("HTTP/1.1 503 "));
    CHECK(app.ask(late, "0123456789" + get("/nowhere")) == plain_on_wire(404));
  }
  CHECK(app.ask(sending, "ab").starts_with("HTTP/1.1 503 "));
  block.open(2);
  app.run_until([&] { return running.take() == text_on_wire(200, "r"); });
  app.run_until([&] { return queued.take() == text_on_wire(200, "q"); });
}

TEST_CASE("a route with max_queued waiting requests refuses the next at its head",
          "[actors][head]") {
  sake::test::gate block;
  shard_fixture app{{}, pool_of(1)};
  app.post("/work",
           [&](context& ctx) {
             block.pass();
             ctx.string(200, ctx.body());
           })
      .worker()
      .max_queued(1);
  auto running = app.connect();
  auto queued = app.connect();
  auto late = app.connect();
  CHECK(app.ask(running, post("/work", "r")).empty());
  block.await_visitor();
  // The limit is not reached: the content is requested.
  CHECK(app.ask(queued, post_head("/work", 1, expects)) == go_on);
  CHECK(app.ask(queued, "q").empty());
  CHECK(app.ask(late, post_head("/work", 1, expects)).starts_with("HTTP/1.1 503 "));
  block.open(2);
  app.run_until([&] { return running.take() == text_on_wire(200, "r"); });
  app.run_until([&] { return queued.take() == text_on_wire(200, "q"); });
}

// -- content that is requested ---------------------------------------------------------

TEST_CASE("RFC 9110 §10.1.1: 100 Continue is sent when the handler needs the content",
          "[actors][head]") {
  head_fixture app;
  app.post("/checked", [](context& ctx) { ctx.string(200, ctx.body()); })
      .use([](context& ctx) -> task<> {
        co_await ctx.sleep(1s);
        co_await ctx.next();
      });
  auto peer = app.connect();
  CHECK(app.ask(peer, post_head("/checked", 3, expects)).empty());
  app.advance(1s);
  CHECK(peer.take() == go_on);
  CHECK(app.ask(peer, "abc") == text_on_wire(200, "abc"));
}

TEST_CASE("every kind of handler gets content whole that arrives in parts", "[actors][head]") {
  head_fixture app;
  app.post("/coroutine", [](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    const auto piece = co_await ctx.read();
    ctx.string(200, piece.value_or("none"));
  });
  app.post("/actor", app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const request& asked) { return sake::response::text(200, asked.content()); }};
  }));
  const std::string target = GENERATE("/echo", "/coroutine", "/actor");
  CAPTURE(target);
  auto peer = app.connect();
  CHECK(app.ask(peer, post_head(target, 6) + "ab").empty());
  CHECK(app.ask(peer, "cd").empty());
  peer.send("ef");
  app.run();
  app.advance(1ms);
  CHECK(peer.take() == text_on_wire(200, "abcdef"));
}

TEST_CASE("a handler does not begin when its client leaves during the content", "[actors][head]") {
  head_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, post_head("/echo", 6) + "ab").empty());
  peer.finish();
  app.run();
  CHECK(peer.is_gone());
  CHECK(app.handled == 0);
}

TEST_CASE("middleware sees the 408 of late content", "[actors][head]") {
  int seen = 0;
  head_fixture app;
  app.post("/seen", [](context&) {}).use([&seen](context& ctx) {
    ctx.next([&seen](context& after) { seen = after.response().status(); });
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, post_head("/seen", 6) + "ab").empty());
  app.advance(31s);
  CHECK(peer.take().starts_with("HTTP/1.1 408 "));
  CHECK(seen == 408);
}

// -- middleware that reads content ------------------------------------------------------------

TEST_CASE("middleware with reads_content runs once the content is whole", "[actors][head]") {
  std::string seen;
  head_fixture app;
  app.post("/signed", [](context& ctx) { ctx.string(200, ctx.body()); })
      .use(sake::reads_content([&seen](context& ctx) { seen = ctx.body(); }));
  auto peer = app.connect();
  SECTION("the content arrives with its head") {
    CHECK(app.ask(peer, post("/signed", "abc")) == text_on_wire(200, "abc"));
  }
  SECTION("the content arrives behind its head") {
    CHECK(app.ask(peer, post_head("/signed", 3) + "a").empty());
    CHECK(app.ask(peer, "bc") == text_on_wire(200, "abc"));
  }
  CHECK(seen == "abc");
}

TEST_CASE("middleware that reads content without reads_content fails", "[actors][head]") {
  head_fixture app;
  app.post("/wrong", [](context& ctx) { ctx.string(200, "handled"); }).use([](context& ctx) {
    (void)ctx.body();
  });
  auto peer = app.connect();
  SECTION("the content arrives with its head") {
    CHECK(app.ask(peer, post("/wrong", "abc")) == plain_on_wire(500));
  }
  SECTION("the content arrives behind its head") {
    CHECK(app.ask(peer, post_head("/wrong", 3)) == plain_on_wire(500));
  }
  SECTION("there is no content: the middleware succeeds") {
    CHECK(app.ask(peer, post("/wrong", "")) == text_on_wire(200, "handled"));
  }
}

// -- limits of a route ----------------------------------------------------------------------------

TEST_CASE("a route may raise or lower the limit of its content", "[actors][head]") {
  sake::http::settings chosen;
  chosen.limits.content_bytes = 100;
  head_fixture app{chosen};
  app.post("/upload", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); })
      .limits({.content_bytes = 200'000});
  app.post("/small", [](context& ctx) { ctx.string(200, ctx.body()); })
      .limits({.content_bytes = 2});
  auto peer = app.connect();
  CHECK(app.ask(peer, post("/upload", std::string(200'000, 'x'))) == text_on_wire(200, "200000"));
  CHECK(app.ask(peer, post("/small", "ab")) == text_on_wire(200, "ab"));
  CHECK(app.ask(peer, post("/echo", std::string(100, 'x'))).starts_with("HTTP/1.1 200 "));
  SECTION("the length exceeds the limit") {
    const auto [target, size] = GENERATE(
        table<std::string, std::size_t>({{"/upload", 200'001}, {"/small", 3}, {"/echo", 101}}));
    CHECK(app.ask(peer, post_head(target, size)) == too_large());
  }
  SECTION("the chunks exceed the limit") {
    CHECK(app.ask(peer, chunked_head("/small") + "2\r\nab\r\n1\r\nc\r\n") == too_large());
  }
}

TEST_CASE("a route may set the timeout of its responses", "[actors][head]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 10s;
  int ended = 0; // coroutines that still wait end with the head_fixture
  head_fixture app{chosen};
  struct guard {
    int& count;
    ~guard() { ++count; }
  };
  const auto wait = [&ended](context& ctx) -> task<> {
    const guard here{ended};
    co_await ctx.sleep(1h);
  };
  app.get("/usual", wait);
  app.get("/short", wait).timeout(1s);
  app.get("/long", wait).timeout(20s);
  app.post("/upload", wait).timeout(1s);
  CHECK_THROWS_AS(app.get("/wrong", wait).timeout(-1ms), std::invalid_argument);
  auto peer = app.connect();
  const auto timeout = plain_on_wire(504);
  SECTION("the timeout is shorter than the default") {
    CHECK(app.ask(peer, get("/short")).empty());
    app.advance(999ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
    CHECK(peer.take() == timeout);
  }
  SECTION("the timeout is longer than the default") {
    CHECK(app.ask(peer, get("/long")).empty());
    app.advance(19'999ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
    CHECK(peer.take() == timeout);
  }
  SECTION("a request waits behind one with a longer timeout") {
    CHECK(app.ask(peer, get("/long") + get("/usual") + get("/short")).empty());
    app.advance(1s);
    CHECK(ended == 1);
    app.advance(9s);
    CHECK(ended == 2);
    CHECK(peer.take().empty());
    app.advance(10s);
    CHECK(peer.take() == timeout + timeout + timeout);
  }
  SECTION("the timeout runs from the end of the content") {
    CHECK(app.ask(peer, post_head("/upload", 2)).empty());
    app.advance(5s);
    CHECK(app.ask(peer, "ab").empty());
    app.advance(999ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
    CHECK(peer.take() == timeout);
  }
}

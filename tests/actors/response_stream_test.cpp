// Streamed responses of handlers: back-pressure up to the peer, and every way in which they end.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/actors/reactor/messages.hpp>
#include <sake/http/limits.hpp>
#include <sake/routing/event_stream.hpp>
#include <sake/routing/when.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::test::closes;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// Each frame holds the token, so its use count gives the number of frames.
using token = std::shared_ptr<int>;

constexpr std::size_t limit = sake::http::waiting_content_bytes;
constexpr std::size_t no_limit = static_cast<std::size_t>(-1);

const std::string last_chunk = "0\r\n\r\n";

std::string head(std::string_view last_fields = {}, std::string_view framing = "Transfer-Encoding: "
                                                                               "chunked\r\n") {
  return "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Type: text/plain\r\n"
         + std::string{framing} + std::string{last_fields} + "\r\n";
}

std::string chunk(std::string_view octets) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", octets.size());
  return std::string{size}.append(octets).append("\r\n");
}

// The data of all chunks in `wire`, the last of which may be cut.
std::string content_of(std::string_view wire) {
  std::string content;
  while (!wire.empty()) {
    const auto size = std::stoul(std::string{wire}, nullptr, 16);
    wire.remove_prefix(std::min(wire.size(), wire.find("\r\n") + 2));
    content += wire.substr(0, size);
    wire.remove_prefix(std::min(wire.size(), size + 2));
    if (size == 0)
      break;
  }
  return content;
}

std::string head_request(std::string_view target) {
  return "HEAD " + std::string{target} + " HTTP/1.1\r\nHost: a\r\n\r\n";
}

struct response_stream_fixture : shard_fixture {
  using shard_fixture::shard_fixture;
  // A handler may run on the pool until then.
  ~response_stream_fixture() { close(); }

  // A route that writes `count` pieces, or pieces until the stream is closed.
  sake::route& add_source(std::string_view path, std::string piece, std::size_t count = no_limit) {
    return this->get(path, [this, piece, count, held = token{alive}](context& ctx) -> task<> {
      const auto own = held;
      auto out = ctx.stream(200, "text/plain");
      for (std::size_t i = 0; i < count; ++i) {
        co_await out.write(piece);
        ++written;
      }
      ++ended;
    });
  }
  [[nodiscard]] long frames() const { return alive.use_count() - without_; }
  // Counts frames from this point on.
  void settle() { without_ = alive.use_count(); }

  token alive = std::make_shared<int>();
  std::atomic<std::size_t> written = 0;
  std::atomic<int> ended = 0;

private:
  long without_ = 0;
};

} // namespace

TEST_CASE("views of a request stay valid when an actor holds the request as well",
          "[actors][stream]") {
  response_stream_fixture app;
  const auto keeper = app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[kept = std::vector<sake::request>{}](const sake::request& asked) mutable {
      kept.push_back(asked);
      return sake::response::text(200, "kept");
    }};
  });
  const std::string word(64, 'w');
  app.get("/:id", [keeper](context& ctx) -> task<> {
    const auto id = ctx.param("id");
    const auto field = ctx.header("X-Word");
    (void)co_await ctx.ask<sake::response>(keeper, 1s, ctx.request());
    auto out = ctx.stream(200, "text/plain");
    CHECK(static_cast<const void*>(ctx.param("id").data()) == id.data());
    co_await out.write(std::string{id} + std::string{field});
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, "GET /" + word + " HTTP/1.1\r\nHost: a\r\nX-Word: " + word + "\r\n\r\n")
        == head() + chunk(word + word) + last_chunk);
}

TEST_CASE("pieces are sent as they are written, in one write for each turn", "[actors][stream]") {
  response_stream_fixture app;
  app.use([](context& ctx) { ctx.set_header("X-Before", "1"); });
  app.get("/", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("a");
    co_await out.write("");
    co_await out.write("b");
    co_await ctx.sleep(5ms);
    co_await out.write("cc");
    co_await ctx.sleep(5ms);
  });
  app.get("/next", [](context& ctx) { ctx.string(200, "next"); });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/"))
        == "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nX-Before: 1\r\n"
           "Content-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n"
               + chunk("ab"));
  CHECK(peer.write_count() == 1);
  app.advance(5ms);
  CHECK(peer.take() == chunk("cc"));
  app.advance(5ms);
  CHECK(peer.take() == last_chunk);
  CHECK(app.ask(peer, get("/next")).ends_with("next"));
}

TEST_CASE("a head is sent before there is content", "[actors][stream]") {
  response_stream_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    (void)ctx.stream(200, "text/plain");
    co_await ctx.sleep(1h);
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == head());
  // The deadlines of requests and of idle connections no longer apply.
  app.advance(59min);
  CHECK_FALSE(peer.is_closed());
  app.advance(1min);
  CHECK(peer.take() == last_chunk);
}

TEST_CASE("a writer waits while the peer takes nothing", "[actors][stream]") {
  response_stream_fixture app;
  const std::string piece(1000, 'x');
  constexpr std::size_t count = 1000;
  app.add_source("/", piece, count);
  auto peer = app.connect();
  peer.accept(0);
  app.settle();
  (void)app.ask(peer, get("/"));
  CHECK(app.frames() == 1);
  // One limit of octets waits in the stream, another is encoded.
  const auto most = app.written.load();
  CHECK(most * piece.size() < 3 * limit);
  app.advance(10s);
  CHECK(app.written == most);
  CHECK_FALSE(peer.awaits_input());

  // The octets taken make room for about as many.
  std::string got;
  std::size_t accepted = 0;
  while (app.ended == 0) {
    peer.accept(10'000);
    app.run();
    got += peer.take();
    accepted += 10'000;
    REQUIRE(app.written * piece.size() < accepted + 3 * limit);
    REQUIRE(accepted < 2 * count * piece.size());
  }
  CHECK(app.frames() == 0);
  peer.accept(no_limit);
  app.run();
  got += peer.take();
  REQUIRE(got.starts_with(head()));
  CHECK(got.ends_with("\r\n" + last_chunk));
  CHECK(content_of(std::string_view{got}.substr(head().size()))
        == std::string(count * piece.size(), 'x'));
}

TEST_CASE("a peer that takes octets as fast as they are written does not occupy the reactor",
          "[actors][stream]") {
  std::size_t written_before = 0;
  response_stream_fixture app;
  app.add_source("/", std::string(limit, 'x'), 100);
  app.get("/quick", [&](context& ctx) {
    written_before = app.written;
    ctx.string(200, "quick");
  });
  auto greedy = app.connect();
  auto other = app.connect();
  greedy.send(get("/"));
  other.send(get("/quick"));
  app.run();
  CHECK(app.ended == 1);
  CHECK(other.take() == text_on_wire(200, "quick"));
  CHECK(written_before < 3);
}

// -- the client leaves ----------------------------------------------------------------

TEST_CASE("a client that leaves ends the writer where it waits", "[actors][stream][cancel]") {
  std::vector<int> seen;
  response_stream_fixture app;
  app.use([&seen](context& ctx) {
    ctx.next([&seen](context& after) { seen.push_back(after.response().status()); });
  });
  app.get("/", [held = app.alive](context& ctx) -> task<> {
    const auto own = held;
    auto out = ctx.stream(200, "text/plain");
    for (;;) {
      co_await out.write(std::string(1000, 'x'));
      co_await ctx.sleep(1ms);
    }
  });
  app.add_source("/all", std::string(1000, 'x'));
  app.get("/later", [](context& ctx) -> task<> { co_await ctx.sleep(1h); });
  auto peer = app.connect();
  app.settle();
  SECTION("the writer waits for room") {
    peer.accept(0);
    (void)app.ask(peer, get("/all"));
    CHECK(app.frames() == 1);
    peer.reset();
    app.run();
  }
  SECTION("the writer waits for a sleep") {
    (void)app.ask(peer, get("/"));
    peer.finish();
    app.run();
  }
  SECTION("the writer waits for its place in the pipeline") {
    (void)app.ask(peer, get("/later") + get("/all"));
    CHECK(app.frames() == 1);
    peer.finish();
    app.run();
    CHECK(seen.size() == 2);
    seen.resize(1);
  }
  SECTION("the client is reset at its write deadline") {
    peer.accept(0);
    (void)app.ask(peer, get("/all"));
    app.advance(29'999ms);
    CHECK(app.frames() == 1);
    app.advance(1ms);
    CHECK(peer.was_reset());
  }
  CHECK(app.frames() == 0);
  CHECK(seen == std::vector<int>{499});
  CHECK(peer.is_gone());
}

// -- other ends -----------------------------------------------------------------------

TEST_CASE("a stream that ends because of a full pool is cut, and the log says so",
          "[actors][stream]") {
  const sake::test::captured_log log;
  response_stream_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("ab");
    co_await ctx.sleep(5ms);
    throw sake::pool_full{};
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == head() + chunk("ab"));
  app.advance(5ms);
  CHECK(peer.take().empty());
  CHECK(peer.is_closed());
  CHECK(log.has_begun("handler failed; error=\"the queue of the worker pool is full\" "
                      "response=cut_off"));
}

TEST_CASE("a handler that throws leaves its response incomplete", "[actors][stream]") {
  response_stream_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("ab");
    co_await ctx.sleep(5ms);
    co_await out.write("cd");
    throw std::runtime_error("boom");
  });
  app.get("/at-once", [](context& ctx) -> task<> {
    co_await ctx.stream(200, "text/plain").write("ab");
    throw std::runtime_error("boom");
  });
  app.get("/short", [](context& ctx) -> task<> {
    co_await ctx.stream(200, "text/plain", 5).write("ab");
    co_await ctx.sleep(5ms);
  });
  auto peer = app.connect();
  SECTION("the content is chunked") {
    CHECK(app.ask(peer, get("/") + get("/")) == head() + chunk("ab"));
    app.advance(5ms);
    CHECK(peer.take() == chunk("cd"));
    CHECK(peer.is_closed());
    CHECK_FALSE(peer.was_reset());
  }
  SECTION("the end of the connection ends the content: a reset") {
    CHECK(app.ask(peer, "GET / HTTP/1.0\r\n\r\n") == head(closes, "") + "ab");
    app.advance(5ms);
    CHECK(peer.take() == "cd");
    CHECK(peer.was_reset());
  }
  SECTION("the content is shorter than announced") {
    CHECK(app.ask(peer, get("/short")) == head({}, "Content-Length: 5\r\n") + "ab");
    app.advance(5ms);
    CHECK(peer.take().empty());
    CHECK(peer.is_closed());
  }
  SECTION("the end of the shard cuts the content") {
    const bool old = GENERATE(false, true);
    (void)app.ask(peer, old ? "GET / HTTP/1.0\r\n\r\n" : get("/"));
    app.close();
    CHECK(peer.was_reset() == old);
  }
  SECTION("the head has not been sent: 500") {
    CHECK(app.ask(peer, get("/at-once")) == plain_on_wire(500));
    CHECK_FALSE(peer.is_closed());
  }
}

TEST_CASE("a handler that can never be resumed leaves its response incomplete",
          "[actors][stream]") {
  struct forgetful {
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    void await_resume() const noexcept {}
  };
  response_stream_fixture app;
  app.get("/", [held = app.alive](context& ctx) -> task<> {
    const auto own = held;
    (void)ctx.stream(200, "text/plain");
    co_await ctx.sleep(5ms);
    co_await forgetful{};
  });
  auto peer = app.connect();
  app.settle();
  CHECK(app.ask(peer, get("/")) == head());
  app.advance(5ms);
  CHECK(peer.take().empty());
  CHECK(peer.is_closed());
  CHECK(app.frames() == 0);
}

TEST_CASE("middleware sees the end of a stream and can no longer change it", "[actors][stream]") {
  std::vector<std::string> seen;
  response_stream_fixture app;
  app.use([&seen](context& ctx) {
    ctx.next([&seen](context& after) {
      seen.push_back(std::to_string(after.response().status()));
      after.set_header("X-Late", "1").string(404, "late");
    });
  });
  app.use([&seen](context& ctx) -> task<> {
    co_await ctx.next();
    co_await ctx.sleep(5ms);
    seen.push_back(std::string{ctx.response().header("Content-Type").value_or("none")});
  });
  app.get("/", [](context& ctx) -> task<> { co_await ctx.stream(200, "text/plain").write("x"); });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == head() + chunk("x") + last_chunk);
  CHECK(seen.empty()); // the stream ends before middleware sees its end
  app.advance(5ms);
  CHECK(peer.take().empty());
  CHECK(seen == std::vector<std::string>{"text/plain", "200"});
}

// -- HEAD, HTTP/1.0, Content-Length -----------------------------------------------------

TEST_CASE("RFC 9110 §9.3.2: for HEAD the handler ends at its first write", "[actors][stream]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  std::vector<int> seen;
  response_stream_fixture app{{}, pool_of(1)};
  app.use([&seen](context& ctx) {
    ctx.next([&seen](context& after) { seen.push_back(after.response().status()); });
  });
  auto& added = app.add_source("/", "x");
  if (on_pool)
    added.worker();
  app.get("/next", [](context& ctx) { ctx.string(200, "next"); });
  auto peer = app.connect();
  app.settle();
  peer.send(head_request("/") + get("/next"));
  std::string got;
  app.run_until([&] { return (got += peer.take()).ends_with("next"); });
  CHECK(got == head() + text_on_wire(200, "next"));
  app.run_until([&] { return seen.size() == 2; });
  CHECK(seen == std::vector<int>{200, 200});
  CHECK(app.frames() == 0);
  CHECK(app.ended == 0);
}

TEST_CASE("RFC 9112 §6.3: an HTTP/1.0 client gets the content until the connection closes",
          "[actors][stream]") {
  response_stream_fixture app;
  app.add_source("/", "abc", 2);
  auto peer = app.connect();
  CHECK(app.ask(peer, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        == head(closes, "") + "abcabc");
  CHECK(peer.is_closed());
  CHECK_FALSE(peer.was_reset());
}

TEST_CASE("a stream may announce its length", "[actors][stream]") {
  response_stream_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain", 6);
    co_await out.write("abc");
    co_await ctx.sleep(5ms);
    co_await out.write("def");
  });
  app.get("/more", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain", 3);
    co_await out.write("abc");
    co_await ctx.sleep(5ms);
    co_await out.write("d");
  });
  auto peer = app.connect();
  const auto with = [](int n) { return head({}, "Content-Length: " + std::to_string(n) + "\r\n"); };
  CHECK(app.ask(peer, get("/")) == with(6) + "abc");
  app.advance(5ms);
  CHECK(peer.take() == "def");
  CHECK(app.ask(peer, head_request("/")) == with(6));
  CHECK(app.ask(peer, get("/more")) == with(3) + "abc");
  app.advance(5ms);
  CHECK(peer.take().empty()); // no octet beyond the length
  CHECK(peer.is_closed());
}

// -- beside other requests ------------------------------------------------------------

TEST_CASE("a stream behind a waiting request is kept up to the limit", "[actors][stream]") {
  response_stream_fixture app;
  app.get("/later", [](context& ctx) -> task<> {
    co_await ctx.sleep(1s);
    ctx.string(200, "later");
  });
  app.add_source("/", std::string(1000, 'x'), 200);
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/later") + get("/") + get("/later")).empty());
  CHECK(app.written == limit / 1000);
  app.advance(1s);
  const auto got = peer.take();
  const auto first = text_on_wire(200, "later");
  CHECK(got.starts_with(first + head()));
  CHECK(got.ends_with("\r\n" + last_chunk + first));
  CHECK(app.ended == 1);
}

TEST_CASE("a worker writes a stream", "[actors][stream][worker]") {
  response_stream_fixture app{{}, pool_of(1)};
  const std::string piece(1000, 'x');
  constexpr std::size_t count = 500;
  app.add_source("/", piece, count).worker();
  auto peer = app.connect();
  peer.accept(0);
  app.settle();
  (void)app.ask(peer, get("/"));
  // Octets on their way to the reactor, octets that wait there, and as many encoded.
  constexpr std::size_t most = 4 * limit / 1000;
  app.run_until([&] { return app.written >= limit / 1000; });
  CHECK(app.written < most);
  CHECK(app.frames() == 1);
  peer.accept(no_limit);
  std::string got;
  app.run_until([&] { return (got += peer.take()).ends_with(last_chunk); });
  REQUIRE(got.starts_with(head()));
  CHECK(content_of(std::string_view{got}.substr(head().size()))
        == std::string(count * piece.size(), 'x'));
  app.run_until([&] { return app.frames() == 0; });
  CHECK(app.ended == 1);
}

TEST_CASE("a client that leaves ends a writer on the pool", "[actors][stream][worker][cancel]") {
  response_stream_fixture app{{}, pool_of(1)};
  app.add_source("/", std::string(1000, 'x')).worker();
  auto peer = app.connect();
  // Limited, because the fixture runs until no work is left.
  peer.accept(GENERATE(0, 20 * limit));
  app.settle();
  (void)app.ask(peer, get("/"));
  app.run_until([&] { return app.written >= limit / 1000; });
  peer.reset();
  app.run_until([&] { return app.frames() == 0; });
  CHECK(app.ended == 0);
  CHECK(peer.is_gone());
}

TEST_CASE("a stream whose handler throws on the pool is incomplete", "[actors][stream][worker]") {
  response_stream_fixture app{{}, pool_of(1)};
  app.get("/",
          [](context& ctx) -> task<> {
            auto out = ctx.stream(200, "text/plain");
            co_await out.write("ab");
            co_await ctx.sleep(5ms);
            co_await out.write("cd");
            throw std::runtime_error("boom");
          })
      .worker();
  auto peer = app.connect();
  peer.send(get("/"));
  std::string got;
  app.run_until([&] { return (got += peer.take()) == head() + chunk("ab"); });
  app.run_until([&] {
    app.pass(5ms);
    got += peer.take();
    return peer.is_closed();
  });
  CHECK(got == head() + chunk("ab") + chunk("cd"));
}

TEST_CASE("without a connection the pieces are collected in one message", "[actors][stream]") {
  response_stream_fixture app;
  app.add_source("/", "ab", 3);
  std::string got;
  const auto router = app.shard().router();
  app.spawn([&got, router](caf::event_based_actor* self) {
    self->request(caf::actor_cast<caf::actor>(router), caf::infinite,
                  sake::request::make("GET", "/"))
        .then([&got](const sake::response& answer) { got = answer.content(); });
  });
  app.run();
  CHECK(got == "ababab");
}

// -- drain and end -----------------------------------------------------------------------

TEST_CASE("a stream continues while its shard drains, and ends with the shard",
          "[actors][stream][drain]") {
  bool drained = false;
  response_stream_fixture app;
  app.get("/", [held = app.alive](context& ctx) -> task<> {
    const auto own = held;
    auto out = ctx.stream(200, "text/plain");
    for (int i = 0; i < 2; ++i) {
      co_await ctx.sleep(1s);
      co_await out.write("x");
    }
  });
  app.settle();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == head());
  app.shard().reactor().post([&] { app.shard().drain([&drained] { drained = true; }); });
  app.run();
  // The current sleep ends, the next one does not.
  CHECK(peer.take() == chunk("x"));
  SECTION("the handler returns") {
    app.advance(1s);
    CHECK(peer.take() == chunk("x") + last_chunk);
    CHECK(drained);
    CHECK(peer.is_closed());
  }
  SECTION("the shard is closed") {
    CHECK_FALSE(drained);
    app.close();
    CHECK(peer.take().empty());
    CHECK(peer.is_gone());
  }
  CHECK(app.frames() == 0);
}

TEST_CASE("when_any gives the first in its list of several waits that end together",
          "[actors][stream][drain]") {
  response_stream_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    const auto first = co_await sake::when_any(ctx.draining(), ctx.sleep(1h), ctx.sleep(2h));
    co_await out.write(std::to_string(first.index()));
  });
  app.settle();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == head());
  app.shard().reactor().post([&] { app.shard().drain([] {}); });
  app.run();
  CHECK(peer.take() == chunk("0") + last_chunk);
}

TEST_CASE("an endless stream may end itself when its shard drains", "[actors][stream][drain]") {
  bool drained = false;
  response_stream_fixture app;
  app.get("/", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    while (!ctx.is_draining()) {
      co_await out.write("x");
      co_await ctx.sleep(1s);
    }
  });
  app.settle();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == head() + chunk("x"));
  app.shard().reactor().post([&] { app.shard().drain([&drained] { drained = true; }); });
  app.run();
  CHECK(peer.take() == last_chunk);
  CHECK(peer.is_closed());
  CHECK(drained);
}

TEST_CASE("the end of the shard frees waiting writers", "[actors][stream]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  response_stream_fixture app{{}, pool_of(1)};
  auto& added = app.add_source("/", std::string(1000, 'x'));
  if (on_pool)
    added.worker();
  app.settle();
  auto peer = app.connect();
  peer.accept(0);
  (void)app.ask(peer, get("/"));
  app.run_until([&] { return app.written >= limit / 1000; });
  app.close();
  CHECK(app.frames() == 0);
}

// -- server-sent events -----------------------------------------------------------------

TEST_CASE("events are sent one by one", "[actors][stream][events]") {
  response_stream_fixture app;
  app.get("/events", [](context& ctx) -> task<> {
    auto events = ctx.event_stream();
    for (int i = 0; i < 2; ++i) {
      co_await events.send({.event = "tick", .data = std::to_string(i)});
      co_await ctx.sleep(1s);
    }
  });
  auto peer = app.connect();
  const auto first = app.ask(peer, get("/events"));
  CHECK(first.find("Content-Type: text/event-stream\r\n") != std::string::npos);
  CHECK(first.find("Cache-Control: no-store\r\n") != std::string::npos);
  CHECK(first.ends_with(chunk("event: tick\ndata: 0\n\n")));
  app.advance(1s);
  CHECK(peer.take() == chunk("event: tick\ndata: 1\n\n"));
  app.advance(1s);
  CHECK(peer.take() == last_chunk);
}

TEST_CASE("a handler that ends after a write lost when_any leaves nothing behind",
          "[actors][response_stream]") {
  shard_fixture app;
  const token cargo = std::make_shared<int>(0);
  app.get("/", [cargo](context& ctx) -> task<> {
    const token held = cargo;
    auto out = ctx.stream(200, "text/plain");
    co_await out.write(std::string(limit, 'x'));
    auto written = out.write(std::string(limit, 'x'));
    (void)co_await sake::when_any(std::move(written), ctx.sleep(1ms));
  });
  const auto handlers = cargo.use_count();
  auto peer = app.connect();
  peer.accept(0);
  (void)app.ask(peer, get("/"));
  CHECK(cargo.use_count() == handlers + 1);
  app.advance(1ms);
  CHECK(cargo.use_count() == handlers);
  SECTION("the peer reads on") {
    peer.accept(no_limit);
    app.run();
    CHECK(peer.take().ends_with(last_chunk));
  }
  SECTION("the peer leaves") {
    peer.reset();
    app.run();
    CHECK(peer.is_gone());
  }
}

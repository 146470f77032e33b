// Handlers that read content as it arrives.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>
#include <sake/routing/when.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::test::chunked_head;
using sake::test::closes;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::post;
using sake::test::post_head;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// Each frame holds the token, so its use count gives the number of frames.
using token = std::shared_ptr<int>;

constexpr std::size_t capacity = 1000;

struct read_fixture : shard_fixture {
  explicit read_fixture(bool on_pool = false) : shard_fixture(small_capacity(), pool_of(1)) {
    auto& added = this->post("/up", [this, held = token{alive}](context& ctx) -> task<> {
      const auto own = held;
      CHECK(ctx.body().empty());
      ++begun;
      std::size_t size = 0;
      while (auto piece = co_await ctx.read()) {
        size += piece->size();
        most = std::max(most.load(), piece->size());
        read += piece->size();
      }
      ++ended;
      ctx.string(200, std::to_string(size));
    });
    added.streams_content();
    if (on_pool)
      added.worker();
    settle();
  }
  // The handler may run on the pool until then.
  ~read_fixture() { close(); }

  static sake::http::settings small_capacity() {
    sake::http::settings chosen;
    chosen.limits.buffered_content_bytes = capacity;
    return chosen;
  }

  [[nodiscard]] long frames() const { return alive.use_count() - without_; }
  // Counts frames from this point on.
  void settle() { without_ = alive.use_count(); }

  token alive = std::make_shared<int>();
  std::atomic<int> begun = 0;
  std::atomic<int> ended = 0;
  std::atomic<std::size_t> read = 0;
  std::atomic<std::size_t> most = 0;

private:
  long without_ = 0;
};

} // namespace

TEST_CASE("a handler reads its content as it arrives", "[actors][read]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  read_fixture app{on_pool};
  auto peer = app.connect();
  peer.send(post_head("/up", 10));
  app.run_until([&] { return app.begun == 1; });
  CHECK(app.frames() == 1);
  std::string got;
  for (std::size_t i = 1; i <= 10; ++i) {
    peer.send("x");
    app.run_until([&] { return app.read == i; });
  }
  app.run_until([&] { return !(got += peer.take()).empty(); });
  CHECK(got == text_on_wire(200, "10"));
  app.run_until([&] { return app.frames() == 0; });
  // The connection persists.
  peer.send(post("/up", "abc") + post("/up", "") + get("/nowhere"));
  const auto expected = text_on_wire(200, "3") + text_on_wire(200, "0") + plain_on_wire(404);
  got.clear();
  app.run_until([&] { return (got += peer.take()).size() >= expected.size(); });
  CHECK(got == expected);
}

TEST_CASE("a piece is at most as large as the limit, and all pieces together are the content",
          "[actors][read]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  read_fixture app{on_pool};
  auto peer = app.connect();
  constexpr std::size_t length = 100 * capacity;
  peer.send(post("/up", std::string(length, 'x')));
  std::string got;
  app.run_until([&] { return !(got += peer.take()).empty(); });
  CHECK(got == text_on_wire(200, std::to_string(length)));
  CHECK(app.most <= capacity);
}

TEST_CASE("chunks of any sizes are read as their octets", "[actors][read]") {
  read_fixture app;
  const std::string request = chunked_head("/up") + "3\r\nabc\r\n4;x\r\ndefg\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    CAPTURE(cut);
    auto peer = app.connect();
    (void)app.ask(peer, request.substr(0, cut));
    CHECK(app.ask(peer, request.substr(cut)) == text_on_wire(200, "7"));
  }
}

TEST_CASE("while a handler does not read, its connection does not read", "[actors][read]") {
  read_fixture app;
  app.post("/lazy",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(10s);
             (void)co_await ctx.read();
             co_await ctx.sleep(1h);
           })
      .streams_content();
  auto peer = app.connect();
  peer.cut_reads(300);
  peer.send(post("/lazy", std::string(4 * capacity, 'x')));
  app.run();
  const auto unread = peer.unread();
  CHECK(unread > 2 * capacity);
  CHECK_FALSE(peer.awaits_input());
  app.advance(9'999ms);
  CHECK(peer.unread() == unread);
  app.advance(1ms);
  CHECK(peer.unread() < unread);
}

TEST_CASE("without a connection read() returns the content as one piece", "[actors][read]") {
  read_fixture app;
  app.post("/whole", [](context& ctx) -> task<> {
    const auto first = co_await ctx.read();
    const auto second = co_await ctx.read();
    ctx.string(200, std::to_string(first ? first->size() : 0) + (second ? " more" : ""));
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, post("/whole", std::string(5 * capacity, 'x'))) == text_on_wire(200, "5000"));
  CHECK(app.ask(peer, post("/whole", "")) == text_on_wire(200, "0"));
}

TEST_CASE("RFC 9110 §10.1.1: a client that waits for 100 gets it when the handler reads",
          "[actors][read]") {
  read_fixture app;
  app.post("/guarded",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(5ms);
             if (ctx.header("Authorization").empty())
               co_return ctx.string(401, "no");
             const auto piece = co_await ctx.read();
             ctx.string(200, piece.value_or("none"));
           })
      .streams_content();
  auto peer = app.connect();
  const std::string expecting = "Expect: 100-continue\r\n";
  SECTION("the handler reads at once") {
    CHECK(app.ask(peer, post_head("/up", 3, expecting)) == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(app.ask(peer, "abc") == text_on_wire(200, "3"));
  }
  SECTION("the handler reads later") {
    CHECK(app.ask(peer, post_head("/guarded", 3, expecting + "Authorization: x\r\n")).empty());
    app.advance(5ms);
    CHECK(peer.take() == "HTTP/1.1 100 Continue\r\n\r\n");
    CHECK(app.ask(peer, "abc") == text_on_wire(200, "abc"));
  }
  SECTION("the handler answers without reading") {
    CHECK(app.ask(peer, post_head("/guarded", 3, expecting)).empty());
    app.advance(5ms);
    CHECK(peer.take() == text_on_wire(401, "no", closes));
  }
}

// -- incomplete content ------------------------------------------------------------------

TEST_CASE("failed content ends its reader, which never sees it as complete",
          "[actors][read][cancel]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  std::vector<int> seen;
  read_fixture app{on_pool};
  app.use([&seen](context& ctx) {
    ctx.next([&seen](context& after) { seen.push_back(after.response().status()); });
  });
  auto peer = app.connect();
  int status = 499;
  peer.send(chunked_head("/up") + "3\r\nabc\r\n");
  app.run_until([&] { return app.read == 3; });
  CHECK(app.frames() == 1);
  SECTION("the client closed") {
    peer.finish();
  }
  SECTION("the client reset the connection") {
    peer.reset();
  }
  SECTION("the framing is broken") {
    peer.send("x\r\n");
    status = 400;
  }
  SECTION("the content is too large") {
    peer.send("fffffff\r\n");
    status = 413;
  }
  SECTION("the content is too late") {
    app.advance(31s);
    status = 408;
  }
  app.run_until([&] { return seen.size() == 1; });
  CHECK(app.frames() == 0);
  CHECK(app.ended == 0);
  CHECK(seen[0] == status);
  if (status == 499)
    app.run_until([&] { return peer.is_gone(); }); // a worker may hold the last reference still
  else
    CHECK(peer.take().starts_with("HTTP/1.1 " + std::to_string(status)));
}

TEST_CASE("the end of the shard frees waiting readers", "[actors][read]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  read_fixture app{on_pool};
  auto peer = app.connect();
  peer.send(post_head("/up", 10) + "abc");
  app.run_until([&] { return app.read == 3; });
  app.close();
  CHECK(app.frames() == 0);
  CHECK(app.ended == 0);
}

TEST_CASE("a handler that leaves much content unread is answered, and the connection closes",
          "[actors][read]") {
  read_fixture app;
  app.post("/first",
           [](context& ctx) -> task<> {
             const auto piece = co_await ctx.read();
             ctx.string(200, piece.value_or("none"));
           })
      .streams_content();
  app.post("/none", [](context& ctx) { ctx.string(200, "none"); }).streams_content();
  auto peer = app.connect();
  const auto much = sake::http::discarded_content_bytes + 10;
  SECTION("it has read one piece") {
    CHECK(app.ask(peer, post_head("/first", much) + "abc") == text_on_wire(200, "abc", closes));
  }
  SECTION("it has read nothing") {
    CHECK(app.ask(peer, post_head("/none", much) + "abc") == text_on_wire(200, "none", closes));
  }
  CHECK(peer.has_shut_down());
  CHECK(app.ask(peer, "defghij").empty()); // read and discarded
  peer.finish();
  app.run();
  CHECK(peer.is_gone());
}

TEST_CASE("a handler that neither reads nor answers does not keep its client for ever",
          "[actors][read]") {
  read_fixture app;
  app.post("/stuck",
           [held = app.alive](context& ctx) -> task<> {
             const auto own = held;
             co_await ctx.sleep(24h);
           })
      .streams_content();
  app.settle();
  auto peer = app.connect();
  const std::size_t there = GENERATE(0, 10, 2 * capacity);
  CAPTURE(there);
  (void)app.ask(peer, post_head("/stuck", 10 * capacity) + std::string(there, 'x'));
  CHECK(app.frames() == 1);
  app.advance(30s);
  app.advance(1s);
  // 408 if the client was to send, 504 if the handler was to read.
  CHECK(peer.take().starts_with(there < capacity ? "HTTP/1.1 408 " : "HTTP/1.1 504 "));
  CHECK(app.frames() == 0);
}

// -- reading and writing -----------------------------------------------------------------

TEST_CASE("a handler writes while it reads", "[actors][read][stream]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  read_fixture app;
  auto& added = app.post("/echo", [held = app.alive](context& ctx) -> task<> {
    const auto own = held;
    auto out = ctx.stream(200, "text/plain");
    while (auto piece = co_await ctx.read())
      co_await out.write(*piece);
  });
  added.streams_content();
  if (on_pool)
    added.worker();
  app.settle();
  auto peer = app.connect();
  const auto await = [&](std::string_view end) {
    std::string got;
    app.run_until([&] { return (got += peer.take()).ends_with(end) || peer.is_closed(); });
    return got;
  };
  peer.send(post_head("/echo", 6) + "abc");
  CHECK(await("3\r\nabc\r\n").find("Connection: close\r\n") != std::string::npos);
  SECTION("both reach their end") {
    peer.send("def");
    CHECK(await("0\r\n\r\n") == "3\r\ndef\r\n0\r\n\r\n");
  }
  SECTION("the client leaves") {
    peer.finish();
    CHECK(await("0\r\n\r\n").empty());
  }
  app.run_until([&] { return app.frames() == 0; });
}

TEST_CASE("several tasks of a handler write to one stream, and one of them reads",
          "[actors][read][stream]") {
  std::string refused;
  read_fixture app;
  const auto reader = [](context& ctx, std::string& why) -> task<> {
    try {
      while (co_await ctx.read()) {
      }
    } catch (const std::logic_error& e) {
      why = e.what();
    }
  };
  const auto writer = [](context& ctx, sake::response_stream out) -> task<> {
    for (int i = 0; i < 100; ++i)
      co_await out.write(std::string(5000, 'x'));
    co_await ctx.sleep(1ms);
  };
  app.post("/",
           [&](context& ctx) -> task<> {
             auto out = ctx.stream(200, "text/plain");
             std::string none;
             co_await sake::when_all(reader(ctx, none), reader(ctx, refused), writer(ctx, out),
                                     writer(ctx, out));
             co_await out.write("end");
           })
      .streams_content();
  auto peer = app.connect();
  peer.accept(1000);
  (void)app.ask(peer, post_head("/", 3));
  peer.accept(static_cast<std::size_t>(-1));
  (void)app.ask(peer, "abc");
  app.advance(1ms);
  std::string got = peer.take();
  CHECK(got.ends_with("3\r\nend\r\n0\r\n\r\n"));
  CHECK(refused.find("one reader at a time") != std::string::npos);
}

TEST_CASE("a read that lost when_any leaves its piece to the next read", "[actors][read]") {
  read_fixture app;
  const auto late = [](context& ctx) -> task<std::string> {
    co_return (co_await ctx.read()).value_or("none");
  };
  app.post("/",
           [&](context& ctx) -> task<> {
             (void)co_await sake::when_any(late(ctx), ctx.sleep(5ms));
             std::string all;
             while (auto piece = co_await ctx.read())
               all += *piece;
             ctx.string(200, all);
           })
      .streams_content();
  auto peer = app.connect();
  (void)app.ask(peer, post_head("/", 6));
  SECTION("the next read comes later") {
    app.advance(5ms);
  }
  SECTION("the next read comes at the same time") {
    app.pass(5ms);
  }
  CHECK(app.ask(peer, "abc").empty());
  CHECK(app.ask(peer, "def").ends_with("def"));
}

// -- between content and handler -----------------------------------------------------------

TEST_CASE("a middleware may read before its handler", "[actors][read]") {
  read_fixture app;
  app.post("/",
           [](context& ctx) -> task<> {
             const auto piece = co_await ctx.read();
             ctx.string(200, *ctx.get<std::string>("first") + "+" + piece.value_or("none"));
           })
      .use([](context& ctx) -> task<> {
        auto piece = co_await ctx.read();
        ctx.set("first", piece.value_or("none"));
      })
      .streams_content();
  auto peer = app.connect();
  CHECK(app.ask(peer, post_head("/", 6) + "abc").empty());
  CHECK(app.ask(peer, "def") == text_on_wire(200, "abc+def"));
}

TEST_CASE("an actor gets its content whole", "[actors][read]") {
  read_fixture app;
  const auto actor = app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const sake::request& asked) { return sake::response::text(200, asked.content()); }};
  });
  CHECK_THROWS_AS(app.post("/", actor).streams_content(), std::invalid_argument);
}

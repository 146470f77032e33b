// Several requests of one connection at the same time.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/times_in.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/behavior.hpp>
#include <caf/event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <string>

using sake::context;
using sake::task;
using sake::test::closes;
using sake::test::get;
using sake::test::plain_on_wire;
using sake::test::post;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// Routes that answer at once, or after a number of milliseconds.
struct pipelining_fixture : shard_fixture {
  explicit pipelining_fixture(std::size_t pipelined_requests = 64)
      : shard_fixture([&] {
          sake::http::settings chosen;
          chosen.limits.pipelined_requests = pipelined_requests;
          chosen.half_closed_clients = true;
          return chosen;
        }()) {
    this->get("/now/:name", [this](context& ctx) {
      ++handled;
      ctx.string(200, ctx.param("name"));
    });
    this->get("/after/:ms", [this](context& ctx) -> task<> {
      ++handled;
      co_await ctx.sleep(std::chrono::milliseconds{std::stoi(std::string{ctx.param("ms")})});
      ctx.string(200, ctx.param("ms"));
    });
    this->post("/length", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
  }

  int handled = 0;
};

std::string answer(std::string_view name) {
  return text_on_wire(200, name);
}

} // namespace

TEST_CASE("sixteen pipelined requests are answered in order, in one write",
          "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  std::string requests;
  std::string answers;
  for (int i = 0; i < 16; ++i) {
    requests += get("/now/" + std::to_string(i));
    answers += answer(std::to_string(i));
  }
  CHECK(app.ask(peer, requests) == answers);
  CHECK(peer.write_count() == 1);
}

TEST_CASE("a second request is handled while the first waits, and its answer is kept",
          "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/10")).empty());
  CHECK(app.ask(peer, get("/now/second")).empty());
  CHECK(app.handled == 2);
  app.advance(10ms);
  CHECK(peer.take() == answer("10") + answer("second"));
  CHECK(peer.write_count() == 1);
}

TEST_CASE("answers that are ready out of order are sent in order", "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/30") + get("/after/10") + get("/now/x") + get("/after/20"))
            .empty());
  CHECK(app.handled == 4);
  app.advance(10ms);
  app.advance(10ms);
  CHECK(peer.take().empty());
  app.advance(10ms);
  CHECK(peer.take() == answer("30") + answer("10") + answer("x") + answer("20"));
}

TEST_CASE("a partial request at the end of a pipelined read is completed by the next read",
          "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  const auto second = get("/now/b");
  CHECK(app.ask(peer, get("/now/a") + second.substr(0, 9)) == answer("a"));
  CHECK(app.ask(peer, second.substr(9) + "GET") == answer("b"));
  CHECK(app.ask(peer, get("/now/c").substr(3)) == answer("c"));
}

TEST_CASE("at the limit of pipelined requests the connection does not read",
          "[actors][pipelining]") {
  pipelining_fixture app{2};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/10") + get("/after/20") + get("/after/30") + get("/now/x"))
            .empty());
  CHECK(app.handled == 2);
  CHECK_FALSE(peer.awaits_input());
  // Further input stays in the transport.
  CHECK(app.ask(peer, get("/now/y")).empty());
  CHECK(peer.unread() == get("/now/y").size());

  app.advance(10ms);
  CHECK(peer.take() == answer("10"));
  CHECK(app.handled == 3); // the third handler starts its sleep
  app.advance(10ms);
  CHECK(peer.take() == answer("20"));
  CHECK(app.handled == 4);
  app.advance(20ms);
  CHECK(peer.take() == answer("30") + answer("x") + answer("y"));
  CHECK(peer.unread() == 0);
  CHECK(peer.awaits_input());
}

TEST_CASE("more pipelined requests than the limit are all answered if none waits",
          "[actors][pipelining]") {
  pipelining_fixture app{3};
  auto peer = app.connect();
  std::string requests;
  std::string answers;
  for (int i = 0; i < 10; ++i) {
    requests += get("/now/" + std::to_string(i));
    answers += answer(std::to_string(i));
  }
  CHECK(app.ask(peer, requests) == answers);
  CHECK(peer.awaits_input());
}

TEST_CASE("a malformed request that was held back is refused after the answers",
          "[actors][pipelining]") {
  // The refusal fills the pipeline again, or leaves room in it.
  const std::size_t limit = GENERATE(2, 3);
  pipelining_fixture app{limit};
  auto peer = app.connect();
  const auto held_back = limit == 2 ? get("/now/x") : get("/now/x") + get("/now/x");
  const auto answers = limit == 2 ? answer("x") : answer("x") + answer("x");
  CHECK(app.ask(peer, get("/after/10") + held_back + "BAD\r\n\r\n").empty());
  app.advance(10ms);
  CHECK(peer.take()
        == answer("10") + answers
               + text_on_wire(400, std::string{sake::http::refusals::bad_method.reason} + '\n',
                              closes));
  CHECK(peer.has_shut_down());
}

TEST_CASE("a refusal waits for earlier answers", "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/10") + "BAD\r\n\r\n").empty());
  app.advance(10ms);
  CHECK(peer.take()
        == answer("10")
               + text_on_wire(400, std::string{sake::http::refusals::bad_method.reason} + '\n',
                              closes));
}

TEST_CASE("requests with content are pipelined as well", "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  const std::string chunked =
      "POST /length HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
  CHECK(app.ask(peer, post("/length", "1234") + chunked + post("/length", "") + get("/now/x"))
        == answer("4") + answer("5") + answer("0") + answer("x"));
  CHECK(peer.write_count() == 1);
}

TEST_CASE("requests in flight end with their connection after its peer has left",
          "[actors][pipelining]") {
  pipelining_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/10") + get("/after/20")).empty());
  SECTION("the peer ends only its input") {
    peer.finish();
    app.run();
    app.advance(10ms);
    CHECK(peer.take() == answer("10"));
    CHECK_FALSE(peer.is_closed());
    app.advance(10ms);
    CHECK(peer.take() == answer("20"));
  }
  SECTION("the peer resets the connection") {
    peer.reset();
    app.run();
    CHECK(peer.is_closed());
    app.advance(20ms);
  }
  CHECK(peer.is_gone());
}

TEST_CASE("a connection begins a limited number of requests per turn", "[actors][pipelining]") {
  pipelining_fixture app;
  auto greedy = app.connect();
  auto other = app.connect();
  std::string requests;
  std::string answers;
  for (int i = 0; i < 200; ++i) {
    requests += get("/now/" + std::to_string(i));
    answers += answer(std::to_string(i));
  }
  greedy.send(requests);
  other.send(get("/now/other"));
  while (other.untaken() == 0)
    REQUIRE(app.step_reactors());
  CHECK(app.handled <= static_cast<int>(2 * sake::http::requests_per_turn));
  app.run();
  CHECK(greedy.take() == answers);
  CHECK(greedy.awaits_input());
}

TEST_CASE("requests that actors answer are begun in limited numbers as well",
          "[actors][pipelining]") {
  int begun = 0;
  pipelining_fixture app;
  app.get("/actor", app.spawn([&begun](caf::event_based_actor*) -> caf::behavior {
    return {[&begun](const sake::request&) {
      ++begun;
      return sake::response::text(200, "x");
    }};
  }));
  auto greedy = app.connect();
  std::string requests;
  for (int i = 0; i < 200; ++i)
    requests += get("/actor");
  greedy.send(requests);
  REQUIRE(app.step_reactors());
  CHECK(begun <= static_cast<int>(2 * sake::http::requests_per_turn));
  app.run();
  CHECK(begun == 200);
}

TEST_CASE("a reset, or an end without unread input, is noticed while the connection does not read",
          "[actors][pipelining]") {
  sake::http::settings chosen;
  chosen.limits.pipelined_requests = 1;
  int ended = 0; // coroutines that still wait end with the pipelining_fixture
  shard_fixture app{chosen};
  struct guard {
    int& count;
    ~guard() { ++count; }
  };
  app.get("/wait", [&ended](context& ctx) -> task<> {
    const guard here{ended};
    co_await ctx.sleep(1h);
  });
  auto peer = app.connect();
  SECTION("the client resets") {
    CHECK(app.ask(peer, get("/wait") + get("/wait")).empty());
    CHECK_FALSE(peer.awaits_input());
    peer.reset();
  }
  SECTION("the client ends its input") {
    CHECK(app.ask(peer, get("/wait")).empty());
    CHECK_FALSE(peer.awaits_input());
    peer.finish();
  }
  app.run();
  CHECK(ended == 1);
  CHECK(peer.is_gone());
}

TEST_CASE("requests that were unread at the end of the input are still answered",
          "[actors][pipelining]") {
  pipelining_fixture app{1};
  auto peer = app.connect();
  SECTION("they are in the transport") {
    CHECK(app.ask(peer, get("/after/10")).empty());
    peer.send(get("/now/b"));
  }
  SECTION("they are in the connection's buffer") {
    CHECK(app.ask(peer, get("/after/10") + get("/now/b")).empty());
    CHECK(peer.unread() == 0);
  }
  peer.finish();
  app.run();
  CHECK_FALSE(peer.is_closed());
  app.advance(10ms);
  CHECK(peer.take() == answer("10") + answer("b"));
  CHECK(peer.is_gone());
}

TEST_CASE("ready responses limit the requests that a connection begins", "[actors][pipelining]") {
  sake::http::settings chosen;
  chosen.limits.ready_response_bytes = 100'000;
  int begun = 0;
  shard_fixture app{chosen};
  app.get("/large", [&begun](context& ctx) {
    ++begun;
    ctx.data(200, "text/plain", std::string(99'999, 'x'));
  });
  auto peer = app.connect();
  peer.accept(0);
  std::string requests;
  for (int i = 0; i < 64; ++i)
    requests += get("/large");
  (void)app.ask(peer, requests);
  CHECK(begun == 2); // after the first one the limit is not reached
  peer.accept(100'000'000);
  app.run();
  CHECK(begun == 64);
  CHECK(sake::test::times_in(peer.take(), "HTTP/1.1 200") == 64);
}

// Each deadline expires at its time and not before.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/response_promise.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

using Catch::Matchers::ContainsSubstring;
using sake::context;
using sake::task;
using sake::test::get;
using sake::test::plain_on_wire;
using sake::test::post;
using sake::test::refusal_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

// A different length for each deadline.
sake::http::settings deadlines() {
  sake::http::settings chosen;
  chosen.deadlines.head = 10s;
  chosen.deadlines.content = 20s;
  chosen.deadlines.content_bytes_per_second = 100;
  chosen.deadlines.idle = 30s;
  chosen.deadlines.write = 40s;
  chosen.deadlines.write_bytes_per_second = 0;
  chosen.deadlines.request = 50s;
  chosen.limits.buffered_content_bytes = 1000;
  return chosen;
}

struct deadline_fixture : shard_fixture {
  explicit deadline_fixture(sake::http::settings chosen = deadlines())
      : shard_fixture(std::move(chosen)) {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/after/:s", [](context& ctx) -> task<> {
      co_await ctx.sleep(std::chrono::seconds{std::stoi(std::string{ctx.param("s")})});
      ctx.string(200, ctx.param("s"));
    });
    this->get("/large", [](context& ctx) { ctx.string(200, std::string(10'000, 'x')); });
    this->post("/length", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
  }
};

const std::string late_head = refusal_on_wire(sake::http::refusals::late_head);
const std::string late_content = refusal_on_wire(sake::http::refusals::late_content);

} // namespace

TEST_CASE("a silent client is disconnected at the deadline of the head", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  app.advance(9'999ms);
  CHECK_FALSE(peer.is_closed());
  app.advance(1ms);
  CHECK(peer.is_gone());
  CHECK(peer.take().empty());
}

TEST_CASE("a slow head is refused at its deadline", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  SECTION("the first deadline runs from the start of the connection") {
    app.advance(4s);
    for (const char* part : {"G", "E", "T"}) {
      (void)app.ask(peer, part);
      app.advance(1999ms);
    }
    CHECK(peer.take().empty());
    app.advance(3ms);
  }
  SECTION("later deadlines run from the first octet of the head") {
    (void)app.ask(peer, get("/"));
    app.advance(29s);
    (void)app.ask(peer, "G");
    app.advance(9s);
    (void)app.ask(peer, "E");
    app.advance(999ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
  }
  CHECK(peer.take() == late_head);
  CHECK(peer.has_shut_down());
}

TEST_CASE("a head behind a waiting request has its deadline as well", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/25") + "GET / HT").empty());
  app.advance(10s);
  CHECK(peer.take().empty()); // the 408 waits for the earlier response
  app.advance(15s);
  CHECK(peer.take() == text_on_wire(200, "25") + late_head);
}

TEST_CASE("the deadline of content runs from the end of the head", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  const std::size_t size = GENERATE(10, 5000);
  const auto request = post("/length", std::string(size, 'x'));
  app.advance(9s);
  (void)app.ask(peer, request.substr(0, request.size() - size));
  app.advance(19'999ms);
  CHECK(peer.take().empty());
  SECTION("late content is refused") {
    app.advance(1ms);
    CHECK(peer.take() == late_content);
  }
  SECTION("each second's worth of octets extends the deadline by a second") {
    CHECK(app.ask(peer, std::string(size / 5, 'x')).empty());
    app.advance(size / 5 / 100 * 1000ms);
    CHECK(peer.take().empty());
    app.advance(1ms);
    CHECK(peer.take() == late_content);
  }
  SECTION("content in time is answered") {
    CHECK(app.ask(peer, std::string(size, 'x')) == text_on_wire(200, std::to_string(size)));
    app.advance(29'999ms);
    CHECK_FALSE(peer.is_closed());
  }
}

TEST_CASE("an idle connection is closed at its deadline", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  app.advance(9s);
  for (int i = 0; i < 2; ++i) {
    CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root"));
    app.advance(29'999ms);
    CHECK_FALSE(peer.is_closed());
  }
  app.advance(1ms);
  CHECK(peer.is_gone());
  CHECK(peer.take().empty());
}

TEST_CASE("a peer that does not read is reset", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  peer.accept(100);
  (void)app.ask(peer, get("/large"));
  app.advance(39s);
  peer.accept(100); // some progress
  app.run();
  app.advance(1s);
  app.advance(39'999ms);
  CHECK_FALSE(peer.is_closed());
  app.advance(1ms);
  CHECK(peer.was_reset());
  CHECK(peer.is_gone());
}

TEST_CASE("a peer that reads below the lowest rate is reset, one at that rate is not",
          "[actors][deadline]") {
  auto chosen = deadlines();
  chosen.deadlines.write_bytes_per_second = 10; // 400 octets within the deadline
  deadline_fixture app{chosen};
  const std::size_t share = GENERATE(399, 400);
  auto peer = app.connect();
  peer.accept(100);
  (void)app.ask(peer, get("/large"));
  peer.accept(share);
  app.run();
  app.advance(39'999ms);
  CHECK_FALSE(peer.is_closed());
  app.advance(1ms);
  CHECK(peer.was_reset() == (share == 399));
  if (share == 399)
    return;
  // The same amount in small steps is enough once more, a smaller amount is not.
  for (int sip = 0; sip < 4; ++sip) {
    peer.accept(100);
    app.advance(10s);
  }
  CHECK_FALSE(peer.is_closed());
  for (int sip = 0; sip < 4; ++sip) {
    peer.accept(99);
    app.advance(10s);
  }
  CHECK(peer.was_reset());
}

TEST_CASE("a peer that takes octets from the transport's buffer is not reset",
          "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  peer.accept(100);
  peer.set_in_transit(100);
  (void)app.ask(peer, get("/large"));
  app.advance(39s);
  peer.set_in_transit(99); // no room yet, but the peer reads
  app.advance(1s);
  app.advance(39'999ms);
  CHECK_FALSE(peer.is_closed());
  app.advance(1ms);
  CHECK(peer.was_reset());
}

TEST_CASE("a request past its deadline is answered with 504, and its response is dropped",
          "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/after/60")).empty());
  app.advance(49'999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == plain_on_wire(504));
  CHECK_FALSE(peer.is_closed());
  app.advance(10s);
  CHECK(peer.take().empty());
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root"));
}

TEST_CASE("middleware adds fields to a 504 as to any response", "[actors][deadline]") {
  sake::http::settings chosen;
  chosen.deadlines.request = 5s;
  shard_fixture app{chosen};
  app.use([](context& ctx) {
    ctx.set_header("Access-Control-Allow-Origin", "*");
    ctx.next([](context& done) {
      done.set_header("X-After", std::to_string(done.response().status()));
    });
  });
  app.get("/coroutine", [](context& ctx) -> task<> {
    co_await ctx.sleep(1h);
    ctx.string(200, "late");
  });
  app.get("/actor",
          [held = std::make_shared<std::vector<caf::response_promise>>()](
              caf::event_based_actor* self) -> caf::behavior {
            return {[=](const sake::http::request&) {
              held->push_back(self->make_response_promise());
              return held->back();
            }};
          });
  const auto* path = GENERATE("/coroutine", "/actor");
  CAPTURE(path);
  auto peer = app.connect();
  CHECK(app.ask(peer, get(path)).empty());
  app.advance(5s);
  const auto got = peer.take();
  CHECK(got.starts_with("HTTP/1.1 504 "));
  CHECK_THAT(got, ContainsSubstring("Access-Control-Allow-Origin: *\r\n"));
  CHECK_THAT(got, ContainsSubstring("X-After: 504\r\n"));
  CHECK(peer.take().empty());
}

TEST_CASE("a late answer is never taken for the answer of another request", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, get("/after/60"));
  app.advance(50s);
  CHECK(peer.take() == plain_on_wire(504));
  CHECK(app.ask(peer, get("/after/20")).empty());
  app.advance(10s); // the time at which the first request would have been answered
  CHECK(peer.take().empty());
  app.advance(10s);
  CHECK(peer.take() == text_on_wire(200, "20"));
}

TEST_CASE("each pipelined request has its own deadline", "[actors][deadline]") {
  deadline_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, get("/after/60") + get("/after/1"));
  app.advance(10s);
  (void)app.ask(peer, get("/after/60"));
  app.advance(39'999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == plain_on_wire(504) + text_on_wire(200, "1"));
  app.advance(9'999ms);
  CHECK(peer.take().empty());
  app.advance(1ms);
  CHECK(peer.take() == plain_on_wire(504));
}

TEST_CASE("a deadline of zero is no deadline", "[actors][deadline]") {
  sake::http::settings chosen;
  chosen.deadlines = {0ms, 0ms, 0, 0ms, 0ms, 0, 0ms};
  deadline_fixture app{chosen};
  auto silent = app.connect();
  auto idle = app.connect();
  (void)app.ask(idle, get("/"));
  auto dripping = app.connect();
  (void)app.ask(dripping, "GET ");
  auto uploading = app.connect();
  (void)app.ask(uploading, post("/length", "12345678").substr(0, 50));
  auto blocked = app.connect();
  blocked.accept(1);
  (void)app.ask(blocked, get("/large"));
  auto waiting = app.connect();
  (void)app.ask(waiting, get("/after/80000"));
  app.advance(24h - 1h);
  for (auto* each : {&silent, &idle, &dripping, &uploading, &blocked, &waiting}) {
    CHECK_FALSE(each->is_closed());
  }
  CHECK(waiting.take() == text_on_wire(200, "80000"));
}

TEST_CASE("time in which the server does not take content does not count against the client",
          "[actors][deadline]") {
  // The first request holds back the second.
  auto chosen = deadlines();
  chosen.limits.pipelined_requests = 1;
  deadline_fixture app{chosen};
  auto peer = app.connect();
  const auto request = post("/length", std::string(10, 'x'));
  CHECK(app.ask(peer, get("/after/45") + request.substr(0, request.size() - 1)).empty());
  app.advance(45s);
  CHECK(peer.take() == text_on_wire(200, "45"));
  app.advance(19'999ms);
  CHECK(peer.take().empty());
  CHECK(app.ask(peer, "x") == text_on_wire(200, "10"));
}

TEST_CASE("an upload that stalled because it was not read resumes with its remaining time",
          "[actors][deadline]") {
  deadline_fixture app;
  app.post("/stalled",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(45s);
             std::size_t size = 0;
             while (const auto piece = co_await ctx.read())
               size += piece->size();
             ctx.string(200, std::to_string(size));
           })
      .streams_content();
  auto peer = app.connect();
  const auto request = post("/stalled", std::string(3000, 'x'));
  // The connection reads ahead this much; the client cannot send more.
  CHECK(app.ask(peer, request.substr(0, request.size() - 2000)).empty());
  app.advance(45s);
  CHECK(peer.take().empty());
  SECTION("the upload ends in time") {
    app.advance(29'999ms);
    CHECK(peer.take().empty());
    CHECK(app.ask(peer, std::string(2000, 'x')) == text_on_wire(200, "3000"));
  }
  SECTION("the upload is late") {
    app.advance(30s);
    CHECK(peer.take() == late_content);
  }
}

TEST_CASE("a duration beyond the range of the clock never expires", "[actors][deadline]") {
  sake::http::settings chosen;
  chosen.deadlines.request = std::chrono::milliseconds::max();
  chosen.deadlines.idle = std::chrono::hours{2'600'000};
  chosen.deadlines.head = std::chrono::milliseconds::max();
  int slept = 0;
  sake::test::shard_fixture app{chosen};
  app.get("/sleep", [&](sake::context& ctx) -> sake::task<> {
    co_await ctx.sleep(std::chrono::milliseconds::max());
    ++slept;
  });
  app.get("/key/:id",
          [](caf::event_based_actor*) -> caf::behavior {
            return {[n = 0](const sake::request&) mutable {
              return sake::response::text(200, std::to_string(++n));
            }};
          })
      .keyed_by("id", std::chrono::milliseconds::max());
  auto peer = app.connect();
  auto sleeper = app.connect();
  for (const auto* answer : {"1", "2", "3"}) {
    CHECK(app.ask(peer, sake::test::get("/key/a")) == sake::test::text_on_wire(200, answer));
    CHECK(app.ask(sleeper, answer[0] == '1' ? sake::test::get("/sleep") : "").empty());
    app.advance(std::chrono::hours{1});
  }
  CHECK(slept == 0);
  CHECK_FALSE(peer.is_closed());
  CHECK_FALSE(sleeper.is_closed());
}

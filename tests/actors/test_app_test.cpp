// The test kit's app: requests by calls, and time that a test advances.
#include "../support/catch.hpp"

#include <sake/actors.hpp>
#include <sake/routing/event_stream.hpp>
#include <sake/testing/matchers.hpp>
#include <sake/testing/test_app.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sake::testing;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using sake::context;
using sake::task;

namespace {

using tick_atom = caf::atom_constant<caf::atom("tick")>;

void add_routes(sake::route_group& app) {
  app.get("/hello/:name", [](context& ctx) { ctx.string(200, ctx.param("name")); });
  app.any("/echo", [](context& ctx) {
    ctx.set_header("X-Method", ctx.method());
    ctx.data(200, ctx.header("Content-Type"), std::string{ctx.body()});
  });
  app.get("/peer", [](context& ctx) { ctx.string(200, ctx.request().peer().to_string()); });
  app.get("/sleep", [](context& ctx) -> task<> {
    co_await ctx.sleep(20s);
    ctx.string(200, "slept");
  });
  // Endless, one each second.
  app.get("/ticks", [](context& ctx) -> task<> {
    auto events = ctx.event_stream();
    for (int n = 1;; ++n) {
      const auto text = std::to_string(n);
      co_await events.send({.event = "tick", .data = text});
      co_await ctx.sleep(1s);
    }
  });
  app.get("/pieces", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain", 5);
    for (const auto* each : {"ab", "c", "de"}) {
      co_await ctx.sleep(10min);
      co_await out.write(each);
    }
  });
}

// An engine would end these requests after 30 s.
sake::config patient() {
  return sake::config{}.with_request_timeout(0ms);
}

} // namespace

TEST_CASE("an app in memory answers requests made by calls", "[testing]") {
  test_app app{add_routes};
  CHECK(matches(app.get("/hello/you"), has_status(200), has_content("you"),
                has_header("content-type", "text/plain; charset=utf-8"),
                has_header("Date", "Sun, 06 Nov 1994 08:49:37 GMT")));
  CHECK(matches(app.post("/echo", "a=b", "x/y"), has_content("a=b"), has_header("X-Method", "POST"),
                has_header("Content-Type", "x/y")));
  CHECK(matches(app.put("/echo", "1"), has_header("X-Method", "PUT")));
  CHECK(matches(app.patch("/echo", "1"), has_header("X-Method", "PATCH")));
  CHECK(matches(app.delete_("/echo"), has_header("X-Method", "DELETE")));
  CHECK(matches(app.head("/hello/you"), has_header("Content-Length", "3"), has_content("")));
  CHECK(matches(app.get("/nowhere"), has_status(404)));
  CHECK(matches(app.ask(request("GET", "/peer").peer("2001:db8::1", 99)),
                has_content("[2001:db8::1]:99")));
  CHECK(app.runtime().open_connections() == 0);
}

TEST_CASE("a call waits in virtual time for its response", "[testing]") {
  test_app app{add_routes};
  const auto begun = app.runtime().clock().now();
  CHECK(matches(app.get("/sleep"), has_content("slept")));
  CHECK(app.runtime().clock().now() - begun == 20s);
}

TEST_CASE("a waiting request is answered once its time has passed", "[testing]") {
  test_app app{add_routes, sake::config{}.with_request_timeout(30s)};
  auto pending = app.send(request("GET", "/sleep"));
  app.advance(19'999ms);
  CHECK_FALSE(pending.is_ready());
  app.advance(1ms);
  CHECK(pending.is_ready());

  auto strict = test_app{add_routes, sake::config{}.with_request_timeout(10s)};
  CHECK(matches(strict.get("/sleep"), has_status(504)));
}

TEST_CASE("all waits follow the app's time", "[testing]") {
  test_app app;
  // Ticks by CAF's own delayed messages; each tick answers one request.
  const auto ticker = app.spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self](const sake::http::request&) {
      auto promise = self->make_response_promise<sake::http::response>();
      self->delayed_send(self, 3s, tick_atom::value);
      self->become([promise](tick_atom) mutable {
        promise.deliver(sake::http::response::text(200, "tick"));
      });
      return promise;
    }};
  });
  app.routes().get("/tick", ticker);
  // Waits for an actor that never answers, by CAF's own request timeout.
  probe silent{app};
  app.routes().get("/timeout", app.spawn([whom = silent.handle()](caf::event_based_actor* self) {
    return caf::behavior{[=](const sake::http::request&) {
      auto promise = self->make_response_promise<sake::http::response>();
      self->request(whom, 7s, tick_atom::value)
          .then([] {},
                [promise](const caf::error&) mutable {
                  promise.deliver(sake::http::response::text(200, "gave up"));
                });
      return promise;
    }};
  }));
  app.routes()
      .get("/keyed/:key",
           [](caf::event_based_actor*) -> caf::behavior {
             return {[n = 0](const sake::http::request&) mutable {
               return sake::http::response::text(200, std::to_string(++n));
             }};
           })
      .keyed_by("key", 60s);

  auto tick = app.send(request("GET", "/tick"));
  auto timeout = app.send(request("GET", "/timeout"));
  app.advance(2'999ms);
  CHECK_FALSE(tick.is_ready());
  app.advance(1ms);
  CHECK(tick.is_ready());
  app.advance(3'999ms);
  CHECK_FALSE(timeout.is_ready());
  app.advance(1ms);
  CHECK(matches(timeout.take(), has_content("gave up")));

  CHECK(matches(app.get("/keyed/a"), has_content("1")));
  CHECK(matches(app.get("/keyed/a"), has_content("2")));
  app.advance(60s);
  CHECK(matches(app.get("/keyed/a"), has_content("1")));
}

TEST_CASE("steps are small and repeatable", "[testing]") {
  const auto steps = [] {
    test_app app{add_routes};
    auto pending = app.send(request("GET", "/hello/you"));
    int count = 0;
    while (!pending.is_ready() && app.step())
      ++count;
    return count;
  };
  const int count = steps();
  CHECK(count > 0);
  CHECK(steps() == count);
}

TEST_CASE("handlers on the pool run as tasks, within the limits of the pool", "[testing]") {
  const auto add = [](sake::route_group& app) {
    app.get("/", [](context& ctx) { ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor"); })
        .worker();
    app.get("/offload", [](context& ctx) -> task<> {
      const int n = co_await ctx.offload([] { return 7; });
      ctx.string(200, std::to_string(n));
    });
  };
  test_app app{add};
  CHECK(matches(app.get("/"), has_content("pool")));
  CHECK(matches(app.get("/offload"), has_content("7")));

  test_app inline_app{add, sake::config{}.with_worker_pool(false)};
  CHECK(matches(inline_app.get("/"), has_content("reactor")));

  test_app small{add, sake::config{}.with_workers(1).with_worker_max_queued(0)};
  auto first = small.send(request("GET", "/"));
  auto second = small.send(request("GET", "/"));
  CHECK(matches(first.take(), has_status(200)));
  CHECK(matches(second.take(), has_status(503), has_header("Retry-After")));
}

TEST_CASE("a connection carries octets both ways, as slowly as the test wants", "[testing]") {
  test_app app{add_routes};
  auto peer = app.connect();
  peer.send("GET /hello/you HTT");
  app.run();
  CHECK(peer.take().empty());
  peer.accept(12);
  peer.send("P/1.1\r\nHost: a\r\n\r\n");
  app.run();
  CHECK(peer.take() == "HTTP/1.1 200");
  peer.accept(10'000);
  app.run();
  CHECK_THAT(peer.take(), Catch::Matchers::EndsWith("you"));
  peer.finish();
  app.run();
  CHECK(peer.is_gone());

  test_app full{add_routes, sake::config{}.with_max_connections(1)};
  auto kept = full.connect();
  CHECK(matches(full.get("/hello/you"), has_status(503)));
}

TEST_CASE("a response that never comes is a failure with an explanation", "[testing]") {
  test_app app{sake::config{}.with_request_timeout(0ms)};
  probe silent{app};
  app.routes().get("/", silent.handle());
  CHECK_THROWS_WITH(app.get("/"), ContainsSubstring("no response to GET /: the app is idle"));
}

TEST_CASE("a stream is read in pieces, and waited for in virtual time", "[testing]") {
  test_app app{add_routes, patient()};
  auto ticks = app.send(request("GET", "/ticks"));
  CHECK(ticks.so_far().status() == 0);
  const auto begun = app.runtime().clock().now();
  CHECK(ticks.next_piece() == "event: tick\ndata: 1\n\n");
  CHECK(ticks.next_piece() == "event: tick\ndata: 2\n\n");
  CHECK(app.runtime().clock().now() - begun == 1s);
  CHECK(matches(ticks.so_far(), has_status(200), has_header("Content-Type", "text/event-stream"),
                contains("data: 2")));
  CHECK(ticks.next_event() == "event: tick\ndata: 3");
  app.advance(2s);
  CHECK(ticks.next_event() == "event: tick\ndata: 4");
  CHECK(ticks.next_event() == "event: tick\ndata: 5");
  CHECK(matches(app.get("/hello/you"), has_content("you")));
  ticks.leave();
  app.run();
  CHECK(app.runtime().open_connections() == 0);
}

TEST_CASE("pieces end with their response, which can then be taken whole", "[testing]") {
  test_app app{add_routes, patient()};
  auto pieces = app.send(request("GET", "/pieces"));
  CHECK(pieces.next_piece() == "ab");
  CHECK(pieces.next_piece() == "c");
  CHECK(pieces.next_piece() == "de");
  CHECK_FALSE(pieces.next_piece());
  CHECK_FALSE(pieces.next_event());
  CHECK(matches(pieces.take(), has_status(200), has_content("abcde")));
  auto whole = app.send(request("GET", "/hello/you"));
  CHECK_FALSE(whole.next_event()); // no event is complete
  CHECK(whole.next_piece() == "you");
  CHECK_FALSE(app.send(request("HEAD", "/pieces")).next_piece());
}

TEST_CASE("an endless response is a failure that explains how to read it", "[testing]") {
  test_app app{add_routes, patient()};
  app.routes().get("/much", [](context& ctx) -> task<> {
    const std::string much(1024 * 1024, 'x');
    for (auto out = ctx.stream(200, "text/plain");;)
      co_await out.write(much);
  });
  const auto begun = app.runtime().clock().now();
  CHECK_THROWS_WITH(
      app.get("/ticks"),
      ContainsSubstring("the response to GET /ticks has not ended: an hour has passed")
          && ContainsSubstring("next_piece()"));
  CHECK(app.runtime().clock().now() - begun <= 1h);
  CHECK_THROWS_WITH(app.get("/much"), ContainsSubstring("64 MiB"));
  CHECK(app.runtime().open_connections() == 0);
}

TEST_CASE("a missing piece is a failure", "[testing]") {
  test_app app{patient()};
  app.routes().get("/late", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("first");
    co_await ctx.sleep(61min);
  });
  app.routes().get("/cut", [](context& ctx) -> task<> {
    auto out = ctx.stream(200, "text/plain");
    co_await out.write("first");
    co_await ctx.sleep(1s);
    throw std::runtime_error("cut");
  });
  auto late = app.send(request("GET", "/late"));
  CHECK(late.next_piece() == "first");
  CHECK_THROWS_WITH(late.next_piece(), ContainsSubstring("an hour has passed without any of it"));
  auto cut = app.send(request("GET", "/cut"));
  CHECK(cut.next_piece() == "first");
  CHECK_THROWS_WITH(cut.next_piece(),
                    ContainsSubstring("has not ended: the connection was closed"));
}

TEST_CASE("an actor's clock is the app's clock", "[testing]") {
  test_app app;
  const auto watch = app.spawn([](caf::event_based_actor* self) -> caf::behavior {
    return {[self, begun = self->clock().now()](tick_atom) {
      return static_cast<int>((self->clock().now() - begun) / 1s);
    }};
  });
  CHECK(app.ask<int>(watch, tick_atom::value) == 0);
  app.advance(90s);
  CHECK(app.ask<int>(watch, tick_atom::value) == 90);
}

TEST_CASE("a limit that can have no effect is refused, as by an engine", "[testing]") {
  test_app app;
  app.routes()
      .get("/", [](context& ctx) { ctx.string(200, ""); })
      .max_queued(1)
      .pinned_to_reactor();
  CHECK_THROWS_WITH(app.get("/"), ContainsSubstring("route GET /: .max_queued() limits"));
}

TEST_CASE("an undeclared pool is refused, as by an engine", "[testing]") {
  const auto add = [](sake::route_group& app) {
    app.get("/", [](context& ctx) { ctx.string(200, ""); }).worker("nobody");
  };
  test_app app{add};
  CHECK_THROWS_AS(app.get("/"), std::invalid_argument);
  CHECK_THROWS_WITH(app.get("/"), ContainsSubstring("route GET /: no pool is named \"nobody\""));
  test_app declared{add, sake::config{}.with_pool("nobody", {})};
  CHECK(matches(declared.get("/"), has_status(200)));
}

TEST_CASE("each place takes as many tasks as in an engine", "[testing]") {
  const auto answer = [](context& ctx) { ctx.string(200, ""); };
  test_app app{sake::config{}.with_workers(1).with_worker_max_queued(0).with_pool(
      "images", {.workers = 2, .max_queued = 1})};
  app.routes().get("/pool", answer).worker();
  app.routes().get("/images", answer).worker("images");
  app.routes().get("/alone", answer).detached();
  app.routes().get("/apart", answer).detached();
  const auto taken_of = [&app](const std::vector<std::string>& targets) {
    std::vector<pending_response> sent;
    for (const auto& each : targets)
      sent.push_back(app.send(request("GET", each)));
    int taken = 0;
    for (auto& each : sent)
      taken += each.take().status() == 200 ? 1 : 0;
    return taken;
  };
  CHECK(taken_of({"/pool", "/pool", "/pool"}) == 1);
  CHECK(taken_of({"/images", "/images", "/images", "/images"}) == 3);
  CHECK(taken_of({"/alone", "/alone", "/apart"}) == 2);
}

TEST_CASE("a configuration that an engine refuses is refused by a test app", "[testing]") {
  CHECK_THROWS_AS(test_app{sake::config{}.with_max_connections(0)}, std::invalid_argument);
}

TEST_CASE("a handler actor is tested alone, by a request in one line", "[testing]") {
  test_app app;
  const auto cart = app.spawn([](caf::event_based_actor*) -> caf::behavior {
    return {[](const sake::http::request& asked) {
      return sake::http::response::text(
          200, std::string{asked.param("customer")} + " " + std::string{asked.header("X-A")} + " "
                   + std::string{asked.query()} + " " + std::string{asked.content()});
    }};
  });
  CHECK(matches(app.ask(cart, request("PUT", "/carts/ann?n=1")
                                  .param("customer", "ann")
                                  .header("X-A", "b")
                                  .content("tea")),
                has_status(200), has_content("ann b n=1 tea")));
  CHECK_THROWS_WITH((app.ask<int>(cart, request("GET", "/").value())),
                    ContainsSubstring("expected (int); got"));
}

TEST_CASE("a failed matcher reports the expected and the actual value", "[testing]") {
  test_app app{add_routes};
  const auto held =
      matches(app.get("/hello/you"), has_status(201), has_content("you"), has_no_header("Date"));
  CHECK_FALSE(held);
  CHECK_THAT(held.why_not(), ContainsSubstring("expected status 201, no field Date; got 200 OK"));
  CHECK(matches(app.get("/hello/you"), contains("yo"), has_header("date")));
}

TEST_CASE("the received part of a response is available before its end", "[testing]") {
  response_reader reader;
  reader.append("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3\r\nd");
  CHECK_FALSE(reader.next());
  CHECK(matches(reader.part(), has_status(200), has_content("abc")));
  reader.append("ef\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngh");
  const auto whole = reader.next().value();
  CHECK(whole.content() == "abcdef");
  CHECK_THAT(whole.raw(), Catch::Matchers::EndsWith("ef\r\n0\r\n\r\n"));
  CHECK_FALSE(reader.next());
  CHECK(reader.part().content() == "gh");
}

TEST_CASE("responses are read in pieces, by length, in chunks, and to the end", "[testing]") {
  const std::string octets = "HTTP/1.1 100 Continue\r\n\r\n"
                             "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab"
                             "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\ncde\r\n1\r\nf\r\n0\r\nX: y\r\n\r\n"
                             "HTTP/1.1 204 No Content\r\n\r\n"
                             "HTTP/1.1 200 OK\r\n\r\nto the end";
  response_reader reader;
  std::string contents;
  for (const char each : octets) {
    reader.append({&each, 1});
    if (const auto got = reader.next())
      contents += got->content() + '|';
  }
  reader.finish();
  contents += reader.next().value().content();
  CHECK(contents == "ab|cdef||to the end");
  reader.append("nonsense\r\n\r\n");
  CHECK_THROWS_AS(reader.next(), failure);
}

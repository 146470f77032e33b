// The contract: the same octets wherever a handler runs.
#include "../support/catch.hpp"

#include <sake/actors.hpp>
#include <sake/routing/event_stream.hpp>
#include <sake/testing/contract.hpp>

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

// One handler of each kind in the examples, behind middleware of both kinds.
void add_routes(sake::route_group& app) {
  app.use([](context& ctx) {
    ctx.next([](context& after) {
      after.set_header("X-Length", std::to_string(after.response().content().size()));
    });
  });
  auto timed = app.group("/timed");
  timed.use([](context& ctx) -> task<> {
    co_await ctx.next();
    ctx.set_header("X-Status", std::to_string(ctx.response().status()));
  });
  for (auto at : {static_cast<sake::route_group>(app), timed}) {
    at.get("/hello/:name", [](context& ctx) { ctx.string(200, ctx.param("name")); });
    at.get("/json", [](context& ctx) { ctx.json(201, {{"q", ctx.query("q")}}); });
    at.post("/echo", [](context& ctx) {
      ctx.data(200, ctx.header("Content-Type"), std::string{ctx.body()});
    });
    at.get("/throw", [](context&) { throw std::runtime_error("boom"); });
    at.get("/abort", [](context& ctx) { ctx.abort_with_status(409); });
    at.get("/none", [](context& ctx) { ctx.status(204); });
    at.get("/pinned", [](context& ctx) { ctx.string(200, "here"); }).pinned_to_reactor();
    at.get("/worker", [](context& ctx) { ctx.string(200, "there"); }).worker();
    at.get("/sleep", [](context& ctx) -> task<> {
      co_await ctx.sleep(20ms);
      const int n = co_await ctx.offload([] { return 7; });
      ctx.string(200, "slept" + std::to_string(n));
    });
    at.get("/late", [](context& ctx) -> task<> { co_await ctx.sleep(1h); });
    at.get("/count", [](caf::event_based_actor*) -> caf::behavior {
      return {[n = 0](const sake::http::request&) mutable {
        return sake::http::response::text(200, std::to_string(++n));
      }};
    });
    at.get("/keyed/:key", [](caf::event_based_actor*) -> caf::behavior {
        return {[n = 0](const sake::http::request&) mutable {
          return sake::http::response::text(200, std::to_string(++n));
        }};
      }).keyed_by("key");
  }
}

std::vector<request> requests() {
  std::vector<request> all;
  for (const std::string at : {"", "/timed"}) {
    for (const std::string path :
         {"/hello/a%20b", "/json?q=1", "/throw", "/abort", "/none", "/pinned", "/worker", "/sleep",
          "/late", "/count", "/count", "/keyed/a", "/keyed/a", "/keyed/b", "/nowhere", "/echo"})
      all.emplace_back("GET", at + path);
    all.emplace_back("HEAD", at + "/hello/you");
    all.emplace_back("OPTIONS", at + "/hello/you");
    all.emplace_back("BREW", at + "/hello/you");
    all.push_back(request("POST", at + "/echo").content(std::string(100'000, 'x'), "a/b"));
  }
  return all;
}

} // namespace

TEST_CASE("every kind of handler answers the same in every place", "[testing]") {
  CHECK(check_contract(add_routes, requests()));
}

TEST_CASE("routes that stream must send the same content in every place", "[testing]") {
  const auto routes = [](sake::route_group& app) {
    app.get("/pieces", [](context& ctx) -> task<> {
      auto out = ctx.stream(201, "text/plain");
      for (int i = 0; i < 3; ++i) {
        co_await out.write(std::string(1000, static_cast<char>('a' + i)));
        co_await ctx.sleep(20ms);
      }
    });
    app.get("/sized", [](context& ctx) -> task<> {
      auto out = ctx.stream(200, "text/plain", 4);
      co_await out.write("ab");
      co_await out.write("cd");
    });
    app.get("/events", [](context& ctx) -> task<> {
      auto out = ctx.event_stream();
      for (int i = 0; i < 3; ++i)
        co_await out.send({.data = std::to_string(i)});
    });
    app.post("/sum",
             [](context& ctx) -> task<> {
               int sum = 0;
               while (const auto piece = co_await ctx.read())
                 for (const char c : *piece)
                   sum += c - '0';
               ctx.string(200, std::to_string(sum));
             })
        .streams_content();
  };
  const std::vector<request> asked{request("GET", "/pieces"), request("HEAD", "/pieces"),
                                   request("GET", "/sized"), request("GET", "/events"),
                                   request("POST", "/sum").content(std::string(5000, '1'))};
  CHECK(check_contract(routes, asked));
}

TEST_CASE("a stream that differs between places is found", "[testing]") {
  const auto held = check_contract("/",
                                   [](context& ctx) -> task<> {
                                     auto out = ctx.stream(200, "text/plain");
                                     co_await out.write(ctx.in_worker_pool() ? "pool" : "reactor");
                                   },
                                   {request("GET", "/")});
  CHECK_FALSE(held);
  CHECK_THAT(held.why_not(), ContainsSubstring("GET / is answered otherwise on the worker pool"));
}

TEST_CASE("a single handler can be checked against the contract", "[testing]") {
  CHECK(check_contract("/:n", [](context& ctx) { ctx.string(200, ctx.param("n")); },
                       {request("GET", "/1"), request("POST", "/2").content("x")}));
  CHECK(check_contract("/", [](context& ctx) { ctx.string(200, "root"); },
                       {request("GET", "/"), request("GET", "/?a=b")}));
}

TEST_CASE("a handler that answers differently in one place is reported with place and difference",
          "[testing]") {
  const auto held = check_contract(
      "/", [](context& ctx) { ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor"); },
      {request("GET", "/nowhere"), request("GET", "/")});
  CHECK_FALSE(held);
  CHECK_THAT(held.why_not(), ContainsSubstring("GET / is answered otherwise on the worker pool")
                                 && ContainsSubstring("\r\n\r\nreactor")
                                 && ContainsSubstring("\r\n\r\npool"));
}

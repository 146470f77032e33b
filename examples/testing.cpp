// A user's own tests with the test kit: a service and its tests.
#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_test_macros.hpp>
#else
#include <catch2/catch.hpp> // needs a file with its main: #define CATCH_CONFIG_MAIN
#endif

#include <sake/actors.hpp>
#include <sake/sake.hpp>
#include <sake/testing/contract.hpp>
#include <sake/testing/simulation.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <string>

using namespace sake::testing;
using namespace std::chrono_literals;

/// Counts the sales of an item: one such actor for each item.
caf::behavior till(caf::event_based_actor*) {
  return {[sold = 0](const sake::http::request& asked) mutable {
    return sake::http::response::text(200, std::string{asked.param("item")} + ": "
                                               + std::to_string(++sold));
  }};
}

/// @param stock  an actor that answers the name of an item with its number in stock
void add_routes(sake::route_group& app, const caf::actor& stock) {
  app.get("/hello/:name", [](sake::context& ctx) {
    ctx.string(200, "Hello, " + std::string{ctx.param("name")} + "!");
  });
  app.post("/sold/:item", till).keyed_by("item", 60s);
  app.get("/stock/:item", [stock](sake::context& ctx) -> sake::task<> {
    const auto left = co_await ctx.ask<int>(stock, 2s, std::string{ctx.param("item")});
    ctx.string(left ? 200 : 503, left ? std::to_string(*left) : "the stock does not answer");
  });
}

TEST_CASE("a user is greeted by name") {
  test_app app;
  add_routes(app.routes(), app.stub([](const std::string&) { return 3; }));
  CHECK(matches(app.get("/hello/you"), has_status(200), has_content("Hello, you!")));
  CHECK(matches(app.get("/stock/tea"), has_header("Content-Type"), has_content("3")));
}

// [test]
TEST_CASE("the sales of an item are forgotten after a minute") {
  test_app app;
  add_routes(app.routes(), {});
  CHECK(matches(app.post("/sold/tea", ""), has_content("tea: 1")));
  CHECK(matches(app.post("/sold/tea", ""), has_content("tea: 2")));
  app.advance(60s);
  CHECK(matches(app.post("/sold/tea", ""), has_content("tea: 1")));
}
// [/test]

TEST_CASE("a slow stock is waited for, a silent one is not") {
  test_app app;
  probe stock{app};
  add_routes(app.routes(), stock.handle());
  auto slow = app.send(request("GET", "/stock/tea"));
  stock.expect<std::string>().reply_after(1s, 120);
  CHECK(matches(slow.take(), has_status(200), has_content("120")));
  auto never = app.send(request("GET", "/stock/tea"));
  (void)stock.expect<std::string>();
  CHECK(matches(never.take(), has_status(503)));
}

TEST_CASE("an endless response is read in pieces") {
  test_app app;
  app.routes().get("/ticks", [](sake::context& ctx) -> sake::task<> {
    for (auto out = ctx.stream(200, "text/plain");; co_await ctx.sleep(1s))
      co_await out.write("tick");
  });
  auto ticks = app.send(request("GET", "/ticks"));
  CHECK(ticks.next_piece() == "tick");
  CHECK(ticks.next_piece() == "tick");
}

TEST_CASE("an actor is tested alone, and all routes in every place") {
  test_app app;
  const auto alone = request("POST", "/sold/tea").param("item", "tea");
  CHECK(matches(app.ask(app.spawn(till), alone), has_content("tea: 1")));
  CHECK(check_contract([](sake::route_group& routes) { add_routes(routes, {}); },
                       {request("GET", "/hello/you"), request("POST", "/sold/tea")}));
}

TEST_CASE("every client is answered in every order of events") {
  const auto crowd = [](simulation& run) {
    add_routes(run.app().routes(), run.app().stub([](const std::string&) { return 3; }));
    for (const std::string name : {"ann", "bob", "cy"})
      run.client()
          .ask(request("GET", "/hello/" + name), has_content("Hello, " + name + "!"))
          .ask(request("GET", "/stock/" + name), has_content("3"));
  };
  CHECK(simulate(crowd, {.first = 1, .count = 100}));
}

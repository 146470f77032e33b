// Probes and stubs of the test kit in the place of actors.
#include "../support/catch.hpp"

#include <sake/actors.hpp>
#include <sake/testing/matchers.hpp>
#include <sake/testing/test_app.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <string>

using namespace sake::testing;
using namespace std::chrono_literals;
using Catch::Matchers::ContainsSubstring;
using sake::context;
using sake::task;

namespace {

// A route that asks an actor for the stock of an article.
void add_stock(test_app& app, const caf::actor& stock) {
  app.routes().get("/:item", [stock](context& ctx) -> task<> {
    const auto left = co_await ctx.ask<int>(stock, 5s, std::string{ctx.param("item")});
    ctx.string(left ? 200 : 503, left ? std::to_string(*left) : "?");
  });
}

struct shop {
  shop() { add_stock(app, stock.handle()); }
  test_app app;
  probe stock{app};
};

} // namespace

TEST_CASE("a probe receives a message and answers it", "[testing]") {
  shop own;
  auto pending = own.app.send(request("GET", "/tea"));
  auto asked = own.stock.expect<std::string>();
  CHECK(asked.get<std::string>() == "tea");
  CHECK(asked.is_request());
  CHECK_FALSE(pending.is_ready());
  asked.reply(3);
  CHECK(matches(pending.take(), has_content("3")));
  own.stock.expect_nothing();
  CHECK_THROWS_AS(asked.reply(4), failure);
}

TEST_CASE("a probe receives messages in the order of arrival", "[testing]") {
  shop own;
  auto tea = own.app.send(request("GET", "/tea"));
  own.app.run();
  auto rice = own.app.send(request("GET", "/rice"));
  own.app.run();
  CHECK(own.stock.waiting() == 2);
  own.stock.expect<std::string>().reply(1);
  own.stock.expect<std::string>().reply(2);
  CHECK(matches(tea.take(), has_content("1")));
  CHECK(matches(rice.take(), has_content("2")));
}

TEST_CASE("a probe delays its answer in virtual time, drops it, or fails", "[testing]") {
  shop own;
  auto delayed = own.app.send(request("GET", "/tea"));
  own.stock.expect<std::string>().reply_after(4s, 3);
  own.app.advance(3'999ms);
  CHECK_FALSE(delayed.is_ready());
  own.app.advance(1ms);
  CHECK(delayed.is_ready());

  auto dropped = own.app.send(request("GET", "/tea"));
  (void)own.stock.expect<std::string>();
  own.app.advance(4'999ms);
  CHECK_FALSE(dropped.is_ready());
  CHECK(matches(dropped.take(), has_status(503)));

  auto failed = own.app.send(request("GET", "/tea"));
  own.stock.expect<std::string>().fail(caf::make_error(caf::sec::runtime_error));
  CHECK(matches(failed.take(), has_status(503)));
}

TEST_CASE("messages that a killed probe holds, and later ones, are answered with an error",
          "[testing]") {
  shop own;
  auto waiting = own.app.send(request("GET", "/tea"));
  own.app.run();
  own.stock.kill();
  CHECK(matches(waiting.take(), has_status(503)));
  CHECK(matches(own.app.get("/tea"), has_status(503)));
}

TEST_CASE("an actor that monitors a probe learns that the probe was killed", "[testing]") {
  test_app app;
  probe watched{app};
  probe told{app};
  app.spawn([whom = watched.handle(), to = told.handle()](caf::event_based_actor* self) {
    self->monitor(whom);
    self->set_down_handler([=](const caf::down_msg&) { self->send(to, std::string{"down"}); });
    return caf::behavior{[](int) {}};
  });
  told.expect_nothing();
  watched.kill();
  CHECK(told.expect<std::string>().get<std::string>() == "down");
}

TEST_CASE("an unexpected message is named, and so is a missing one", "[testing]") {
  shop own;
  CHECK_THROWS_WITH(own.stock.expect<int>(), ContainsSubstring("expected (int); no message"));
  auto pending = own.app.send(request("GET", "/tea"));
  CHECK_THROWS_WITH(own.stock.expect<int>(),
                    ContainsSubstring("expected (int); got") && ContainsSubstring("tea"));
  CHECK_THROWS_WITH(own.stock.expect_nothing(), ContainsSubstring("expected nothing; got"));
  own.stock.expect<std::string>().reply(1);
  CHECK(matches(pending.take(), has_status(200)));
}

TEST_CASE("a probe in the place of a handler is answered by the test", "[testing]") {
  test_app app;
  probe handler{app};
  app.routes().get("/users/:id", handler.handle());
  auto pending = app.send(request("GET", "/users/7"));
  auto asked = handler.expect<sake::http::request>();
  CHECK(asked.get<sake::http::request>().param("id") == "7");
  asked.reply(sake::http::response::text(201, "made"));
  CHECK(matches(pending.take(), has_status(201), has_content("made")));
}

TEST_CASE("a stub answers by its functions", "[testing]") {
  test_app app;
  const auto stock = app.stub([](const std::string& item) { return static_cast<int>(item.size()); },
                              [](int n) { return n + 1; });
  add_stock(app, stock);
  CHECK(matches(app.get("/tea"), has_content("3")));
  CHECK(app.ask<int>(stock, 41) == 42);
}

// The order in which the layers of a chain run, and how a layer ends the chain.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <stdexcept>
#include <string>

using sake::context;
using sake::task;
using sake::test::test_context;

namespace {

// Layers that record the order in which they run.
struct trace {
  std::string text;

  // A plain function that also runs a function after the response.
  auto around(std::string name) {
    return [this, name](context& ctx) {
      text += name + ' ';
      ctx.next([this, name](context& after) {
        text += '/' + name + '=' + std::to_string(after.response().status()) + ' ';
      });
    };
  }

  auto coroutine(std::string name) {
    return [this, name](context& ctx) -> task<> {
      text += name + ' ';
      co_await ctx.next();
      text += '/' + name + '=' + std::to_string(ctx.response().status()) + ' ';
    };
  }

  auto answer(int status) {
    return [this, status](context& ctx) {
      text += "handler ";
      ctx.string(status, "answer");
    };
  }
};

} // namespace

TEST_CASE("the layers run in order, and their functions after the response in reverse",
          "[routing][chain]") {
  trace seen;
  test_context ctx{seen.around("a"), seen.coroutine("b"), seen.around("c"), seen.answer(201)};
  ctx.serve();
  CHECK(seen.text == "a b c handler /c=201 /b=201 /a=201 ");
  CHECK(ctx.is_finished());
}

TEST_CASE("code behind a plain next() runs before the rest of the chain", "[routing][chain]") {
  trace seen;
  test_context ctx{[&](context& c) {
                     seen.text += "before ";
                     c.next();
                     seen.text += "behind ";
                   },
                   seen.answer(200)};
  ctx.serve();
  CHECK(seen.text == "before behind handler ");
}

TEST_CASE("a coroutine sees the final response after co_await next()", "[routing][chain]") {
  std::string content;
  test_context ctx{[&](context& c) -> task<> {
                     co_await c.next();
                     content = c.response().content();
                     c.set_header("X-Length", std::to_string(content.size()));
                   },
                   [](context& c) -> task<> {
                     co_await c.sleep(std::chrono::milliseconds{5});
                     c.string(200, "late");
                   }};
  ctx.serve();
  CHECK(content.empty());
  CHECK_FALSE(ctx.is_finished());
  ctx.wake();
  ctx.run_ready();
  CHECK(content == "late");
  CHECK(ctx.response().header("X-Length") == "4");
  CHECK(ctx.is_finished());
}

TEST_CASE("a middleware that returns without next() passes the request on", "[routing][chain]") {
  trace seen;
  SECTION("the middleware did nothing") {
    test_context ctx{[](context&) {}, seen.answer(200)};
    CHECK(ctx.serve().content() == "answer");
  }
  SECTION("the middleware set the status or a field, which is no answer") {
    test_context ctx{[](context& c) { c.status(202).set_header("X-Layer", "1"); },
                     [&](context&) { seen.text += "handler"; }};
    ctx.serve();
    CHECK(seen.text == "handler");
    CHECK(ctx.response().status() == 202);
  }
  SECTION("the middleware is a coroutine") {
    test_context ctx{[](context&) -> task<> { co_return; }, seen.answer(200)};
    CHECK(ctx.serve().content() == "answer");
  }
  SECTION("an earlier layer answered and passed on") {
    test_context ctx{[](context& c) {
                       c.string(500, "unless somebody knows better");
                       c.next();
                     },
                     [](context&) {}, seen.answer(200)};
    CHECK(ctx.serve().content() == "answer");
  }
}

TEST_CASE("a middleware that answers without next() ends the chain", "[routing][chain]") {
  trace seen;
  test_context ctx{seen.around("a"), [](context& c) { c.string(401, "who are you?"); },
                   seen.answer(200)};
  ctx.serve();
  CHECK(seen.text == "a /a=401 ");
  CHECK(ctx.response().content() == "who are you?");
}

TEST_CASE("abort() ends the chain, and earlier layers still see the response", "[routing][chain]") {
  trace seen;
  SECTION("abort() is given a status") {
    test_context ctx{seen.around("a"), seen.coroutine("b"),
                     [](context& c) { c.abort_with_status(403); }, seen.answer(200)};
    ctx.serve();
    CHECK(seen.text == "a b /b=403 /a=403 ");
    CHECK(ctx.response().content() == "Forbidden\n");
    CHECK(ctx.is_aborted());
  }
  SECTION("abort() follows next()") {
    test_context ctx{[](context& c) {
                       c.next();
                       c.abort();
                     },
                     seen.answer(418)};
    ctx.serve();
    CHECK(seen.text.empty());
    CHECK(ctx.response().status() == 200);
  }
}

TEST_CASE("calling next() twice passes the request on once", "[routing][chain]") {
  trace seen;
  SECTION("a plain function calls it") {
    test_context ctx{[](context& c) {
                       c.next();
                       c.next();
                     },
                     seen.answer(200)};
    ctx.serve();
  }
  SECTION("a coroutine calls it") {
    test_context ctx{[](context& c) -> task<> {
                       co_await c.next();
                       co_await c.next();
                     },
                     seen.answer(200)};
    ctx.serve();
    CHECK(ctx.is_finished());
  }
  CHECK(seen.text == "handler ");
}

TEST_CASE("two functions that one layer gives to next() run in reverse", "[routing][chain]") {
  std::string order;
  test_context ctx{[&](context& c) {
                     c.next([&](context&) { order += "first "; });
                     c.next([&](context&) { order += "second "; });
                   },
                   [](context& c) { c.string(200, ""); }};
  ctx.serve();
  CHECK(order == "second first ");
}

TEST_CASE("a context serves one request after the other", "[routing][chain]") {
  trace seen;
  test_context ctx{seen.around("a"),
                   [&](context& c) {
                     if (c.path() == "/abort")
                       c.abort_with_status(403);
                   },
                   seen.answer(200)};
  CHECK(ctx.serve(sake::http::request::make("GET", "/abort")).status() == 403);
  seen.text.clear();
  CHECK(ctx.serve(sake::http::request::make("GET", "/")).status() == 200);
  CHECK(seen.text == "a handler /a=200 ");
  CHECK_FALSE(ctx.is_aborted());
}

TEST_CASE("a wait without a coroutine ends with run_on()", "[routing][chain]") {
  trace seen;
  test_context* waiting = nullptr;
  bool at_once = false;
  test_context ctx{seen.around("a"), [&](context&) {
                     waiting->wait();
                     if (at_once)
                       waiting->run_on();
                   }};
  waiting = &ctx;
  SECTION("run_on() is called after the layer has returned") {
    ctx.serve();
    CHECK(seen.text == "a ");
    CHECK_FALSE(ctx.is_finished());
    ctx.string(203, "");
    ctx.run_on();
    CHECK(seen.text == "a /a=203 ");
  }
  SECTION("run_on() is called before the layer has returned") {
    at_once = true;
    ctx.serve();
    CHECK(seen.text == "a /a=200 ");
  }
  CHECK(ctx.is_finished());
}

TEST_CASE("a handler moves to the pool, its middleware stays", "[routing][chain]") {
  std::string order;
  const auto where = [&order](std::string name) {
    return [&order, name](context& c) {
      order += name + (c.in_worker_pool() ? "@pool " : "@home ");
      c.next([&order, name](context& after) {
        order += '/' + name + (after.in_worker_pool() ? "@pool " : "@home ");
      });
    };
  };
  test_context ctx;
  ctx.defers = true;
  SECTION("the handler is a plain function") {
    ctx.set_layers({where("a"), where("handler")});
    ctx.serve();
    CHECK(ctx.is_deferred);
    CHECK(order == "a@home ");
    ctx.run_deferred();
    CHECK(order == "a@home handler@pool /handler@home /a@home ");
  }
  SECTION("the handler is a coroutine, which stays on the pool after a wait") {
    ctx.set_layers({where("a"), [&](context& c) -> task<> {
                      co_await c.sleep(std::chrono::milliseconds{1});
                      order += c.in_worker_pool() ? "handler@pool " : "handler@home ";
                    }});
    ctx.serve();
    ctx.run_deferred();
    CHECK(ctx.is_in_layer());
    ctx.wake();
    ctx.run_deferred();
    CHECK(order == "a@home handler@pool /a@home ");
  }
  CHECK(ctx.is_finished());
}

// The end: connections close behind what they owe.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <chrono>
#include <string>

using sake::context;
using sake::task;
using sake::test::closes;
using sake::test::get;
using sake::test::post;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

struct fixture : shard_fixture {
  fixture() {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/later", [](context& ctx) -> task<> {
      co_await ctx.sleep(1s);
      ctx.string(200, "later");
    });
    this->post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
  }

  void drain() {
    shard().reactor().post([this] { shard().drain([this] { ++drained; }); });
    run();
  }

  int drained = 0;
};

} // namespace

TEST_CASE("A shard without connections is drained at once", "[actors][drain]") {
  fixture app;
  app.drain();
  CHECK(app.drained == 1);
}

TEST_CASE("Draining closes idle connections at once", "[actors][drain]") {
  fixture app;
  auto fresh = app.connect();
  auto used = app.connect();
  (void)app.ask(used, get("/"));
  app.drain();
  CHECK(fresh.is_gone());
  CHECK(used.is_gone());
  CHECK(app.drained == 1);
}

TEST_CASE("Draining answers what is in flight, and says that it is the last", "[actors][drain]") {
  fixture app;
  auto waiting = app.connect();
  auto pipelined = app.connect();
  auto half_sent = app.connect();
  auto idle = app.connect();
  (void)app.ask(waiting, get("/later"));
  (void)app.ask(pipelined, get("/later") + get("/"));
  const auto request = post("/echo", "content");
  (void)app.ask(half_sent, request.substr(0, request.size() - 3));
  app.drain();
  CHECK(app.drained == 0);
  CHECK(idle.is_gone());

  CHECK(app.ask(half_sent, request.substr(request.size() - 3))
        == text_on_wire(200, "content", closes));
  CHECK(half_sent.is_gone());
  app.advance(1s);
  CHECK(waiting.take() == text_on_wire(200, "later", closes));
  CHECK(waiting.is_gone());
  CHECK(pipelined.take() == text_on_wire(200, "later") + text_on_wire(200, "root", closes));
  CHECK(pipelined.is_gone());
  CHECK(app.drained == 1);
  CHECK(app.shard().connection_count() == 0);
}

TEST_CASE("Draining waits for a response that is on its way out", "[actors][drain]") {
  fixture app;
  auto peer = app.connect();
  peer.accept(10);
  auto got = app.ask(peer, get("/"));
  app.drain();
  CHECK(app.drained == 0);
  peer.accept(10'000);
  app.run();
  got += peer.take();
  CHECK(got == text_on_wire(200, "root")); // it was written before
  CHECK(peer.is_gone());
  CHECK(app.drained == 1);
}

TEST_CASE("A shard that is closed resets what is left", "[actors][drain]") {
  fixture app;
  auto waiting = app.connect();
  auto idle = app.connect();
  (void)app.ask(waiting, get("/later"));
  app.close();
  CHECK(waiting.is_gone());
  CHECK(waiting.take().empty());
  CHECK(idle.is_gone());
  CHECK(app.shard().connection_count() == 0);
}

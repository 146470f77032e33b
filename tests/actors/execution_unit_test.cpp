// A child inherits the execution unit of the actor that spawned it, but not its thread.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/blocking_actor.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using sake::context;
using sake::task;
using sake::http::request;
using sake::http::response;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;

namespace {

struct execution_unit_fixture : shard_fixture {
  execution_unit_fixture() : shard_fixture({}, pool_of(1, 64)) {}

  std::string await(memory_peer& peer, std::size_t size) {
    std::string got;
    run_until([&] {
      got += peer.take();
      return got.size() >= size || peer.is_closed();
    });
    return got;
  }
};

void answer_once(caf::blocking_actor* self) {
  self->receive([](const request&) { return response::text(200, "child"); });
}

// Answers each request by a blocking child.
caf::behavior delegating(caf::event_based_actor* self) {
  return {[self](const request& what) {
    return self->delegate(self->spawn<caf::detached + caf::hidden>(answer_once), what);
  }};
}

// Answers its request, and waits for further messages until it is told to exit.
struct blocking_helper : caf::blocking_actor {
  blocking_helper(caf::actor_config& cfg, std::atomic<int>& ended)
      : caf::blocking_actor(cfg), ended_(ended) {}
  void act() override {
    bool goes_on = true;
    receive_while(goes_on)([](const sake::http::request&) { return response_of("blocking"); },
                           [&](const caf::exit_msg&) { goes_on = false; });
    ++ended_;
  }
  static sake::http::response response_of(std::string_view text) {
    return sake::http::response::text(200, text);
  }

private:
  std::atomic<int>& ended_;
};

} // namespace

TEST_CASE("a blocking actor per request is told to exit after its answer", "[actors][spawned]") {
  std::atomic<int> ended{0};
  execution_unit_fixture app;
  app.get("/", sake::spawned<blocking_helper>(std::ref(ended))).per_request();
  auto peer = app.connect();
  const auto one = text_on_wire(200, "blocking");
  for (int i = 1; i <= 5; ++i) {
    peer.send(get("/"));
    REQUIRE(app.await(peer, one.size()) == one);
    app.run_until([&] { return ended == i; });
  }
}

TEST_CASE("a chain continues on its reactor when a blocking child of the actor answers",
          "[actors][spawned]") {
  std::vector<std::thread::id> resumed_on;
  execution_unit_fixture app;
  app.use([&](context& ctx) -> task<> {
    co_await ctx.next();
    resumed_on.push_back(std::this_thread::get_id());
  });
  app.get("/reactor", delegating);
  app.get("/pool", delegating).worker();
  auto peer = app.connect();
  const auto one = text_on_wire(200, "child");
  for (int i = 0; i < 20; ++i) {
    peer.send(get("/reactor") + get("/pool"));
    REQUIRE(app.await(peer, 2 * one.size()) == one + one);
  }
  CHECK(resumed_on == std::vector(40, std::this_thread::get_id()));
}

TEST_CASE("a blocking child can send long after the turn in which it was spawned",
          "[actors][spawned]") {
  gate held;
  std::atomic<int> told = 0;
  execution_unit_fixture app;
  const auto listener =
      app.spawn([&](caf::event_based_actor*) -> caf::behavior { return {[&](int) { ++told; }}; });
  auto late = [&](caf::blocking_actor* self) {
    held.pass();
    self->send(listener, 1);
  };
  auto spawning = [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const request&) {
      self->spawn<caf::detached + caf::hidden>(late);
      return response::text(200, "spawned");
    }};
  };
  app.get("/reactor", spawning);
  // Not on CAF's scheduler: the one in memory keeps the unit of each turn on the stack.
  app.get("/pool", spawning).worker();
  auto peer = app.connect();
  const auto one = text_on_wire(200, "spawned");
  peer.send(get("/reactor") + get("/pool"));
  REQUIRE(app.await(peer, 2 * one.size()) == one + one);
  // Further turns overwrite the stack of the turn that spawned the child.
  peer.send(get("/nothing") + get("/nothing"));
  app.run();
  for (int i = 0; i < 2; ++i)
    held.await_visitor();
  held.open(2);
  app.run_until([&] { return told == 2; });
}

TEST_CASE("an actor that is woken on a retired reactor still runs", "[actors][spawned]") {
  gate held;
  std::atomic<bool> told = false;
  execution_unit_fixture app;
  const auto listener = app.spawn(
      [&](caf::event_based_actor*) -> caf::behavior { return {[&](int) { told = true; }}; });
  app.get("/", [&](caf::event_based_actor* self) -> caf::behavior {
    return {[&, self](const request&) {
      self->spawn<caf::detached + caf::hidden>([&](caf::blocking_actor* child) {
        held.pass();
        child->send(listener, 1);
      });
      return response::text(200, "spawned");
    }};
  });
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "spawned"));
  held.await_visitor();
  app.shard().close();
  app.shard().retire();
  held.open();
  app.run_until([&] { return told.load(); });
}

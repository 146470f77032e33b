// The places where actors run that a route spawns.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/places.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/times_in.hpp"
#include "../support/wire.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

using sake::context;
using sake::actors::reactor;
using sake::http::request;
using sake::http::response;
using sake::test::gate;
using sake::test::get;
using sake::test::memory_peer;
using sake::test::places;
using sake::test::plain_on_wire;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using sake::test::thread_name;
using namespace std::chrono_literals;

namespace {

struct actor_placement_fixture : shard_fixture {
  actor_placement_fixture() : shard_fixture({}, pool_of(1, 4), {{"images", pool_of(1, 4)}}) {}

  std::string await(memory_peer& peer, std::size_t size) {
    std::string got;
    run_until([&] {
      got += peer.take();
      return got.size() >= size || peer.is_closed();
    });
    return got;
  }
};

/// The place where the calling code runs, among those of the fixture.
std::string here() {
  if (reactor::current() != nullptr)
    return "reactor";
  const auto name = thread_name();
  for (const auto& each : places)
    if (*each.threads != '\0' && name.rfind(each.threads, 0) == 0)
      return each.name;
  return "scheduler";
}

response told() {
  return response::text(200, here());
}

// One actor of each kind; each answers with the place where it runs.

caf::behavior function(caf::event_based_actor*) {
  return {[](const request&) { return told(); }};
}

struct nothing {};

caf::behavior stateful(caf::stateful_actor<nothing>*) {
  return {[](const request&) { return told(); }};
}

sake::typed_handler::behavior_type typed_teller(sake::typed_handler::pointer) {
  return {[](const request&) { return told(); }};
}

class teller : public caf::event_based_actor {
public:
  teller(caf::actor_config& cfg, int) : caf::event_based_actor(cfg) {}
  caf::behavior make_behavior() override {
    return {[](const sake::http::request&) { return told(); }};
  }
};

class final_teller final : public teller {
public:
  using teller::teller;
};

sake::handler kind(int which) {
  switch (which) {
    case 0:
      return function;
    case 1:
      return stateful;
    case 2:
      return typed_teller;
    default:
      return sake::spawned<teller>(0);
  }
}

constexpr int kinds = 4;

} // namespace

TEST_CASE("actors of every kind and lifetime run in the place of their route",
          "[actors][placement][spawned]") {
  const auto& where = GENERATE(from_range(places));
  const int which = GENERATE(range(0, kinds));
  CAPTURE(where.name, which);
  int afters = 0;
  actor_placement_fixture app;
  app.use([&afters](context& ctx) {
    ctx.next([&afters](context& after) { afters += after.in_worker_pool() ? 100 : 1; });
  });
  where.assign(app.get("/shared", kind(which)));
  where.assign(app.get("/own", kind(which)).per_request());
  where.assign(app.get("/key/:id", kind(which)).keyed_by("id"));
  const auto one = text_on_wire(200, where.name);
  auto peer = app.connect();
  for (int i = 1; i <= 2; ++i) {
    peer.send(get("/shared") + get("/own") + get("/key/a"));
    CHECK(app.await(peer, 3 * one.size()) == one + one + one);
    CHECK(afters == 3 * i);
  }
}

TEST_CASE("without a place, or pinned, the actors of a route run on the reactor that wakes them",
          "[actors][placement][spawned]") {
  actor_placement_fixture app;
  app.get("/plain", function);
  app.get("/pinned", function).pinned_to_reactor();
  app.get("/final", sake::spawned<final_teller>(0));
  auto peer = app.connect();
  const auto one = text_on_wire(200, "reactor");
  CHECK(app.ask(peer, get("/plain") + get("/pinned") + get("/final")) == one + one + one);
}

TEST_CASE("with the pools off, actors placed on a pool run on the reactor that wakes them",
          "[actors][placement][spawned]") {
  shard_fixture app;
  app.get("/pool", function).worker();
  app.get("/scheduler", function).on_scheduler();
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/pool") + get("/scheduler"))
        == text_on_wire(200, "reactor") + text_on_wire(200, "scheduler"));
}

TEST_CASE("no message is lost when an actor exceeds its turn or a pool its limit",
          "[actors][placement][spawned]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  gate held;
  bool holds = *where.threads != '\0';
  actor_placement_fixture app;
  where.assign(app.get("/", [&](caf::event_based_actor*) -> caf::behavior {
    return {[&, n = 0](const request&) mutable {
      if (std::exchange(holds, false))
        held.pass();
      return response::text(200, std::to_string(++n));
    }};
  }));
  where.assign(app.get("/own", function).per_request());
  const bool waits = holds;
  std::vector<memory_peer> crowd;
  for (int i = 0; i < 5; ++i) {
    crowd.push_back(app.connect());
    std::string requests;
    for (int n = 0; n < 50; ++n)
      requests += get("/");
    crowd.back().send(requests);
  }
  auto own = app.connect();
  std::string more;
  for (int n = 0; n < 50; ++n)
    more += get("/own");
  own.send(more);
  app.run();
  if (waits) {
    held.await_visitor();
    held.open();
  }
  int answers = 0;
  app.run_until([&] {
    for (auto& each : crowd)
      answers += sake::test::times_in(each.take(), "HTTP/1.1 200");
    return answers == 250;
  });
  const auto one = text_on_wire(200, where.name);
  CHECK(app.await(own, 50 * one.size()).size() == 50 * one.size());
}

TEST_CASE("an actor ends with its engine in every place, and later messages are dropped",
          "[actors][placement][spawned]") {
  const auto& where = GENERATE(from_range(places));
  CAPTURE(where.name);
  const auto alive = std::make_shared<int>();
  std::atomic<int> told_late = 0;
  caf::actor whom;
  {
    actor_placement_fixture app;
    where.assign(app.get("/", [&, alive](caf::event_based_actor* self) -> caf::behavior {
      whom = self;
      return {[&, held = alive](const request&) { return told(); },
              [&, held = alive](int) { ++told_late; }};
    }));
    auto peer = app.connect();
    peer.send(get("/"));
    const auto expected = text_on_wire(200, where.name);
    CHECK(app.await(peer, expected.size()) == expected);
    app.close();
    caf::anon_send(whom, 1);
    app.run();
    CHECK(told_late == 0);
    whom = nullptr;
  }
  CHECK(alive.use_count() == 1);
}

TEST_CASE("a route cannot place actors of a final class", "[actors][placement][spawned]") {
  using Catch::Matchers::ContainsSubstring;
  actor_placement_fixture app;
  auto& added = app.get("/", sake::spawned<final_teller>(0));
  CHECK_THROWS_WITH(added.worker(), ContainsSubstring("final"));
  CHECK_THROWS_AS(added.on_scheduler(), std::invalid_argument);
  CHECK_THROWS_AS(added.detached(), std::invalid_argument);
}

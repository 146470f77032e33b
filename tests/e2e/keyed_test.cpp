// One actor per key, shared by several reactors.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <set>
#include <string>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;

namespace {

caf::behavior counter(caf::event_based_actor*) {
  return {[n = 0](const sake::request&) mutable {
    return sake::response::text(200, std::to_string(++n));
  }};
}

} // namespace

TEST_CASE("a key has one actor, whichever reactor a request arrives at", "[e2e][spawned]") {
  constexpr int clients = 8;
  constexpr int requests = 200;
  constexpr int keys = 4;
  server own;
  own.app.get("/count/:id", counter).keyed_by("id");
  own.start();
  std::vector<std::set<int>> seen(clients);
  std::vector<std::thread> crowd;
  for (int i = 0; i < clients; ++i)
    crowd.emplace_back([&, i, peer = own.connect()]() mutable {
      for (int n = 0; n < requests; ++n)
        seen[i].insert(std::stoi(peer.ask(get("/count/" + std::to_string(i % keys))).content));
    });
  for (auto& each : crowd)
    each.join();
  // Two clients share a key: together they have seen every number once.
  for (int key = 0; key < keys; ++key) {
    std::set<int> both = seen[key];
    both.merge(seen[key + keys]);
    CHECK(both.size() == 2 * requests);
    CHECK(*both.begin() == 1);
    CHECK(*both.rbegin() == 2 * requests);
  }
}

TEST_CASE("routes with the same handler share the actor of a key on all reactors",
          "[e2e][spawned]") {
  server own;
  const sake::handler counters = counter;
  own.app.get("/count/:id", counters).keyed_by("id").worker();
  own.app.get("/count/:id/:way", counters).keyed_by("id").worker();
  own.start();
  std::set<int> seen;
  for (int n = 0; n < 50; ++n)
    seen.insert(std::stoi(own.ask(get(n % 2 == 0 ? "/count/a" : "/count/a/b")).content));
  CHECK(seen.size() == 50);
  CHECK(*seen.rbegin() == 50);
}

TEST_CASE("a shared actor is one actor for all reactors", "[e2e][spawned]") {
  server own;
  own.app.get("/count", counter);
  own.start();
  std::set<int> seen;
  for (int n = 0; n < 50; ++n)
    seen.insert(std::stoi(own.ask(get("/count")).content));
  CHECK(seen.size() == 50);
  CHECK(*seen.rbegin() == 50);
}

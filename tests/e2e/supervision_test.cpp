// Actors that fail under load, with several reactors.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

constexpr int clients = 8;
constexpr int rounds = 40;
constexpr int pipelined = 5;

struct tally {
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  std::atomic<int> refused = 0;
  std::atomic<int> other = 0;

  void count(int status) {
    switch (status) {
      case 200:
        ++answered;
        break;
      case 500:
        ++failed;
        break;
      case 503:
        ++refused;
        break;
      default:
        ++other;
    }
  }
  [[nodiscard]] int all() const { return answered + failed + refused + other; }
};

// The requests that an actor, which throws at every seventh, has begun and failed.
struct work {
  std::atomic<int> begun = 0;
  std::atomic<int> thrown = 0;

  handler actor() {
    return [this](caf::event_based_actor*) -> caf::behavior {
      return {[this, n = 0](const sake::request&) mutable {
        ++begun;
        if (++n == 7) {
          ++thrown;
          throw std::runtime_error("seven is too many");
        }
        return sake::response::text(200, "ok");
      }};
    };
  }
};

void load(server& own, std::string_view path, tally& seen) {
  std::vector<std::thread> crowd;
  for (int i = 0; i < clients; ++i)
    crowd.emplace_back([&, peer = own.connect()]() mutable {
      for (int round = 0; round < rounds; ++round) {
        std::string requests;
        for (int n = 0; n < pipelined; ++n)
          requests += get(path);
        peer.send(requests);
        for (int n = 0; n < pipelined; ++n)
          seen.count(peer.read().status);
      }
    });
  for (auto& each : crowd)
    each.join();
}

} // namespace

TEST_CASE("under load every request to a failing actor is answered once", "[e2e][supervision]") {
  work done;
  tally seen;
  server own;
  const bool keyed = GENERATE(false, true);
  auto& added = own.app.get("/:id", done.actor());
  if (keyed)
    added.keyed_by("id");
  SECTION("the actor is always restarted at once") {
    added.supervised({.restarts = 1000, .within = 1ms, .backoff = 0ms});
    own.start();
    load(own, "/a", seen);
    CHECK(seen.refused == 0);
  }
  SECTION("requests wait for restarts, and the actor is quarantined") {
    added.supervised(
        {.restarts = 3, .within = 10s, .backoff = 2ms, .backoff_max = 4ms, .quarantine = 5ms});
    own.start();
    load(own, "/a", seen);
  }
  CHECK(seen.all() == clients * rounds * pipelined);
  CHECK(seen.other == 0);
  CHECK(seen.failed == done.thrown);
  CHECK(seen.answered + seen.failed == done.begun);
}

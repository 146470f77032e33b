// Overload of a route: requests within its limit are served, others are refused with Retry-After,
// and the priority lane stays open.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

/// Counts of the responses that clients got.
struct tally {
  std::atomic<int> served{0};
  std::atomic<int> shed{0};
  std::atomic<int> other{0};

  void add(const answer& got) {
    if (got.status == 200)
      ++served;
    else if (got.status == 503 && std::stoi("0" + std::string{got.field("Retry-After")}) >= 1)
      ++shed;
    else
      ++other;
  }
  [[nodiscard]] int all() const { return served + shed + other; }
};

} // namespace

TEST_CASE("an overloaded route sheds, serves requests within its limit, and passes health checks",
          "[e2e][overload]") {
  constexpr int rounds = 5;
  constexpr int clients = 100;
  std::atomic<bool> is_over{false};
  std::atomic<int> at_once{0};
  std::atomic<int> max_at_once{0};
  tally busy;
  tally health;
  // The same limit as the route's: without its priority the health check would be refused.
  server own{test_config().with_worker_max_queued(8)};
  own.app
      .get("/busy",
           [&](context& ctx) {
             const int now = ++at_once;
             for (int seen = max_at_once;
                  seen < now && !max_at_once.compare_exchange_weak(seen, now);) {
             }
             std::this_thread::sleep_for(20ms);
             --at_once;
             ctx.string(200, "done");
           })
      .worker()
      .max_queued(8);
  // Also on the pool, so that the health check must overtake queued requests.
  own.app.get("/health", [](context& ctx) { ctx.string(200, "ok"); }).worker().high_priority();
  own.start();

  std::thread checker{[&] {
    auto peer = own.connect();
    while (!is_over)
      health.add(peer.ask(get("/health")));
  }};
  std::vector<client> peers;
  for (int i = 0; i < clients; ++i)
    peers.push_back(own.connect());
  for (int round = 0; round < rounds; ++round) {
    for (auto& each : peers)
      each.send(get("/busy"));
    for (auto& each : peers)
      busy.add(each.read());
  }
  is_over = true;
  checker.join();

  CHECK(busy.all() == rounds * clients);
  CHECK(busy.other == 0);
  // Requests in the queue and on the workers are served in every round.
  CHECK(busy.served >= rounds * 8);
  CHECK(busy.shed > 0);
  CHECK(max_at_once <= 2);
  CHECK(health.served > 0);
  CHECK(health.shed + health.other == 0);
}

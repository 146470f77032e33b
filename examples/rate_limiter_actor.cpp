// A rate limiter as an actor: all reactors ask it, and no lock is needed.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/actor_clock.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <string>
#include <unordered_map>

using namespace std::chrono_literals;
using time_point = caf::actor_clock::time_point;

/// The number of requests that a client may make at once, and that it gains per second.
constexpr double burst = 5;
constexpr double rate = 1;
/// The maximum of remembered clients; a forgotten client starts with a full bucket.
constexpr std::size_t max_clients = 100'000;

/// The token buckets of all clients.
struct buckets {
  struct bucket {
    double tokens = burst;
    time_point filled{};
  };
  std::unordered_map<std::string, bucket> of;

  /// 0 if the client may make a request, otherwise the seconds until it may.
  int take(const std::string& client, time_point now) {
    if (of.size() >= max_clients && !of.contains(client))
      of.clear();
    auto& [tokens, filled] = of[client];
    tokens = std::min(burst, tokens + rate * std::chrono::duration<double>(now - filled).count());
    filled = now;
    if (tokens < 1)
      return static_cast<int>((1 - tokens) / rate) + 1;
    tokens -= 1;
    return 0;
  }
};

/// Reads its actor clock, which follows the clock of a test.
caf::behavior limiter(caf::stateful_actor<buckets>* self) {
  return {[=](caf::get_atom, const std::string& client) {
    return self->state.take(client, self->clock().now());
  }};
}

int main(int argc, char** argv) {
  sake::engine app;
  const auto limits = app.system().spawn(limiter);

  // If the limiter does not answer in time, the request passes: its failure must not stop the API.
  auto limited = app.group("/api");
  limited.use([limits](sake::context& ctx) -> sake::task<> {
    const std::string client{ctx.header("X-Client")};
    const auto wait = co_await ctx.ask<int>(limits, 100ms, caf::get_atom_v, client);
    if (wait && *wait > 0) {
      ctx.abort_with_status(429);
      ctx.set_header("Retry-After", std::to_string(*wait));
    }
  });
  limited.get("/time", [](sake::context& ctx) { ctx.string(200, "it is always tea time\n"); });
  app.get("/", [](sake::context& ctx) { ctx.string(200, "no limit here\n"); });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

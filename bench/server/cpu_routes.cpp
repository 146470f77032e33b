#include "routes.hpp"

#include "common/fib.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>

namespace sake::bench {

namespace {

/// The largest number served: fib(40) takes a few hundred milliseconds.
constexpr std::uint32_t largest_fib = 40;

/// The longest time that /slow and /busy burn.
constexpr std::uint32_t longest_ms = 10'000;

/// Requests for /busy that may wait for a worker.
constexpr std::size_t busy_queue = 16;

/// Burns CPU for so long, as a handler that computes does.
void burn(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

void answer_fib(context& ctx) {
  if (const auto n = number(ctx, "n", largest_fib))
    ctx.string(200, std::to_string(fib(*n)));
  else
    ctx.string(400, "n is a whole number from 0 to " + std::to_string(largest_fib));
}

void burn_milliseconds(context& ctx) {
  const auto ms = number(ctx, "ms", longest_ms);
  if (!ms)
    return ctx.string(400, "ms is a whole number from 0 to " + std::to_string(longest_ms));
  burn(std::chrono::milliseconds{*ms});
  ctx.string(200, ctx.param("ms"));
}

/// GET /slow/:ms burns CPU on the pool for so long; GET /slow-count tells how many have begun.
void add_slow(engine& app) {
  static std::atomic<std::uint64_t> begun{0};
  app.get("/slow/:ms",
          [](context& ctx) {
            if (number(ctx, "ms", longest_ms)) // else it is refused, and nothing burns
              ++begun;
            burn_milliseconds(ctx);
          })
      .worker();
  app.get("/slow-count", [](context& ctx) { ctx.string(200, std::to_string(begun)); });
}

/// GET /variable takes as long as PUT /variable/:us said last.
void add_variable(engine& app) {
  static std::atomic<std::uint32_t> duration_us{100};
  app.put("/variable/:us", [](context& ctx) {
    const auto us = number(ctx, "us", 10'000'000);
    if (!us)
      return ctx.string(400, "us is a whole number of microseconds, up to 10 seconds");
    duration_us = *us;
    ctx.string(200, ctx.param("us"));
  });
  app.get("/variable", [](context& ctx) {
    burn(std::chrono::microseconds{duration_us.load()});
    ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor");
  });
}

} // namespace

void add_cpu_routes(engine& app) {
  app.get("/fib/:n", answer_fib).worker();
  app.get("/fib-inline/:n", answer_fib);
  add_slow(app);
  app.get("/busy/:ms", burn_milliseconds).worker().max_queued(busy_queue);
  add_variable(app);
}

} // namespace sake::bench

#include "routes.hpp"

#include "common/cpu_time.hpp"
#include "common/fib.hpp"
#include "common/latency.hpp"

#include <atomic>
#include <chrono>
#include <cstddef>
#include <sstream>
#include <string>

namespace sake::bench {

namespace {

/// The largest n that is served: fib(40) takes a few hundred milliseconds.
constexpr std::uint32_t largest_fib = 40;

/// The longest burn of /slow and /busy.
constexpr std::uint32_t longest_ms = 10'000;

/// The maximum of trips for /offload-trips.
constexpr std::uint32_t max_trips = 100'000;

/// The maximum of requests for /busy that wait for a worker.
constexpr std::size_t busy_queue = 16;

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

/// GET /batch/:ms burns CPU on a pool of its own.
void add_batch(engine& app) {
  app.get("/batch/:ms", burn_milliseconds).worker(std::string{batch_pool});
}

/// GET /slow/:ms burns CPU on the pool for that time; GET /slow-count gives the number of runs
/// begun.
void add_slow(engine& app) {
  static std::atomic<std::uint64_t> begun{0};
  app.get("/slow/:ms",
          [](context& ctx) {
            if (number(ctx, "ms", longest_ms)) // an invalid number is refused and not counted
              ++begun;
            burn_milliseconds(ctx);
          })
      .worker();
  app.get("/slow-count", [](context& ctx) { ctx.string(200, std::to_string(begun)); });
}

/// GET /offload-trips/:n goes to the pool and back n times, one trip after the other, and answers
/// with the durations in microseconds.
void add_offload_trips(engine& app) {
  app.get("/offload-trips/:n", [](context& ctx) -> task<> {
    using clock = std::chrono::steady_clock;
    const auto n = number(ctx, "n", max_trips);
    if (!n)
      co_return ctx.string(400, "n is a whole number from 0 to " + std::to_string(max_trips));
    latency_record record{*n};
    for (std::uint32_t i = 0; i < *n; ++i) {
      const auto start = clock::now();
      const auto one = co_await ctx.offload([] { return fib(1); });
      record.add(clock::now() - start);
      if (one != 1)
        co_return ctx.string(500, "fib(1) came back wrong");
    }
    std::ostringstream out;
    record.write_json(out);
    ctx.string(200, out.str());
  });
}

/// GET /variable takes the time that the last PUT /variable/:us has set.
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
  add_batch(app);
  app.get("/busy/:ms", burn_milliseconds).worker().max_queued(busy_queue);
  add_offload_trips(app);
  add_variable(app);
}

} // namespace sake::bench

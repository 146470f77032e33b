// From the octets of a request to those of its response, by kind of handler: connection, router,
// handler and back. Everything that a server does for a request, except system calls.

#include "micro/memory_shard.hpp"
#include "micro/samples.hpp"

#include <sake/actors.hpp>
#include <sake/routing/context.hpp>

#include <benchmark/benchmark.h>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>

#include <cstdint>
#include <string>

namespace {

using namespace sake::bench;

void hello(sake::context& ctx) {
  ctx.string(200, "Hello, World!");
}

sake::task<> hello_coroutine(sake::context& ctx) {
  ctx.string(200, "Hello, World!");
  co_return;
}

void plain_middleware(sake::context& ctx) {
  ctx.next([](sake::context& after) { benchmark::DoNotOptimize(after.response().status()); });
}

sake::task<> coroutine_middleware(sake::context& ctx) {
  co_await ctx.next();
  benchmark::DoNotOptimize(ctx.response().status());
}

caf::behavior hello_actor(caf::event_based_actor*) {
  return {[](const sake::request&) { return sake::response::text(200, "Hello, World!"); }};
}

using add_routes = void (*)(shard_routes&, caf::actor_system&);

void function(shard_routes& routes, caf::actor_system&) {
  routes.get("/plaintext", hello);
}

void function_and_3_middlewares(shard_routes& routes, caf::actor_system&) {
  routes.use(plain_middleware, plain_middleware, plain_middleware);
  routes.get("/plaintext", hello);
}

void coroutine(shard_routes& routes, caf::actor_system&) {
  routes.get("/plaintext", hello_coroutine);
}

void coroutine_and_3_middlewares(shard_routes& routes, caf::actor_system&) {
  routes.use(coroutine_middleware, coroutine_middleware, coroutine_middleware);
  routes.get("/plaintext", hello_coroutine);
}

void actor(shard_routes& routes, caf::actor_system& system) {
  routes.get("/plaintext", system.spawn(hello_actor));
}

void no_route(shard_routes&, caf::actor_system&) {}

/// Serves batches of `state.range(0)` requests.
void serve(benchmark::State& state, add_routes add) {
  caf::actor_system_config config;
  config.set("scheduler.policy", caf::atom("sharing"));
  config.set("scheduler.max-threads", 1);
  caf::actor_system system{config};
  shard_routes routes;
  add(routes, system);
  memory_shard served{system, routes};

  const auto depth = static_cast<std::size_t>(state.range(0));
  const std::string batch = repeated(short_request, depth);
  const auto expected = depth * served.settle(short_request);
  served.on_reactor([&] {
    for (auto _ : state)
      if (expected == 0 || served.exchange(batch) != expected)
        return state.SkipWithError("not every request was answered");
  });
  state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * depth));
}

void depths(benchmark::internal::Benchmark* family) {
  family->ArgName("pipelined")->Arg(1)->Arg(16);
}

BENCHMARK_CAPTURE(serve, function, function)->Apply(depths);
BENCHMARK_CAPTURE(serve, function_and_3_middlewares, function_and_3_middlewares)->Apply(depths);
BENCHMARK_CAPTURE(serve, coroutine, coroutine)->Apply(depths);
BENCHMARK_CAPTURE(serve, coroutine_and_3_middlewares, coroutine_and_3_middlewares)->Apply(depths);
BENCHMARK_CAPTURE(serve, actor, actor)->Apply(depths);
BENCHMARK_CAPTURE(serve, no_route, no_route)->Apply(depths);

} // namespace

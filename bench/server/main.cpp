// Sake under measurement: the routes the harness asks for.
//
//   sake-bench-server --port N [--reactors N] [--workers N] [--no-worker-pool] [--adaptive on|off]
//
// Without --reactors and --workers the engine's own defaults hold.

#include "common/fib.hpp"
#include "common/flags.hpp"

#include <sake/actors/spawned.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace {

/// The largest number served: fib(40) takes a few hundred milliseconds.
constexpr std::uint32_t largest_fib = 40;

/// More than the 15 000 connections of the bench; the engine's default is 10 000.
constexpr std::size_t max_connections = 20'000;

/// A number of path parameter `name`, up to `most`.
std::optional<std::uint32_t> number(const sake::context& ctx, std::string_view name,
                                    std::uint32_t most) {
  std::uint32_t n = 0;
  const auto text = ctx.param(name);
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc{} || end != text.data() + text.size() || n > most)
    return std::nullopt;
  return n;
}

void answer_fib(sake::context& ctx) {
  if (const auto n = number(ctx, "n", largest_fib))
    ctx.string(200, std::to_string(sake::bench::fib(*n)));
  else
    ctx.string(400, "n is a whole number from 0 to " + std::to_string(largest_fib));
}

/// A handler actor with state: answers how many requests it has seen. One for all, or one per key.
caf::behavior count_hits(caf::event_based_actor*) {
  return {[hits = std::uint64_t{0}](const sake::request&) mutable {
    return sake::response::text(200, std::to_string(++hits));
  }};
}

/// Burns CPU for so long, as a handler that computes does.
void burn(std::chrono::microseconds time) {
  const auto end = std::chrono::steady_clock::now() + time;
  while (std::chrono::steady_clock::now() < end) {
  }
}

/// GET /slow/:ms burns CPU on the pool for so long; GET /slow-count tells how many have begun.
void add_slow(sake::engine& app) {
  static std::atomic<std::uint64_t> begun{0};
  app.get("/slow/:ms",
          [](sake::context& ctx) {
            ++begun;
            const auto ms = number(ctx, "ms", 10'000);
            if (!ms)
              return ctx.string(400, "ms is a whole number from 0 to 10000");
            burn(std::chrono::milliseconds{*ms});
            ctx.string(200, ctx.param("ms"));
          })
      .worker();
  app.get("/slow-count", [](sake::context& ctx) { ctx.string(200, std::to_string(begun)); });
}

/// GET /variable takes as long as PUT /variable/:us said last.
void add_variable(sake::engine& app) {
  static std::atomic<std::uint32_t> duration_us{100};
  app.put("/variable/:us", [](sake::context& ctx) {
    const auto us = number(ctx, "us", 10'000'000);
    if (!us)
      return ctx.string(400, "us is a whole number of microseconds, up to 10 seconds");
    duration_us = *us;
    ctx.string(200, ctx.param("us"));
  });
  app.get("/variable", [](sake::context& ctx) {
    burn(std::chrono::microseconds{duration_us.load()});
    ctx.string(200, ctx.in_worker_pool() ? "pool" : "reactor");
  });
}

sake::config config_from(const sake::bench::flags& flags) {
  sake::config config;
  config.with_max_connections(max_connections);
  if (flags.has("--reactors"))
    config.with_reactors(flags.number("--reactors", 0));
  if (flags.has("--workers"))
    config.with_workers(flags.number("--workers", 0));
  if (flags.has("--no-worker-pool"))
    config.with_worker_pool(false);
  if (flags.has("--adaptive"))
    config.with_adaptive(flags.text("--adaptive", "on") != "off");
  return config;
}

void add_routes(sake::engine& app) {
  app.get("/", [](sake::context& ctx) { ctx.string(200, "Sake, ready to be measured.\n"); });
  app.get("/plaintext", [](sake::context& ctx) { ctx.string(200, "Hello, World!"); });
  app.get("/json", [](sake::context& ctx) { ctx.json(200, {{"message", "Hello, World!"}}); });
  app.get("/users/:id", [](sake::context& ctx) { ctx.string(200, ctx.param("id")); });
  app.get("/fib/:n", answer_fib).worker();
  app.get("/fib-inline/:n", answer_fib);
  app.post("/echo", [](sake::context& ctx) {
    ctx.data(200, ctx.header("Content-Type"), std::string{ctx.body()});
  });
  app.get("/ping", [](sake::context& ctx) { ctx.string(200, "pong"); });
  add_variable(app);
  add_slow(app);
  app.get("/hits", count_hits);
  app.get("/keyed/:id", count_hits).keyed_by("id");
}

} // namespace

int main(int argc, char** argv) try {
  sake::bench::flags flags{
      argc, argv, {"--port", "--reactors", "--workers", "--adaptive"}, {"--no-worker-pool"}};
  sake::engine app{config_from(flags)};
  add_routes(app);
  return app.run("127.0.0.1:" + std::to_string(flags.port()));
} catch (const std::exception& error) {
  std::cerr << "sake-bench-server: " << error.what() << '\n';
  return 1;
}

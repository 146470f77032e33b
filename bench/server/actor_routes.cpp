#include "routes.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

namespace sake::bench {

namespace {

using namespace std::chrono_literals;

/// The maximum of actors that GET /ask/:n asks.
constexpr std::uint32_t max_asked = 1'000;

/// A handler actor with state: answers with the number of its requests. One for all requests, or
/// one per key.
caf::behavior count_hits(caf::event_based_actor*) {
  return {[hits = std::uint64_t{0}](const request&) mutable {
    return response::text(200, std::to_string(++hits));
  }};
}

/// Fails at every third request.
caf::behavior flaky(caf::event_based_actor*) {
  return {[n = 0](const request&) mutable {
    if (++n == 3)
      throw std::runtime_error("every third request fails");
    return response::text(200, "ok");
  }};
}

caf::behavior give_one(caf::event_based_actor*) {
  return {[](caf::get_atom) { return 1; }};
}

caf::behavior greet(caf::event_based_actor*) {
  return {[](const request&) { return response::text(200, "Hello, World!"); }};
}

/// GET /ask/:n asks n actors at once and sums their answers.
void add_ask(engine& app) {
  std::vector<caf::actor> asked;
  for (std::uint32_t i = 0; i < max_asked; ++i)
    asked.push_back(app.system().spawn<caf::lazy_init + caf::hidden>(give_one));
  app.get("/ask/:n", [asked](context& ctx) -> task<> {
    const auto n = number(ctx, "n", max_asked);
    if (!n)
      co_return ctx.string(400, "n is a whole number from 0 to " + std::to_string(max_asked));
    std::vector<decltype(ctx.ask<int>(asked[0], 5s, caf::get_atom_v))> questions;
    for (std::size_t i = 0; i < *n; ++i)
      questions.push_back(ctx.ask<int>(asked[i], 5s, caf::get_atom_v));
    int sum = 0;
    for (const auto& answer : co_await when_all(std::move(questions))) {
      if (!answer)
        co_return ctx.abort_with_status(502);
      sum += *answer;
    }
    ctx.string(200, std::to_string(sum));
  });
}

/// The response of /plaintext from every other kind of handler.
void add_hops(engine& app) {
  app.get("/hop/coroutine", [](context& ctx) -> task<> {
    ctx.string(200, "Hello, World!");
    co_return;
  });
  app.get("/hop/actor", greet);
  app.get("/hop/per-request", greet).per_request();
  app.get("/hop/keyed/:id", greet).keyed_by("id");
  app.get("/hop/pool", [](context& ctx) { ctx.string(200, "Hello, World!"); }).worker();
}

} // namespace

void add_actor_routes(engine& app) {
  app.get("/hits", count_hits);
  app.get("/scheduled-hits", count_hits).on_scheduler();
  app.get("/scheduled", [](context& ctx) { ctx.string(200, "Hello, World!"); }).on_scheduler();
  app.get("/keyed/:id", count_hits).keyed_by("id");
  // More failures per millisecond than any load causes: a new actor always starts at once.
  app.get("/flaky", flaky).supervised({.restarts = 1000, .within = 1ms, .backoff = 0ms});
  add_ask(app);
  add_hops(app);
}

} // namespace sake::bench

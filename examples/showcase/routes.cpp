#include "routes.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

struct guest {
  std::string name;
};
SAKE_JSON(guest, name);

using name_list = std::vector<std::string>;
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name_list)

namespace showcase {

namespace {

std::optional<int> number(std::string_view text, int most) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n < 0 || n > most)
    return std::nullopt;
  return n;
}

std::uint64_t fib(int n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

int count_primes(int below) {
  int count = 0;
  for (int n = 2; n < below; ++n) {
    int divisor = 2;
    while (divisor * divisor <= n && n % divisor != 0)
      ++divisor;
    count += divisor * divisor > n;
  }
  return count;
}

} // namespace

// The page shows the routes below one by one: each begins with a request to try and a description.
void add_routes(sake::engine& app) {
  // [GET /hello/you] A function is a handler. The parameters of a path come decoded.
  app.get("/hello/:name", [](sake::context& ctx) {
    ctx.string(200, "Hello, " + std::string{ctx.param("name")} + "!\n");
  });

  // [GET /ping] The smallest handler. The comparison above measures it.
  app.get("/ping", [](sake::context& ctx) { ctx.string(200, "pong\n"); });

  // [GET /fib/34] CPU work on the worker pool: one word moves a handler there, and the reactor
  // continues to answer.
  const auto answer_fib = [](sake::context& ctx) {
    const auto n = number(ctx.param("n"), 40);
    if (!n)
      return ctx.string(400, "n is a number from 0 to 40\n");
    ctx.json(200, {{"n", *n}, {"fib", fib(*n)}, {"on", ctx.in_worker_pool() ? "pool" : "reactor"}});
  };
  app.get("/fib/:n", answer_fib).worker();

  // [GET /fib-inline/34] The same handler on the reactor: every other request there waits for it.
  app.get("/fib-inline/:n", answer_fib);

  // [GET /primes/300000] A coroutine offloads only the work, and resumes on its reactor with the
  // result.
  app.get("/primes/:below", [](sake::context& ctx) -> sake::task<> {
    const auto below = number(ctx.param("below"), 1'000'000);
    if (!below)
      co_return ctx.string(400, "primes are counted below a number up to 1000000\n");
    const auto count = co_await ctx.offload([n = *below] { return count_primes(n); });
    ctx.json(200, {{"below", *below}, {"primes", count}});
  });

  // [GET /sleep/500] A coroutine waits without blocking its reactor.
  app.get("/sleep/:ms", [](sake::context& ctx) -> sake::task<> {
    const auto ms = number(ctx.param("ms"), 10'000);
    if (!ms)
      co_return ctx.string(400, "a sleep lasts up to 10000 milliseconds\n");
    co_await ctx.sleep(std::chrono::milliseconds{*ms});
    ctx.string(200, "Good morning!\n");
  });

  // [GET /visits] A CAF actor is a handler as well. It handles one message at a time, so its state
  // needs no lock.
  app.get("/visits", app.system().spawn([]() -> caf::behavior {
    return {[count = 0](const sake::request&) mutable {
      return sake::response::text(200, "visit " + std::to_string(++count) + "\n");
    }};
  }));

  // [POST /guests {"name": "You"}] JSON becomes a struct, or 400 with place and reason. A coroutine
  // asks an actor, which keeps the last ten guests.
  const auto book = app.system().spawn([]() -> caf::behavior {
    return {[names = name_list{}](std::string& name) mutable {
      if (names.size() == 10)
        names.erase(names.begin());
      names.push_back(std::move(name));
      return names;
    }};
  });
  app.post("/guests", [book](sake::context& ctx) -> sake::task<> {
    auto who = ctx.bind_json<guest>();
    if (!who)
      co_return;
    const auto all = co_await ctx.ask<name_list>(book, 1s, std::move(who->name));
    if (!all)
      co_return ctx.abort_with_status(503);
    ctx.json(200, {{"guests", *all}});
  });

  // [GET /cellar/2011?key=koji] Middleware runs before a group of routes. Without the key it ends
  // the request.
  auto cellar = app.group("/cellar");
  cellar.use([](sake::context& ctx) {
    if (ctx.query("key") != "koji")
      ctx.abort_with_status(403);
  });
  cellar.get("/:year", [](sake::context& ctx) {
    ctx.json(200, {{"year", ctx.param("year")}, {"bottles", 3}});
  });

  // [POST /echo Cheers!] The response returns the content of the request with its media type.
  app.post("/echo", [](sake::context& ctx) {
    const auto type = ctx.header("Content-Type");
    ctx.data(200, type.empty() ? "application/octet-stream" : type, std::string{ctx.body()});
  });

  // [GET /oops] A handler that throws gives 500. The log has the reason, the client does not, and
  // the connection persists.
  app.get("/oops", [](sake::context&) { throw std::runtime_error{"a bottle fell"}; });
  // [end]
}

} // namespace showcase

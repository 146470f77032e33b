// CPU work on the worker pool while the reactor continues to answer.
#include <sake/sake.hpp>

#include <atomic>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// CPU work without pause: about 1.6^n calls.
std::uint64_t fib(int n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

std::optional<int> small_number(std::string_view text) {
  int n = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (error != std::errc{} || end != text.data() + text.size() || n < 0 || n > 45)
    return std::nullopt;
  return n;
}

int main(int argc, char** argv) {
  // One reactor: a handler that blocked it would delay every other request.
  sake::engine app{sake::config{}.with_reactors(1).with_workers(2)};
  std::atomic<int> at_work = 0;

  const auto answer_fib = [&at_work](sake::context& ctx) {
    const auto n = small_number(ctx.param("n"));
    if (!n)
      return ctx.string(400, "n is a number from 0 to 45\n");
    ++at_work;
    ctx.string(200, std::to_string(fib(*n)) + "\n");
    --at_work;
  };

  // The same handler twice: on the pool, and on the reactor, where it delays other requests.
  app.get("/fib/:n", answer_fib).worker();
  app.get("/fib-inline/:n", answer_fib);

  // [offload]
  // A coroutine stays on its reactor and offloads only the work.
  app.get("/fib-offload/:n", [](sake::context& ctx) -> sake::task<> {
    const auto n = small_number(ctx.param("n"));
    if (!n)
      co_return ctx.string(400, "n is a number from 0 to 45\n");
    const auto result = co_await ctx.offload([n = *n] { return fib(n); });
    ctx.json(200, {{"n", *n}, {"fib", result}});
  });
  // [/offload]

  // Answers at once, even while all workers compute.
  app.get("/ping", [&at_work](sake::context& ctx) {
    ctx.string(200, "pong, workers busy: " + std::to_string(at_work) + "\n");
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

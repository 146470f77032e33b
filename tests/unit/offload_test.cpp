// Functions on their way to the pool, in one thread: who runs them, and who is told.
#include "../support/catch.hpp"
#include "../support/test_context.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::routing::admission;
using sake::routing::work;
using sake::test::test_context;

namespace {

class counted_work final : public work {
public:
  int runs = 0;

private:
  void act() noexcept override { ++runs; }
};

// A context whose one handler is `body`.
test_context& serve(test_context& ctx, sake::handler body, admission admits) {
  ctx.set_layers({std::move(body)});
  ctx.admits = admits;
  ctx.serve();
  return ctx;
}

} // namespace

TEST_CASE("Work runs once, whoever comes first", "[routing][offload]") {
  counted_work task;
  SECTION("the worker") {
    task.run();
    task.wait();
  }
  SECTION("or the one who waits") {
    task.wait();
    task.run();
  }
  task.run();
  CHECK(task.runs == 1);
}

TEST_CASE("Whoever counts is told once, before anybody hears that work is over",
          "[routing][offload]") {
  struct tally final : work::counter {
    void work_ended(work& which) noexcept override { ended += which.count_off() ? 1 : 0; }
    int ended = 0;
  } count;
  SECTION("of what it runs") {
    test_context ctx;
    int ended_when_resumed = -1;
    serve(
        ctx,
        [&](context& c) -> task<> {
          co_await c.offload([&] { CHECK(count.ended == 0); });
          ended_when_resumed = count.ended;
        },
        admission::queued);
    ctx.submitted.front()->run(&count);
    ctx.run_ready();
    CHECK(ended_when_resumed == 1);
  }
  SECTION("and of what somebody else has run") {
    counted_work task;
    task.wait();
    CHECK(task.has_begun());
    task.run(&count);
    CHECK(task.runs == 1);
  }
  CHECK(count.ended == 1);
}

TEST_CASE("get() runs what no worker has begun, however deep", "[routing][offload]") {
  // No worker exists: every wait would last for ever if it did not claim its work.
  test_context ctx;
  serve(
      ctx,
      [](context& c) {
        const std::function<int(int)> depth = [&](int left) {
          return left == 0 ? 0 : 1 + c.offload([&, left] { return depth(left - 1); }).get();
        };
        c.string(200, std::to_string(depth(5)));
      },
      admission::queued);
  CHECK(ctx.response().content() == "5");
  CHECK(ctx.submitted.size() == 5);
  for (const auto& each : ctx.submitted)
    each->run(); // a worker that comes too late finds nothing to do
  CHECK(ctx.response().content() == "5");
}

TEST_CASE("get() gives what the function returns or throws", "[routing][offload]") {
  const auto admits = GENERATE(admission::run_here, admission::queued);
  test_context ctx;
  serve(
      ctx,
      [](context& c) {
        const auto owned = c.offload([] { return std::make_unique<int>(7); }).get();
        c.offload([] {}).get();
        std::string caught;
        try {
          c.offload([]() -> int { throw std::runtime_error("offloaded"); }).get();
        } catch (const std::runtime_error& e) {
          caught = e.what();
        }
        c.string(200, caught + std::to_string(*owned));
      },
      admits);
  CHECK(ctx.response().content() == "offloaded7");
}

TEST_CASE("Without a pool an offloaded function runs at once", "[routing][offload]") {
  test_context ctx;
  serve(
      ctx,
      [](context& c) -> task<> {
        const int n = co_await c.offload([] { return 7; });
        c.string(200, std::to_string(n));
      },
      admission::run_here);
  CHECK(ctx.is_finished());
  CHECK(ctx.response().content() == "7");
  CHECK(ctx.references == 0);
}

TEST_CASE("A coroutine comes back when the worker is done", "[routing][offload]") {
  test_context ctx;
  std::vector<std::string> order;
  serve(
      ctx,
      [&](context& c) -> task<> {
        const int n = co_await c.offload([&] {
          order.emplace_back("function");
          return 7;
        });
        order.emplace_back("coroutine");
        c.string(200, std::to_string(n));
      },
      admission::queued);
  REQUIRE(ctx.submitted.size() == 1);
  CHECK(ctx.references == 1); // the work keeps the context it comes back to
  ctx.submitted.front()->run();
  CHECK(order == std::vector<std::string>{"function"}); // not on the worker
  CHECK(ctx.run_ready());
  CHECK(order == std::vector<std::string>{"function", "coroutine"});
  CHECK(ctx.response().content() == "7");
  ctx.submitted.clear();
  CHECK(ctx.references == 0);
}

TEST_CASE("What an offloaded function throws is thrown where it is awaited", "[routing][offload]") {
  test_context ctx;
  serve(
      ctx,
      [](context& c) -> task<> {
        try {
          co_await c.offload([] { throw std::runtime_error("offloaded"); });
        } catch (const std::runtime_error& e) {
          c.string(200, e.what());
        }
      },
      admission::queued);
  ctx.submitted.front()->run();
  ctx.run_ready();
  CHECK(ctx.response().content() == "offloaded");
}

TEST_CASE("What an offloaded function captures is destroyed once", "[routing][offload]") {
  const auto token = std::make_shared<int>(0);
  test_context ctx;
  serve(
      ctx,
      [token](context& c) -> task<> {
        auto named = c.offload([token] { return *token; });
        (void)co_await named;
        auto function = [token] { return *token; };
        (void)co_await c.offload(function);
        auto moved = c.offload(std::move(function));
        (void)co_await moved;
        c.string(200, std::to_string(c.offload([token] { return *token; }).get()));
      },
      admission::run_here);
  CHECK(ctx.is_finished());
  CHECK(token.use_count() == 2); // here and in the handler
}

TEST_CASE("A full pool throws where the function was to be awaited", "[routing][offload]") {
  test_context ctx;
  bool ran = false;
  const auto admitted = [&](context& c) -> task<> {
    try {
      co_await c.offload([&] { ran = true; });
    } catch (const sake::pool_full&) {
      c.string(200, "later then");
    }
  };
  serve(ctx, admitted, admission::full);
  CHECK(ctx.response().content() == "later then");
  CHECK_FALSE(ran);
  CHECK(ctx.references == 0);
}

TEST_CASE("A function that nobody waits for any more is not begun, and goes with its turn",
          "[routing][offload]") {
  test_context ctx;
  const auto token = std::make_shared<int>(0);
  serve(
      ctx,
      [token](context& c) -> task<> {
        auto counted = c.offload([token] { ++*token; });
        co_await counted;
      },
      admission::queued);
  CHECK(token.use_count() == 3); // here, in the handler, in the work
  ctx.forget();                  // the coroutine is gone
  CHECK(token.use_count() == 3);
  ctx.submitted.front()->run();
  CHECK(*token == 0);
  CHECK_FALSE(ctx.run_ready()); // and nobody is resumed
  const auto before = token.use_count();
  ctx.submitted.clear();
  CHECK(token.use_count() == before - 1);
  CHECK(ctx.references == 0);
}

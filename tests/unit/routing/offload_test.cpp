// Functions on their way to the pool, on one thread: which side runs them, and which callbacks they
// make.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::routing::submission;
using sake::routing::work;
using sake::test::test_context;

namespace {

class counted_work final : public work {
public:
  int runs = 0;

private:
  void act() noexcept override { ++runs; }
};

// Serves a request with `body` as the only handler.
test_context& serve(test_context& ctx, sake::handler body, submission admits) {
  ctx.set_layers({std::move(body)});
  ctx.admits = admits;
  ctx.serve();
  return ctx;
}

} // namespace

TEST_CASE("work runs once, whether the worker or the waiting caller comes first",
          "[routing][offload]") {
  counted_work task;
  SECTION("the worker comes first") {
    task.run();
    task.wait();
  }
  SECTION("the waiting caller comes first") {
    task.wait();
    task.run();
  }
  task.run();
  CHECK(task.runs == 1);
}

TEST_CASE("the counter is called once, before the result of the work is published",
          "[routing][offload]") {
  struct tally final : work::counter {
    void work_ended(work& which) noexcept override { ended += which.count_off() ? 1 : 0; }
    int ended = 0;
  } count;
  SECTION("the worker runs the work") {
    test_context ctx;
    int ended_when_resumed = -1;
    serve(
        ctx,
        [&](context& c) -> task<> {
          co_await c.offload([&] { CHECK(count.ended == 0); });
          ended_when_resumed = count.ended;
        },
        submission::queued);
    ctx.submitted.front()->run(&count);
    ctx.run_ready();
    CHECK(ended_when_resumed == 1);
  }
  SECTION("the waiting caller has run the work") {
    counted_work task;
    task.wait();
    CHECK(task.has_begun());
    task.run(&count);
    CHECK(task.runs == 1);
  }
  CHECK(count.ended == 1);
}

TEST_CASE("get() runs work that no worker has begun, at any depth", "[routing][offload]") {
  // There is no worker: a wait that did not claim its work would never end.
  test_context ctx;
  serve(
      ctx,
      [](context& c) {
        const std::function<int(int)> depth = [&](int left) {
          return left == 0 ? 0 : 1 + c.offload([&, left] { return depth(left - 1); }).get();
        };
        c.string(200, std::to_string(depth(5)));
      },
      submission::queued);
  CHECK(ctx.response().content() == "5");
  CHECK(ctx.submitted.size() == 5);
  for (const auto& each : ctx.submitted)
    each->run(); // a late worker finds the work done
  CHECK(ctx.response().content() == "5");
}

TEST_CASE("get() returns or throws the result of the function", "[routing][offload]") {
  const auto admits = GENERATE(submission::run_here, submission::queued);
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

TEST_CASE("without a pool an offloaded function runs at once", "[routing][offload]") {
  test_context ctx;
  serve(
      ctx,
      [](context& c) -> task<> {
        const int n = co_await c.offload([] { return 7; });
        c.string(200, std::to_string(n));
      },
      submission::run_here);
  CHECK(ctx.is_finished());
  CHECK(ctx.response().content() == "7");
  CHECK(ctx.references == 0);
}

TEST_CASE("a coroutine resumes when the worker is done", "[routing][offload]") {
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
      submission::queued);
  REQUIRE(ctx.submitted.size() == 1);
  CHECK(ctx.references == 1); // the work keeps its context alive
  ctx.submitted.front()->run();
  // the coroutine does not resume on the worker
  CHECK(order == std::vector<std::string>{"function"});
  CHECK(ctx.run_ready());
  CHECK(order == std::vector<std::string>{"function", "coroutine"});
  CHECK(ctx.response().content() == "7");
  ctx.submitted.clear();
  CHECK(ctx.references == 0);
}

TEST_CASE("an exception of an offloaded function is thrown where it is awaited",
          "[routing][offload]") {
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
      submission::queued);
  ctx.submitted.front()->run();
  ctx.run_ready();
  CHECK(ctx.response().content() == "offloaded");
}

TEST_CASE("the captures of an offloaded function are destroyed once", "[routing][offload]") {
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
      submission::run_here);
  CHECK(ctx.is_finished());
  CHECK(token.use_count() == 2); // here and in the handler
}

TEST_CASE("with a full pool the await of an offloaded function throws", "[routing][offload]") {
  test_context ctx;
  bool ran = false;
  const auto admitted = [&](context& c) -> task<> {
    try {
      co_await c.offload([&] { ran = true; });
    } catch (const sake::pool_full&) {
      c.string(200, "later then");
    }
  };
  serve(ctx, admitted, submission::full);
  CHECK(ctx.response().content() == "later then");
  CHECK_FALSE(ran);
  CHECK(ctx.references == 0);
}

TEST_CASE("a function whose coroutine has ended does not begin, and is destroyed by the worker",
          "[routing][offload]") {
  test_context ctx;
  const auto token = std::make_shared<int>(0);
  serve(
      ctx,
      [token](context& c) -> task<> {
        auto counted = c.offload([token] { ++*token; });
        co_await counted;
      },
      submission::queued);
  CHECK(token.use_count() == 3); // here, in the handler, in the work
  ctx.forget();                  // destroys the coroutine
  CHECK(token.use_count() == 3);
  ctx.submitted.front()->run();
  CHECK(*token == 0);
  CHECK_FALSE(ctx.run_ready()); // no coroutine is resumed
  const auto before = token.use_count();
  ctx.submitted.clear();
  CHECK(token.use_count() == before - 1);
  CHECK(ctx.references == 0);
}

TEST_CASE("a function that holds nothing is not offloaded", "[routing][offload]") {
  test_context ctx;
  std::string why;
  serve(
      ctx,
      [&why](context& c) {
        try {
          (void)c.offload(std::function<void()>{});
        } catch (const std::invalid_argument& refused) {
          why = refused.what();
        }
        (void)c.offload(static_cast<int (*)()>(nullptr));
      },
      submission::queued);
  CHECK(why == "ctx.offload() is given an empty function");
  CHECK(ctx.submitted.empty());
  CHECK(ctx.response().status() == 500);
}

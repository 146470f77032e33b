// Coroutines: nesting, results, exceptions, and the lifetime of their frames.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

using sake::context;
using sake::task;
using sake::test::test_context;
using namespace std::chrono_literals;

namespace {

// Lives as long as a frame: the number of frames is its use count less one.
using shared_token = std::shared_ptr<int>;

task<int> add(int a, int b, [[maybe_unused]] shared_token alive = {}) {
  co_return a + b;
}

task<std::unique_ptr<std::string>> make_text(std::string text) {
  co_return std::make_unique<std::string>(std::move(text));
}

task<int> count_down(context& ctx, int n, shared_token alive) {
  co_await ctx.sleep(1ms);
  if (n == 0)
    co_return 0;
  co_return 1 + co_await count_down(ctx, n - 1, alive);
}

task<> fail(std::string why, [[maybe_unused]] shared_token alive = {}) {
  throw std::runtime_error(why);
  co_return;
}

// An awaitable that only the test resumes, and that does not use the context.
struct foreign_wait {
  std::coroutine_handle<>& waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> handle) const noexcept { waiting = handle; }
  void await_resume() const noexcept {}
};

} // namespace

TEST_CASE("a task gives its result to the awaiting coroutine", "[routing][task]") {
  test_context ctx{[](context& c) -> task<> {
    const int sum = co_await add(1, co_await add(2, 3));
    const auto text = co_await make_text("sum ");
    c.string(200, *text + std::to_string(sum));
  }};
  CHECK(ctx.serve().content() == "sum 6");
}

TEST_CASE("tasks nest and wait at any depth", "[routing][task]") {
  const auto alive = std::make_shared<int>(0);
  test_context ctx{[&](context& c) -> task<> {
    const int n = co_await count_down(c, 3, alive);
    c.string(200, std::to_string(n));
  }};
  ctx.serve();
  for (int wakes = 0; wakes < 4; ++wakes) {
    CHECK(alive.use_count() == 2 + wakes);
    REQUIRE_FALSE(ctx.is_finished());
    ctx.wake();
    ctx.run_ready();
  }
  CHECK(ctx.is_finished());
  CHECK(ctx.response().content() == "3");
  CHECK(alive.use_count() == 1);
}

TEST_CASE("a hundred thousand consecutive tasks do not grow the stack", "[routing][task]") {
  test_context ctx{[](context& c) -> task<> {
    long sum = 0;
    for (int i = 0; i < 100'000; ++i)
      sum += co_await add(i, -i + 1);
    c.string(200, std::to_string(sum));
  }};
  CHECK(ctx.serve().content() == "100000");
}

TEST_CASE("an exception is thrown where the task is awaited", "[routing][task]") {
  const auto alive = std::make_shared<int>(0);
  test_context ctx{[&](context& c) -> task<> {
    std::string caught;
    try {
      co_await fail("inner", alive);
    } catch (const std::runtime_error& e) {
      caught = e.what();
    }
    CHECK(alive.use_count() == 1);
    c.string(200, "caught " + caught);
  }};
  CHECK(ctx.serve().content() == "caught inner");
}

TEST_CASE("an uncaught exception passes through every awaiting task", "[routing][task]") {
  test_context ctx{[](context&) -> task<> {
    co_await [](std::string why) -> task<> { co_await fail(std::move(why)); }("outwards");
  }};
  CHECK(ctx.serve().status() == 500);
  CHECK(ctx.reports == std::vector<std::string>{"outwards"});
}

TEST_CASE("a destroyed task frees its frame", "[routing][task]") {
  const auto alive = std::make_shared<int>(0);
  SECTION("the task was not started") {
    { const auto never = add(1, 2, alive); }
    CHECK(alive.use_count() == 1);
  }
  SECTION("the task is assigned to") {
    auto held = add(1, 2, alive);
    CHECK(alive.use_count() == 2);
    held = add(3, 4);
    CHECK(alive.use_count() == 1);
    auto& same = held;
    held = std::move(same);
    CHECK(held);
  }
  SECTION("the task waits, as do the tasks that it awaits") {
    test_context ctx{[&](context& c) -> task<> { (void)co_await count_down(c, 1, alive); }};
    ctx.serve();
    ctx.wake();
    ctx.run_ready();
    CHECK(alive.use_count() == 3);
    CHECK(ctx.sleeps_called_off == 1); // the sleep that is over
    ctx.forget();
    CHECK(alive.use_count() == 1);
    CHECK(ctx.sleeps_called_off == 2);
  }
  SECTION("a middleware waits for the response") {
    test_context ctx{[alive](context& c) -> task<> {
                       const auto own = alive;
                       co_await c.next();
                     },
                     [](context& c) -> task<> { co_await c.sleep(1h); }};
    ctx.serve();
    CHECK(alive.use_count() == 3);
    ctx.forget();
    CHECK(alive.use_count() == 2);
  }
}

TEST_CASE("a sleep has the given duration, and one of no duration does not wait",
          "[routing][task]") {
  test_context ctx{[](context& c) -> task<> {
    co_await c.sleep(0ms);
    co_await c.sleep(-5ms);
    co_await c.sleep(20ms);
    c.string(200, "awake");
  }};
  ctx.serve();
  CHECK(ctx.slept_for == 20ms);
  CHECK_FALSE(ctx.is_finished());
  ctx.wake();
  ctx.run_ready();
  CHECK(ctx.is_finished());
}

TEST_CASE("a chain continues when a foreign awaitable resumes its coroutine", "[routing][task]") {
  std::coroutine_handle<> waiting;
  bool seen = false;
  test_context ctx{[&](context& c) { c.next([&](context&) { seen = true; }); },
                   [&](context& c) -> task<> {
                     co_await foreign_wait{waiting};
                     c.string(200, "resumed");
                   }};
  ctx.serve();
  CHECK_FALSE(ctx.is_finished());
  waiting.resume();
  CHECK(ctx.is_finished());
  CHECK(seen);
  CHECK(ctx.response().content() == "resumed");
}

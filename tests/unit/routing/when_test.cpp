// when_all and when_any on one thread: which task waits for which, and how the others end.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <sake/routing/when.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

using sake::context;
using sake::task;
using sake::when_all;
using sake::when_any;
using sake::routing::submission;
using sake::test::test_context;

namespace {

/// A wait that the test ends, and that knows whether a coroutine waits.
struct switch_ {
  sake::routing::waiter_ptr waiting;
  bool is_waited_for() const { return waiting && !waiting->is_forgotten(); }
  void flip(context& ctx) { ctx.resume_later(std::move(waiting)); }

  struct awaiter {
    switch_* of;
    sake::routing::wait wait{};
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> h) { of->waiting = wait.begin(h); }
    void await_resume() const {}
  };
  awaiter operator co_await() { return {this}; }
};

task<int> number(switch_& when, int n) {
  co_await when;
  co_return n;
}

task<int> failure(switch_& when) {
  co_await when;
  throw std::runtime_error("a part failed");
}

task<int> at_once(int n) {
  co_return n;
}

// Holds `token` as long as its frame lives.
task<int> counted(std::shared_ptr<int> token, switch_& when) {
  co_await when;
  co_return static_cast<int>(token.use_count());
}

void run_all(test_context& ctx) {
  while (ctx.run_ready()) {
  }
}

} // namespace

TEST_CASE("when_all waits for every task, in whatever order they end", "[routing][when]") {
  switch_ a;
  switch_ b;
  switch_ c;
  test_context host{[&](context& ctx) -> task<> {
    const auto [x, nothing, y] = co_await when_all(
        number(a, 1), [](switch_& s) -> task<> { co_await s; }(c), number(b, 20));
    static_assert(std::is_same_v<decltype(nothing), const std::monostate>);
    ctx.string(200, std::to_string(x + y));
  }};
  host.serve();
  REQUIRE((a.is_waited_for() && b.is_waited_for() && c.is_waited_for()));
  b.flip(host);
  run_all(host);
  CHECK_FALSE(host.is_finished());
  c.flip(host);
  a.flip(host);
  run_all(host);
  REQUIRE(host.is_finished());
  CHECK(host.response().content() == "21");
}

TEST_CASE("when_all of tasks that end at once does not wait", "[routing][when]") {
  test_context host{[&](context& ctx) -> task<> {
    const auto [x, y] = co_await when_all(at_once(1), at_once(2));
    std::vector<task<int>> several;
    for (int i = 0; i < 5; ++i)
      several.push_back(at_once(i));
    const auto all = co_await when_all(std::move(several));
    const auto none = co_await when_all(std::vector<task<int>>{});
    ctx.string(200, std::to_string(x + y) + ' ' + std::to_string(all.at(4)) + ' '
                        + std::to_string(none.size()));
  }};
  host.serve();
  REQUIRE(host.is_finished());
  CHECK(host.response().content() == "3 4 0");
}

TEST_CASE("an exception of one task is thrown by when_all, and the other tasks end",
          "[routing][when]") {
  switch_ a;
  switch_ b;
  const auto token = std::make_shared<int>();
  test_context host{[&](context& ctx) -> task<> {
    try {
      (void)co_await when_all(counted(token, a), failure(b));
    } catch (const std::runtime_error& e) {
      ctx.string(200, e.what());
    }
  }};
  host.serve();
  CHECK(token.use_count() == 2);
  b.flip(host);
  run_all(host);
  REQUIRE(host.is_finished());
  CHECK(host.response().content() == "a part failed");
  CHECK(token.use_count() == 1);
  CHECK_FALSE(a.is_waited_for());
}

TEST_CASE("when_any resumes with the first task, and the others end where they wait",
          "[routing][when]") {
  switch_ a;
  switch_ b;
  switch_ c;
  const auto token = std::make_shared<int>();
  test_context host{[&](context& ctx) -> task<> {
    const auto first = co_await when_any(counted(token, a), number(b, 7), counted(token, c),
                                         ctx.sleep(std::chrono::hours{1}));
    ctx.string(200, std::to_string(first.index()) + ':' + std::to_string(std::get<1>(first)));
    co_await ctx.sleep(std::chrono::milliseconds{5});
  }};
  host.serve();
  CHECK(token.use_count() == 3);
  b.flip(host);
  // Both waits end before either task is resumed; the first task destroys the second.
  a.flip(host);
  run_all(host);
  CHECK(token.use_count() == 1);
  CHECK(host.sleeps_called_off == 1);
  CHECK(host.response().content() == "1:7");
  host.wake();
  run_all(host);
  CHECK(host.is_finished());
}

TEST_CASE("when_any does not start tasks after one has ended at once", "[routing][when]") {
  switch_ a;
  bool has_begun = false;
  test_context host{[&](context& ctx) -> task<> {
    const auto begins = [](bool& mark) -> task<int> {
      mark = true;
      co_return 3;
    };
    const auto first = co_await when_any(number(a, 1), at_once(2), begins(has_begun));
    ctx.string(200, std::to_string(first.index()));
  }};
  host.serve();
  REQUIRE(host.is_finished());
  CHECK(host.response().content() == "1");
  CHECK_FALSE(has_begun);
  CHECK_FALSE(a.is_waited_for());
}

TEST_CASE("when_any of a vector gives the index and the result", "[routing][when]") {
  std::vector<switch_> switches(3);
  test_context host{[&](context& ctx) -> task<> {
    std::vector<task<int>> parts;
    for (int i = 0; i < 3; ++i)
      parts.push_back(number(switches[static_cast<std::size_t>(i)], 10 * i));
    const auto first = co_await when_any(std::move(parts));
    ctx.string(200, std::to_string(first.index) + ':' + std::to_string(first.value));
  }};
  host.serve();
  switches[2].flip(host);
  run_all(host);
  REQUIRE(host.is_finished());
  CHECK(host.response().content() == "2:20");
  CHECK_THROWS_AS(when_any(std::vector<task<int>>{}), std::invalid_argument);
}

TEST_CASE("parts may themselves wait for several tasks", "[routing][when]") {
  switch_ a;
  switch_ b;
  switch_ c;
  test_context host{[&](context& ctx) -> task<> {
    const auto sum = [](switch_& x, switch_& y) -> task<int> {
      const auto [m, n] = co_await when_all(number(x, 1), number(y, 2));
      co_return m + n;
    };
    const auto first = co_await when_any(sum(a, b), number(c, 9));
    ctx.string(200, std::to_string(first.index()) + ':' + std::to_string(std::get<0>(first)));
  }};
  host.serve();
  a.flip(host);
  run_all(host);
  CHECK_FALSE(host.is_finished());
  b.flip(host);
  run_all(host);
  REQUIRE(host.is_finished());
  CHECK(host.response().content() == "0:3");
}

TEST_CASE("an offloaded function of a task that lost when_any never begins", "[routing][when]") {
  int runs = 0;
  switch_ a;
  test_context host;
  host.admits = submission::queued;
  host.set_layers({[&](context& c) -> task<> {
    auto work = c.offload([&runs] { return ++runs; });
    const auto first = co_await when_any(work, number(a, 1));
    c.string(200, std::to_string(first.index()));
  }});
  host.serve();
  a.flip(host);
  run_all(host);
  CHECK(host.response().content() == "1");
  host.submitted.front()->run();
  CHECK(runs == 0);
  CHECK_FALSE(host.run_ready());
}

TEST_CASE("ctx.next() inside when_any is refused at any depth", "[routing][when]") {
  const auto deep = [](context& ctx) -> task<> { co_await ctx.next(); };
  const bool is_deep = GENERATE(false, true);
  test_context host{[&](context& ctx) -> task<> {
                      if (is_deep)
                        (void)co_await when_any(deep(ctx), ctx.sleep(std::chrono::hours{1}));
                      else
                        (void)co_await when_any(ctx.next(), ctx.sleep(std::chrono::hours{1}));
                    },
                    [](context& ctx) { ctx.string(200, "handler"); }};
  host.serve();
  REQUIRE(host.is_finished());
  CHECK(host.response().status() == 500);
  REQUIRE(host.reports.size() == 1);
  CHECK(host.reports.front() == "ctx.next() is awaited inside when_all or when_any");
}

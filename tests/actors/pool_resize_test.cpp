// Resizing a running pool: no task is lost, and none runs twice.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/places.hpp"
#include "../support/shard_fixture.hpp"

#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

using sake::test::gate;
using sake::test::pool_of;
using sake::test::shard_fixture;
using sake::test::thread_name;

namespace {

class job final : public sake::routing::work {
public:
  explicit job(std::function<void()> body) : body_(std::move(body)) {}

private:
  void act() noexcept override { body_(); }
  std::function<void()> body_;
};

struct pool_resize_fixture : shard_fixture {
  pool_resize_fixture(std::size_t workers, std::size_t max_queued)
      : shard_fixture({}, pool_of(workers, max_queued)) {}

  bool submit(std::function<void()> body) {
    return pool().submit(std::make_shared<job>(std::move(body)));
  }
  void await_load(std::size_t load) {
    run_until([&] { return pool().load() == load; });
  }
  void await_workers(std::size_t count) {
    run_until([&] { return pool().workers().size() == count; });
  }
};

} // namespace

TEST_CASE("a pool that grows runs more tasks at the same time", "[actors][pool_resize]") {
  gate held;
  pool_resize_fixture app{1, 100};
  const bool has_started = GENERATE(true, false);
  if (has_started)
    app.pool().start();
  app.pool().resize(3);
  CHECK(app.pool().width() == 3);
  for (int i = 0; i < 3; ++i)
    REQUIRE(app.submit([&] { held.pass(); }));
  for (int i = 0; i < 3; ++i)
    held.await_visitor();
  CHECK(app.pool().workers().size() == 3);
  held.open(3);
  app.await_load(0);
}

TEST_CASE("surplus workers end, also if they sleep", "[actors][pool_resize]") {
  std::mutex mutex;
  std::set<std::string> threads;
  pool_resize_fixture app{4, 100};
  app.pool().start();
  app.pool().resize(1);
  app.await_workers(1);
  for (int i = 0; i < 20; ++i)
    REQUIRE(app.submit([&] {
      const std::lock_guard lock{mutex};
      threads.insert(thread_name());
    }));
  app.await_load(0);
  {
    const std::lock_guard lock{mutex};
    CHECK(threads == std::set<std::string>{"sake-worker-0"}); // only the first worker is left
  }
  app.pool().resize(2);
  CHECK(app.pool().workers().size() == 2);
}

TEST_CASE("a surplus worker hands over the tasks that it has not begun", "[actors][pool_resize]") {
  gate first;
  gate last;
  std::mutex mutex;
  std::multiset<std::string> threads;
  pool_resize_fixture app{2, 100};
  const auto wait = [&] { (thread_name() == "sake-worker-0" ? first : last).pass(); };
  REQUIRE(app.submit(wait));
  REQUIRE(app.submit(wait));
  first.await_visitor();
  last.await_visitor();
  for (int i = 0; i < 10; ++i)
    REQUIRE(app.submit([&] {
      const std::lock_guard lock{mutex};
      threads.insert(thread_name());
    }));
  app.pool().resize(1);
  CHECK(app.pool().load() == 12);
  last.open();
  app.await_workers(1);
  {
    const std::lock_guard lock{mutex};
    CHECK(threads.empty()); // the remaining worker is still busy
  }
  first.open();
  app.await_load(0);
  const std::lock_guard lock{mutex};
  CHECK(threads.size() == 10);
  CHECK(threads.count("sake-worker-0") == 10);
}

TEST_CASE("a worker that is needed again before it has ended stays or is replaced",
          "[actors][pool_resize]") {
  gate held;
  std::atomic<int> ran{0};
  pool_resize_fixture app{2, 100};
  for (int i = 0; i < 2; ++i)
    REQUIRE(app.submit([&] { held.pass(); }));
  for (int i = 0; i < 2; ++i)
    held.await_visitor();
  for (int i = 0; i < 10; ++i)
    REQUIRE(app.submit([&] { ++ran; }));
  app.pool().resize(1);
  app.pool().resize(2);
  held.open(2);
  app.await_load(0);
  CHECK(ran == 10);
  app.await_workers(2);
}

TEST_CASE("the queue limit of a pool does not depend on its size", "[actors][pool_resize]") {
  gate held;
  pool_resize_fixture app{2, 1};
  for (int i = 0; i < 2; ++i) {
    REQUIRE(app.submit([&] { held.pass(); }));
    held.await_visitor();
  }
  REQUIRE(app.submit([] {}));
  CHECK_FALSE(app.submit([] {}));
  app.pool().resize(3);
  held.open(2);
  app.await_load(0);
  app.pool().resize(1);
  app.await_workers(1);
  REQUIRE(app.submit([&] { held.pass(); }));
  held.await_visitor();
  REQUIRE(app.submit([] {}));
  CHECK_FALSE(app.submit([] {}));
  held.open();
  app.await_load(0);
}

TEST_CASE("no task is lost or run twice under load while workers die", "[actors][pool_resize]") {
  constexpr std::size_t tasks = 4000;
  constexpr int submitters = 2;
  std::vector<std::atomic<int>> ran(submitters * tasks);
  pool_resize_fixture app{2, submitters * tasks};
  std::atomic<int> submitting{submitters};
  std::vector<std::thread> crowd;
  for (int who = 0; who < submitters; ++who)
    crowd.emplace_back([&, who] {
      for (std::size_t i = 0; i < tasks; ++i)
        app.submit([&ran, at = who * tasks + i] { ++ran[at]; });
      --submitting;
    });
  for (std::size_t round = 0; submitting > 0 || round < 100; ++round) {
    app.pool().resize(1 + round * 7 % 5);
    if (round % 10 == 0)
      for (const auto& each : app.pool().workers())
        caf::anon_send_exit(each, caf::exit_reason::kill);
    std::this_thread::yield();
  }
  for (auto& each : crowd)
    each.join();
  app.pool().resize(3);
  app.await_load(0);
  std::size_t once = 0;
  for (const auto& each : ran)
    once += each == 1 ? 1 : 0;
  CHECK(once == ran.size());
  app.await_workers(3);
}

TEST_CASE("a pool that is stopping may still be resized", "[actors][pool_resize]") {
  gate held;
  pool_resize_fixture app{2, 100};
  REQUIRE(app.submit([&] { held.pass(); }));
  held.await_visitor();
  app.pool().begin_stop();
  app.pool().resize(5);
  app.pool().resize(1);
  held.open();
  CHECK(app.pool().stop(std::chrono::seconds{90}));
  app.pool().resize(4);
  CHECK(app.pool().workers().empty());
}

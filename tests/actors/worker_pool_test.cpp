// The pool of workers: limits, placement, replacement, the end.
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <sake/actors/reactor/cores.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>

#include <pthread.h>
#include <sched.h>

using sake::actors::executor;
using sake::test::gate;
using sake::test::pool_of;
using sake::test::shard_fixture;
using namespace std::chrono_literals;

namespace {

// A task that counts its runs and destructions.
class job final : public sake::routing::work {
public:
  explicit job(std::function<void()> body) : body_(std::move(body)) {}

private:
  void act() noexcept override { body_(); }
  std::function<void()> body_;
};

struct worker_pool_fixture : shard_fixture {
  explicit worker_pool_fixture(sake::actors::pool_settings chosen) : shard_fixture({}, chosen) {
    pool().start();
  }
  worker_pool_fixture(std::size_t workers, std::size_t max_queued)
      : worker_pool_fixture(pool_of(workers, max_queued)) {}

  bool submit(std::function<void()> body) {
    return pool().submit(std::make_shared<job>(std::move(body)));
  }

  void await_load(std::size_t load) {
    run_until([&] { return pool().load() == load; });
  }

  caf::actor worker(std::size_t i) { return caf::actor_cast<caf::actor>(pool().workers().at(i)); }
};

} // namespace

TEST_CASE("a pool runs every task on threads of its own", "[actors][worker_pool]") {
  std::atomic<int> ran{0};
  std::atomic<int> elsewhere{0};
  worker_pool_fixture app{3, 10'000};
  for (int i = 0; i < 1000; ++i)
    REQUIRE(app.submit([&] {
      ++ran;
      if (!executor::is_here())
        ++elsewhere;
    }));
  app.await_load(0);
  CHECK(ran == 1000);
  CHECK(elsewhere == 0);
  CHECK_FALSE(executor::is_here());
  CHECK(app.pool().width() == 3);
  CHECK(app.pool().workers().size() == 3);
}

TEST_CASE("a pool refuses tasks at its limit and takes them again below it",
          "[actors][worker_pool]") {
  gate held;
  std::atomic<int> ran{0};
  worker_pool_fixture app{1, 2};
  CHECK(app.submit([&] { held.pass(); }));
  held.await_visitor();
  CHECK(app.submit([&] { ++ran; }));
  CHECK(app.submit([&] { ++ran; }));
  CHECK_FALSE(app.submit([&] { ++ran; }));
  CHECK(app.pool().load() == 3);
  // Resubmitted work was admitted before, so the limit does not apply.
  app.pool().resubmit(std::make_shared<job>([&] { ++ran; }));
  CHECK(app.pool().load() == 4);
  held.open();
  app.await_load(0);
  CHECK(ran == 3);
  CHECK(app.submit([&] { ++ran; }));
  app.await_load(0);
  CHECK(ran == 4);
}

TEST_CASE("a pool starts its workers with its first task at the latest", "[actors][worker_pool]") {
  std::atomic<int> ran{0};
  shard_fixture app{{}, {.workers = 2}};
  CHECK(app.pool().workers().empty());
  SECTION("start() is called before") {
    app.pool().start();
  }
  REQUIRE(app.pool().submit(std::make_shared<job>([&] { ++ran; })));
  CHECK(app.pool().workers().size() == 2);
  app.run_until([&] { return ran == 1; });
}

TEST_CASE("a pool that never had a task stops at once", "[actors][worker_pool]") {
  shard_fixture app{{}, {.workers = 2}};
  CHECK(app.pool().stop(0ms));
}

TEST_CASE("a task goes to the least loaded worker", "[actors][worker_pool]") {
  gate held;
  worker_pool_fixture app{2, 100};
  REQUIRE(app.submit([&] { held.pass(); }));
  held.await_visitor();
  // Each task runs although half of the workers stay busy.
  for (int i = 0; i < 20; ++i) {
    REQUIRE(app.submit([] {}));
    app.await_load(1);
  }
  held.open();
  app.await_load(0);
  CHECK(app.pool().load() == 0);
}

TEST_CASE("a reactor offers a queued task to an idle worker", "[actors][worker_pool]") {
  gate held;
  std::atomic<int> ran{0};
  worker_pool_fixture app{2, 100};
  for (int i = 0; i < 2; ++i) {
    REQUIRE(app.submit([&] { held.pass(); }));
    held.await_visitor();
  }
  const auto task = std::make_shared<job>([&] { ++ran; });
  REQUIRE(app.pool().submit(task));
  CHECK_FALSE(app.pool().steal(task)); // no worker is idle
  app.shard().reactor().offer(task, app.pool());
  app.run();
  CHECK(app.pool().load() == 3);
  // One of the two becomes idle: the task is queued behind it or behind the other.
  held.open();
  app.run_until([&] { return ran == 1; });
  app.await_load(1); // it counts once, although it is queued twice
  held.open();
  app.await_load(0);
  CHECK(ran == 1);
}

TEST_CASE("a reactor that offers a task does not keep it alive", "[actors][worker_pool]") {
  worker_pool_fixture app{1, 100};
  const auto token = std::make_shared<int>(0);
  REQUIRE(app.submit([token] {}));
  app.shard().reactor().offer(std::make_shared<job>([token] {}), app.pool());
  app.await_load(0);
  while (token.use_count() > 1) // the worker releases it last
    std::this_thread::yield();
  CHECK(app.pool().load() == 0);
}

TEST_CASE("a worker of the idle class on the reactor's own core is preferred",
          "[actors][worker_pool]") {
  const auto cores = sake::actors::usable_cores();
  gate all;
  worker_pool_fixture app{sake::actors::pool_settings{
      .workers = cores.size(), .max_queued = 100, .scheduling = sake::actors::scheduling::idle}};
  // So that each worker has started.
  for (std::size_t i = 0; i < cores.size(); ++i)
    REQUIRE(app.submit([&] { all.pass(); }));
  for (std::size_t i = 0; i < cores.size(); ++i)
    all.await_visitor();
  all.open(static_cast<int>(cores.size()));
  app.await_load(0);
  std::size_t used = 0;
  // A new thread, which stays on one core and blocks there.
  std::thread{[&] {
    const sake::actors::reactor::stay here{app.shard().reactor()};
    for (const auto core : cores)
      for (int i = 0; i < 3; ++i) {
        sake::actors::keep_on({core}, "the test");
        std::atomic<int> ran_on{-1};
        if (!app.submit([&] {
              ran_on = sched_getcpu();
              ran_on.notify_one();
            }))
          return;
        ran_on.wait(-1);
        while (app.pool().load() != 0)
          std::this_thread::sleep_for(100us);
        used += static_cast<std::size_t>(ran_on == static_cast<int>(core));
      }
  }}.join();
  CHECK(used == 3 * cores.size());
  app.run(); // the offered task has run and is not offered again
  CHECK(app.pool().load() == 0);
}

TEST_CASE("a killed worker is replaced, and the tasks behind it run", "[actors][worker_pool]") {
  const std::size_t workers = GENERATE(1, 2);
  gate held;
  std::atomic<int> ran{0};
  worker_pool_fixture app{workers, 100};
  caf::scoped_actor observer{app.system()};
  std::vector<caf::actor> killed;
  for (std::size_t i = 0; i < workers; ++i) {
    killed.push_back(app.worker(i));
    observer->monitor(killed.back());
    REQUIRE(app.submit([&, whom = killed.back()] {
      held.pass();
      ++ran;
    }));
  }
  for (std::size_t i = 0; i < workers; ++i)
    held.await_visitor();
  for (const auto& each : killed)
    caf::anon_send_exit(each, caf::exit_reason::kill);
  for (int i = 0; i < 20; ++i)
    REQUIRE(app.submit([&] { ++ran; }));
  held.open(static_cast<int>(workers));
  app.await_load(0);
  CHECK(ran == 20 + static_cast<int>(workers));
  for (std::size_t i = 0; i < workers; ++i)
    observer->receive(
        [](const caf::down_msg& down) { CHECK(down.reason == caf::exit_reason::kill); });
  const auto is_replaced = [&](const caf::strong_actor_ptr& now) {
    return std::ranges::find(killed, caf::actor_cast<caf::actor>(now)) == killed.end();
  };
  app.run_until([&] {
    const auto now = app.pool().workers();
    return now.size() == workers && std::ranges::all_of(now, is_replaced);
  });
}

TEST_CASE("a task may kill its own worker and still run to its end", "[actors][worker_pool]") {
  std::atomic<int> ran{0};
  worker_pool_fixture app{1, 100};
  for (int i = 0; i < 10; ++i) {
    REQUIRE(app.submit([&] {
      caf::anon_send_exit(app.worker(0), caf::exit_reason::kill);
      ++ran;
    }));
    app.await_load(0);
    app.run_until([&] { return app.pool().workers().size() == 1; });
  }
  CHECK(ran == 10);
  CHECK(app.submit([&] { ++ran; }));
  app.await_load(0);
  CHECK(ran == 11);
}

TEST_CASE("a worker answers messages that are no tasks with an error", "[actors][worker_pool]") {
  gate held;
  worker_pool_fixture app{1, 100};
  caf::scoped_actor outsider{app.system()};
  const auto error_of = [&](auto& asked) {
    caf::error got;
    asked.receive([](int) { FAIL("an answer"); }, [&](const caf::error& why) { got = why; });
    return got;
  };
  auto asked = outsider->request(app.worker(0), caf::infinite, 42);
  CHECK(error_of(asked) == caf::sec::unexpected_message);

  REQUIRE(app.submit([&] { held.pass(); }));
  held.await_visitor();
  const auto dying = app.worker(0);
  caf::anon_send_exit(dying, caf::exit_reason::kill);
  auto behind = outsider->request(dying, caf::infinite, 42);
  held.open();
  CHECK(error_of(behind) == caf::sec::request_receiver_down);
  auto too_late = outsider->request(dying, caf::infinite, 42);
  CHECK(error_of(too_late) == caf::sec::request_receiver_down);
}

TEST_CASE("stop() waits for running tasks and reports a worker that does not end",
          "[actors][worker_pool]") {
  gate held;
  std::atomic<int> ran{0};
  worker_pool_fixture app{2, 100};
  REQUIRE(app.submit([&] {
    held.pass();
    ++ran;
  }));
  held.await_visitor();
  CHECK_FALSE(app.pool().stop(1ms));
  CHECK(ran == 0);
  held.open();
  CHECK(app.pool().stop(90s));
  CHECK(ran == 1);
  CHECK(app.pool().workers().empty());
  CHECK(app.pool().stop(0ms)); // the pool has stopped
}

TEST_CASE("stop() ends workers that are being replaced", "[actors][worker_pool]") {
  for (int i = 0; i < 50; ++i) {
    worker_pool_fixture app{2, 100};
    for (const auto& each : {app.worker(0), app.worker(1)})
      caf::anon_send_exit(each, caf::exit_reason::kill);
    REQUIRE(app.pool().stop(90s));
  }
}

TEST_CASE("a stopped pool drops tasks that have not begun, and later ones",
          "[actors][worker_pool]") {
  gate held;
  const auto token = std::make_shared<int>(0);
  worker_pool_fixture app{1, 100};
  REQUIRE(app.submit([&] { held.pass(); }));
  held.await_visitor();
  REQUIRE(app.submit([token] { ++*token; }));
  app.pool().begin_stop();
  CHECK(token.use_count() == 2);
  held.open();
  CHECK(app.pool().await_end(std::chrono::steady_clock::now() + 90s));
  CHECK(app.submit([token] { ++*token; }));
  app.pool().resubmit(std::make_shared<job>([token] { ++*token; }));
  CHECK(token.use_count() == 1);
  CHECK(*token == 0);
  CHECK(app.pool().load() == 0);
}

TEST_CASE("workers have the configured scheduling class and cores", "[actors][worker_pool]") {
  cpu_set_t allowed;
  REQUIRE(sched_getaffinity(0, sizeof allowed, &allowed) == 0);
  using sake::actors::scheduling;
  const auto chosen =
      GENERATE(scheduling::idle, scheduling::background, scheduling::batch, scheduling::normal);
  const bool pinned = GENERATE(true, false);
  const std::size_t workers = static_cast<std::size_t>(CPU_COUNT(&allowed));
  gate all;
  std::mutex mutex;
  std::set<int> policies;
  std::multiset<int> core_counts;
  cpu_set_t used;
  CPU_ZERO(&used);
  worker_pool_fixture app{sake::actors::pool_settings{
      .workers = workers, .max_queued = 100, .pinned = pinned, .scheduling = chosen}};
  for (std::size_t i = 0; i < workers; ++i)
    REQUIRE(app.submit([&] {
      {
        const std::lock_guard lock{mutex};
        cpu_set_t own;
        sched_getaffinity(0, sizeof own, &own);
        policies.insert(sched_getscheduler(0));
        core_counts.insert(CPU_COUNT(&own));
        CPU_OR(&used, &used, &own);
      }
      all.pass();
    }));
  for (std::size_t i = 0; i < workers; ++i)
    all.await_visitor();
  all.open(static_cast<int>(workers));
  app.await_load(0);
  const int policy = chosen == scheduling::idle     ? SCHED_IDLE
                     : chosen == scheduling::normal ? SCHED_OTHER
                                                    : SCHED_BATCH;
  CHECK(policies == std::set<int>{policy});
  CHECK(core_counts.count(pinned ? 1 : CPU_COUNT(&allowed)) == workers);
  // As many workers as cores use every core.
  CHECK(CPU_EQUAL(&used, &allowed));
}

namespace {

// While it lives no thread can start, because its stack would exceed the address space.
class no_threads {
public:
  no_threads() {
    pthread_getattr_default_np(&usual_);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 47);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~no_threads() {
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }

private:
  pthread_attr_t usual_;
};

} // namespace

TEST_CASE("a pool that could not start a thread tries again and runs the queued tasks",
          "[actors][worker_pool]") {
  sake::test::shard_fixture app{{}, pool_of(2)};
  app.get("/", [](sake::context& ctx) { ctx.string(200, "run"); }).worker();
  auto peer = [&] {
    const no_threads none;
    return app.connect();
  }();
  CHECK(app.pool().workers().empty());
  peer.send(sake::test::get("/"));
  std::string got;
  app.run_until([&] { return !(got += peer.take()).empty(); });
  CHECK(got == sake::test::text_on_wire(200, "run"));
  app.run_until([&] {
    // Each task makes the pool try again.
    app.ask(peer, sake::test::get("/"));
    return app.pool().workers().size() == 2;
  });
}

TEST_CASE("a worker that dies while no thread can start is replaced later",
          "[actors][worker_pool]") {
  std::atomic<bool> has_run = false;
  worker_pool_fixture app{1, 10};
  app.await_load(0);
  {
    const no_threads none;
    caf::anon_send_exit(app.worker(0), caf::exit_reason::kill);
    app.run_until([&] { return app.pool().workers().empty(); });
  }
  app.run_until([&] {
    app.submit([&] { has_run = true; });
    return has_run.load();
  });
}

// `.worker()` routes over real sockets.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <caf/actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <semaphore>
#include <stdexcept>
#include <string>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

/// Holds workers until it is opened.
struct doorway {
  std::atomic<int> waiting = 0;
  std::atomic<bool> is_open = false;

  void pass() {
    ++waiting;
    is_open.wait(false);
  }
  void open() {
    is_open = true;
    is_open.notify_all();
  }
};

void stamp(context& ctx) {
  ctx.set("user", std::string{"Ada"});
  ctx.next([](context& done) {
    done.set_header("Stamp", std::to_string(done.response().content().size()));
  });
}

task<> time_out(context& ctx) {
  co_await ctx.next();
  ctx.add_header("Layer", "coroutine");
}

// The same handlers with and without the pool.
void add_worker_pool_routes(engine& app) {
  app.use(stamp);
  auto work = app.group("/work");
  work.use(time_out);
  work.get("/user", [](context& ctx) { ctx.string(200, ctx.must_get<std::string>("user")); })
      .worker();
  work.get("/json/:n",
           [](context& ctx) {
             ctx.json(201, {{"n", ctx.param("n")}, {"q", ctx.query("q")}});
           })
      .worker();
  work.post(
          "/echo",
          [](context& ctx) { ctx.data(200, ctx.header("Content-Type"), std::string{ctx.body()}); })
      .worker();
  work.get("/throws", [](context&) { throw std::runtime_error{"no luck"}; }).worker();
  work.get("/coroutine",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(2ms);
             const int n = co_await ctx.offload([] { return 42; });
             ctx.string(200, std::to_string(n));
           })
      .worker();
  work.get("/offload",
           [](context& ctx) {
             ctx.string(200, std::to_string(ctx.offload([] { return 6; }).get() * 7));
           })
      .worker();
  work.get("/abort", [](context& ctx) { ctx.abort_with_status(403); }).worker();
  work.get("/guarded", [](context& ctx) { ctx.string(200, "never"); })
      .worker()
      .use([](context& ctx) { ctx.abort_with_status(401); });
  work.get("/nothing", [](context&) {}).worker();
}

std::vector<std::string> table() {
  return {get("/work/user"),
          get("/work/json/7?q=a%20b"),
          post("/work/echo", "some content", "Content-Type: text/x\r\n"),
          post("/work/echo", std::string(200'000, 'x'), "Content-Type: text/x\r\n"),
          get("/work/throws"),
          get("/work/coroutine"),
          get("/work/offload"),
          get("/work/abort"),
          get("/work/guarded"),
          get("/work/nothing"),
          to_send("HEAD", "/work/user"),
          post("/work/user", "wrong method"),
          get("/work/nowhere")};
}

} // namespace

TEST_CASE("responses are the same with and without the pool", "[e2e]") {
  server with_pool;
  server without_pool{test_config().with_worker_pool(false)};
  add_worker_pool_routes(with_pool.app);
  add_worker_pool_routes(without_pool.app);
  with_pool.start();
  without_pool.start();
  CHECK(with_pool.app.workers().size() == 2);
  CHECK(without_pool.app.workers().empty());
  auto one = with_pool.connect();
  auto other = without_pool.connect();
  for (const auto& octets : table()) {
    CAPTURE(octets.substr(0, 40));
    const auto got = one.ask(octets);
    CHECK(got.without_date() == other.ask(octets).without_date());
    CHECK_FALSE(got.field("Stamp").empty());
  }
}

TEST_CASE("a saturated pool answers 503 with Retry-After, and serves again later", "[e2e]") {
  doorway door;
  server own{test_config().with_reactors(1).with_workers(1).with_worker_max_queued(2)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.app
      .get("/held",
           [&door](context& ctx) {
             door.pass();
             ctx.string(200, "done");
           })
      .worker();
  own.start();
  auto inside = own.connect();
  // One runs and two wait: the reactor reads all three before the next connection.
  inside.send(get("/held") + get("/held") + get("/held"));
  wait_until([&] { return door.waiting == 1; });
  auto peer = own.connect();
  for (int i = 0; i < 3; ++i) {
    const auto refused = peer.ask(get("/held"));
    CHECK(refused.status == 503);
    CHECK_FALSE(refused.field("Retry-After").empty());
    CHECK_FALSE(refused.closes());
    CHECK(peer.ask(get("/")).content == "home");
  }
  door.open();
  for (int i = 0; i < 3; ++i)
    CHECK(inside.read().content == "done");
  CHECK(peer.ask(get("/held")).content == "done");
}

TEST_CASE("one reactor answers while every worker is busy", "[e2e]") {
  doorway door;
  server own{test_config().with_reactors(1).with_workers(2)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.app
      .get("/held",
           [&door](context& ctx) {
             door.pass();
             ctx.string(200, "done");
           })
      .worker();
  own.start();
  std::vector<client> inside;
  for (int i = 0; i < 10; ++i) {
    inside.push_back(own.connect());
    // The request behind it on the same connection must wait for it.
    inside.back().send(get("/held") + get("/"));
  }
  wait_until([&] { return door.waiting == 2; });
  for (int i = 0; i < 50; ++i)
    CHECK(own.ask(get("/")).content == "home");
  door.open();
  for (auto& each : inside) {
    CHECK(each.read().content == "done");
    CHECK(each.read().content == "home");
  }
}

TEST_CASE("a handler that waits for the pool inside the pool never deadlocks", "[e2e]") {
  const std::size_t workers = GENERATE(1, 2);
  CAPTURE(workers);
  server own{test_config().with_workers(workers)};
  own.app
      .get("/plain",
           [](context& ctx) {
             const int inner =
                 ctx.offload([&ctx] { return ctx.offload([] { return 20; }).get() + 1; }).get();
             ctx.string(200, std::to_string(2 * inner));
           })
      .worker();
  own.app
      .get("/coroutine",
           [](context& ctx) -> task<> {
             int sum = 0;
             for (int i = 0; i < 6; ++i)
               sum += co_await ctx.offload([&ctx] { return ctx.offload([] { return 7; }).get(); });
             ctx.string(200, std::to_string(sum));
           })
      .worker();
  own.app.get("/reactor", [](context& ctx) {
    ctx.string(200, std::to_string(ctx.offload([] { return 42; }).get()));
  });
  own.start();
  std::vector<client> crowd;
  const std::vector<std::string> paths{"/plain", "/coroutine", "/reactor"};
  for (int i = 0; i < 60; ++i) {
    crowd.push_back(own.connect());
    crowd.back().send(get(paths[i % paths.size()]));
  }
  for (auto& each : crowd)
    CHECK(each.read().content == "42");
}

TEST_CASE("clients that leave while their request is in the pool do no harm", "[e2e]") {
  const bool by_reset = GENERATE(false, true);
  CAPTURE(by_reset);
  doorway door;
  std::atomic<int> done = 0;
  server own{test_config().with_workers(1)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.app
      .get("/held",
           [&](context& ctx) {
             door.pass();
             ctx.string(200, std::string(100'000, 'x'));
             ++done;
           })
      .worker();
  own.start();
  std::vector<client> crowd;
  for (int i = 0; i < 50; ++i) {
    crowd.push_back(own.connect());
    crowd.back().send(get("/held"));
  }
  wait_until([&] { return door.waiting == 1; });
  for (auto& each : crowd)
    by_reset ? each.reset() : each.close();
  CHECK(own.ask(get("/")).content == "home");
  door.open();
  CHECK(own.ask(get("/held")).status == 200);
  CHECK(done >= 2);
}

TEST_CASE("a worker that dies is replaced", "[e2e]") {
  doorway door;
  server own{test_config().with_workers(2)};
  own.app
      .get("/held",
           [&door](context& ctx) {
             door.pass();
             ctx.string(200, "done");
           })
      .worker();
  own.start();
  std::vector<client> crowd;
  for (int i = 0; i < 20; ++i) {
    crowd.push_back(own.connect());
    crowd.back().send(get("/held"));
  }
  wait_until([&] { return door.waiting == 2; });
  const auto before = own.app.workers();
  REQUIRE(before.size() == 2);
  for (const auto& each : before)
    caf::anon_send_exit(each, caf::exit_reason::kill);
  door.open();
  for (auto& each : crowd)
    CHECK(each.read().content == "done");
  wait_until([&] {
    const auto now = own.app.workers();
    return now.size() == 2 && now[0] != before[0] && now[1] != before[1];
  });
  CHECK(own.ask(get("/held")).content == "done");
}

TEST_CASE("a worker that takes too long gives 504, and its late response is dropped", "[e2e]") {
  doorway door;
  server own{test_config().with_workers(1).with_request_timeout(100ms)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  own.app
      .get("/held",
           [&door](context& ctx) {
             door.pass();
             ctx.string(200, "late");
           })
      .worker();
  own.start();
  auto peer = own.connect();
  auto waiting = own.connect();
  CHECK(peer.ask(get("/held")).status == 504);
  CHECK(waiting.ask(get("/held")).status == 504); // never begun
  door.open();
  CHECK(peer.ask(get("/")).content == "home");
  wait_until([&] { return peer.ask(get("/held")).status == 200; });
  CHECK(waiting.ask(get("/")).content == "home");
}

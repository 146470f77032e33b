// The end of an engine in this process: drain, deadline, destruction.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"
#include "../support/gate.hpp"
#include "../support/scratch_folder.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/response_promise.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

/// Requests that are in flight until they are released.
struct held_requests {
  std::atomic<int> begun = 0;
  std::atomic<bool> is_released = false;

  void add_routes(engine& app) {
    app.get("/", [](context& ctx) { ctx.string(200, "home"); });
    app.post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
    app.get("/held", [this](context& ctx) -> task<> {
      ++begun;
      while (!is_released)
        co_await ctx.sleep(1ms);
      ctx.string(200, "at last");
    });
    app.get("/held/pool",
            [this](context& ctx) {
              ++begun;
              is_released.wait(false);
              ctx.string(200, "at last");
            })
        .worker();
  }
  void release() {
    is_released = true;
    is_released.notify_all();
  }
};

/// Waits for the end of an engine on a thread of its own.
class waiter {
public:
  explicit waiter(engine& app) : thread_([&app] { app.wait(); }) {}
  ~waiter() { thread_.join(); }

private:
  std::thread thread_;
};

// Empty once the port no longer listens.
std::optional<client> try_connect(std::uint16_t port) {
  try {
    return client{port};
  } catch (const std::exception&) {
    return std::nullopt;
  }
}
std::optional<client> try_connect(const std::string& path) {
  try {
    return client::on_path(path);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

// An actor that never answers.
caf::behavior ignore(caf::event_based_actor* self) {
  const auto waiting = std::make_shared<std::vector<caf::response_promise>>();
  return {[=](const request&) {
    waiting->push_back(self->make_response_promise());
    return waiting->back();
  }};
}

} // namespace

TEST_CASE("at shutdown requests in flight are answered, and their connections close", "[e2e]") {
  const auto* path = GENERATE("/held", "/held/pool");
  CAPTURE(path);
  held_requests held;
  server own;
  held.add_routes(own.app);
  own.start();
  auto idle = own.connect();
  REQUIRE(idle.ask(get("/")).status == 200);
  auto fresh = own.connect();
  auto peer = own.connect();
  peer.send(get(path));
  wait_until([&] { return held.begun == 1; });
  own.app.shutdown();
  {
    const waiter end{own.app};
    CHECK(idle.read_to_end().empty());
    CHECK(fresh.read_to_end().empty());
    wait_until([&] { return !client::can_connect(own.app.port()); });
    held.release();
    const auto got = peer.read();
    CHECK(got.status == 200);
    CHECK(got.content == "at last");
    CHECK(got.closes());
    CHECK(peer.read_to_end().empty());
  }
}

TEST_CASE("at shutdown all pipelined requests are answered, and the last response closes",
          "[e2e]") {
  held_requests held;
  server own;
  held.add_routes(own.app);
  own.start();
  auto peer = own.connect();
  std::string requests;
  for (int i = 0; i < 8; ++i)
    requests += get("/held");
  peer.send(requests);
  wait_until([&] { return held.begun == 8; });
  own.app.shutdown();
  const waiter end{own.app};
  wait_until([&] { return !client::can_connect(own.app.port()); });
  held.release();
  for (int i = 0; i < 8; ++i) {
    const auto got = peer.read();
    CHECK(got.content == "at last");
    CHECK(got.closes() == (i == 7));
  }
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("at shutdown requests that were sent but not yet read are answered", "[e2e]") {
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  std::atomic<bool> is_held{false};
  std::atomic<bool> may_go_on{false};
  server own{test_config().with_reactors(1).with_address("unix:" + path)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "here"); });
  own.app
      .get("/hold",
           [&](context& ctx) {
             is_held = true;
             while (!may_go_on)
               std::this_thread::yield();
             ctx.string(200, "held");
           })
      .pinned_to_reactor();
  own.start();
  auto known = client::on_path(path);
  REQUIRE(known.ask(get("/")).status == 200);
  auto holder = client::on_path(path);
  holder.send(get("/hold"));
  wait_until([&] { return is_held.load(); });
  // While the reactor is blocked, one connection is new and another has an unread request.
  auto fresh = client::on_path(path);
  fresh.send(get("/"));
  known.send(get("/"));
  own.app.shutdown();
  const waiter end{own.app};
  // The drain removes the path first, then notifies the reactor, which is still blocked.
  wait_until([&] { return !std::filesystem::exists(path); });
  may_go_on = true;
  CHECK(holder.read().content == "held");
  CHECK(known.read().content == "here");
  CHECK(fresh.read().content == "here");
}

TEST_CASE("at shutdown every connection that the kernel has accepted is answered", "[e2e]") {
  constexpr int crowd_size = 300; // more than a listener accepts at a time
  std::atomic<bool> is_held{false};
  std::atomic<bool> may_go_on{false};
  // Requests already sent are answered, however short the drain is.
  const auto drain_deadline = GENERATE(0ms, 10ms, 10s);
  CAPTURE(drain_deadline.count());
  server own{test_config().with_reactors(1).with_drain_deadline(drain_deadline)};
  own.app.get("/", [](context& ctx) { ctx.string(200, "here"); });
  own.app
      .get("/hold",
           [&](context& ctx) {
             is_held = true;
             may_go_on.wait(false);
             ctx.string(200, "held");
           })
      .pinned_to_reactor();
  own.start();
  auto holder = own.connect();
  holder.send(get("/hold"));
  wait_until([&] { return is_held.load(); });
  std::vector<client> crowd;
  for (int i = 0; i < crowd_size; ++i) {
    crowd.push_back(own.connect());
    crowd.back().send(get("/"));
  }
  own.app.shutdown();
  const waiter end{own.app};
  may_go_on = true;
  may_go_on.notify_all();
  CHECK(holder.read().content == "held");
  for (auto& each : crowd) {
    // A response sent before the reactor knows of the shutdown does not announce the close.
    CHECK(each.read().content == "here");
    CHECK(each.read_to_end().empty());
  }
}

TEST_CASE("at shutdown a client that could connect gets an answer", "[e2e]") {
  const std::size_t reactors = GENERATE(1, 2);
  const bool is_unix = GENERATE(false, true);
  CAPTURE(reactors, is_unix);
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  for (int round = 0; round < 5; ++round) {
    auto options = test_config().with_reactors(reactors);
    if (is_unix)
      options.with_address("unix:" + path);
    server own{options};
    own.app.get("/", [](context& ctx) { ctx.string(200, "here"); });
    own.start();
    const auto connect = [&, port = own.app.port()]() -> std::optional<client> {
      return is_unix ? try_connect(path) : try_connect(port);
    };
    std::atomic<int> answered = 0;
    std::atomic<int> reset = 0;
    std::vector<std::thread> load;
    for (int i = 0; i < 6; ++i)
      load.emplace_back([&] {
        for (std::optional<client> peer; (peer = connect());)
          try {
            (peer->ask(get("/")).status == 200 ? answered : reset) += 1;
          } catch (const std::exception&) {
            ++reset;
          }
      });
    wait_until([&] { return answered > 50; });
    own.app.shutdown();
    own.app.wait();
    for (auto& each : load)
      each.join();
    CHECK(reset == 0);
  }
}

TEST_CASE("a handler that never returns does not delay the end of the engine", "[e2e]") {
  // Static, because the thread uses them until the end of the process.
  static std::atomic<bool> is_held{false};
  static std::atomic<bool> may_end{false};
  server own{test_config().with_reactors(1).with_drain_deadline(50ms)};
  own.app
      .get("/",
           [](context&) {
             is_held = true;
             while (!may_end)
               std::this_thread::yield();
           })
      .pinned_to_reactor();
  own.start();
  const auto port = own.app.port();
  auto peer = own.connect();
  peer.send(get("/"));
  wait_until([&] { return is_held.load(); });
  own.app.shutdown();
  own.app.wait();
  // The engine that it left behind can still be queried.
  CHECK(own.app.port() == port);
  own.app.shutdown();
  own.app.wait();
  may_end = true;
}

TEST_CASE("at shutdown a partial request may still be completed", "[e2e]") {
  held_requests held;
  server own;
  held.add_routes(own.app);
  own.start();
  auto head = own.connect();
  auto content = own.connect();
  auto large = own.connect();
  const auto small_upload = post("/echo", "content");
  const auto upload = post("/echo", std::string(500'000, 'x'));
  head.send("GET / HTTP/1.1\r\n");
  content.send(small_upload.substr(0, small_upload.size() - 4));
  large.send(upload.substr(0, 300'000));
  // An answer from each reactor shows that all input has arrived.
  for (int i = 0; i < 40; ++i)
    REQUIRE(own.ask(get("/")).status == 200);
  own.app.shutdown();
  const waiter end{own.app};
  wait_until([&] { return !client::can_connect(own.app.port()); });
  const auto small = head.ask("Host: x\r\n\r\n");
  CHECK(small.content == "home");
  CHECK(small.closes());
  const auto middle = content.ask(small_upload.substr(small_upload.size() - 4));
  CHECK(middle.content == "content");
  CHECK(middle.closes());
  const auto all = large.ask(upload.substr(300'000));
  CHECK(all.content.size() == 500'000);
  CHECK(all.closes());
}

TEST_CASE("requests still in flight at the drain deadline are cut off", "[e2e]") {
  held_requests held;
  server own{test_config().with_drain_deadline(100ms)};
  held.add_routes(own.app);
  const auto silent = own.app.system().spawn(ignore);
  own.app.get("/actor", silent);
  own.app.get("/ask", [silent](context& ctx) -> task<> {
    co_await ctx.ask<response>(silent, 0ms, ctx.request());
  });
  own.app.get("/observed", silent).use([](context& ctx) { ctx.next([](context&) {}); });
  own.start();
  std::vector<client> crowd;
  for (const auto* path : {"/held", "/actor", "/ask", "/observed"})
    for (int i = 0; i < 5; ++i) {
      crowd.push_back(own.connect());
      crowd.back().send(get(path) + get(path));
    }
  auto half = own.connect();
  half.send("GET / HTTP");
  wait_until([&] { return held.begun == 10; });
  own.app.shutdown();
  own.app.wait();
  for (auto& each : crowd)
    each.await_end();
  half.await_end();
  CHECK_FALSE(client::can_connect(own.app.port()));
}

TEST_CASE("a second shutdown does not postpone the drain deadline", "[e2e]") {
  held_requests held;
  server own{test_config().with_drain_deadline(500ms)};
  held.add_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send(get("/held"));
  wait_until([&] { return held.begun == 1; });
  own.app.shutdown();
  std::atomic<bool> has_ended = false;
  std::thread impatient{[&] {
    wait_until([&] {
      own.app.shutdown();
      return has_ended.load();
    });
  }};
  own.app.wait();
  has_ended = true;
  impatient.join();
  peer.await_end();
}

TEST_CASE("the drain deadline passes while workers have a request", "[e2e]") {
  // Static, because a worker that outlives the engine goes on counting.
  static std::atomic<int> begun;
  begun = 0;
  server own{test_config().with_workers(1).with_drain_deadline(10ms)};
  own.app
      .get("/long",
           [](context& ctx) {
             const std::string text{"kept"};
             ctx.set("text", text);
             ++begun;
             std::this_thread::sleep_for(50ms);
             ctx.string(200, ctx.must_get<std::string>("text"));
           })
      .worker();
  own.app
      .get("/coroutine",
           [](context& ctx) -> task<> {
             ++begun;
             for (;;)
               co_await ctx.sleep(1ms);
           })
      .worker();
  own.app.get("/offload", [](context& ctx) -> task<> {
    const std::string text(100, 't'); // in the frame, for the worker to read
    ++begun;
    const auto size = co_await ctx.offload([&text] {
      std::this_thread::sleep_for(50ms);
      return std::string{text}.size();
    });
    ctx.string(200, std::to_string(size));
  });
  own.start();
  std::vector<client> crowd;
  for (int i = 0; i < 2; ++i)
    for (const auto* path : {"/coroutine", "/long", "/offload"}) {
      crowd.push_back(own.connect());
      crowd.back().send(get(path));
    }
  // Some requests run, and some wait for their worker.
  wait_until([&] { return begun >= 3; });
  own.app.shutdown();
  own.app.wait();
  for (auto& each : crowd)
    each.await_end();
}

TEST_CASE("the actors of routes have ended when the engine has ended", "[e2e]") {
  static std::atomic<int> left;
  struct counted : caf::event_based_actor {
    explicit counted(caf::actor_config& cfg) : caf::event_based_actor(cfg) { ++left; }
    ~counted() override { --left; }
    caf::behavior make_behavior() override {
      return {[](const sake::request&) { return sake::response::text(200, "here"); }};
    }
  };
  left = 0;
  server own;
  own.app.get("/shared", spawned<counted>());
  own.app.get("/keyed/:id", spawned<counted>()).keyed_by("id");
  own.app.get("/own", spawned<counted>()).per_request();
  own.start();
  for (const auto* path : {"/shared", "/keyed/a", "/own"})
    CHECK(own.ask(get(path)).content == "here");
  CHECK(left > 0);
  own.app.shutdown();
  own.app.wait();
  wait_until([] { return left == 0; });
}

TEST_CASE("an actor may answer after its engine has stopped", "[e2e]") {
  gate hold;
  server own{test_config().with_drain_deadline(1ms)};
  const auto late = own.app.system().spawn<caf::detached>([&hold](caf::event_based_actor*) {
    return caf::behavior{[&hold](const sake::request&) {
      hold.pass();
      return sake::response::text(200, "late");
    }};
  });
  own.app.get("/", late);
  own.start();
  auto peer = own.connect();
  peer.send(get("/"));
  hold.await_visitor();
  own.app.shutdown();
  own.app.wait();
  // No reactor is left; the actor still has the address.
  hold.open();
  peer.await_end();
}

TEST_CASE("an end that waits for an actor of the program is logged", "[e2e]") {
  const captured_log log;
  std::promise<caf::actor> spawned;
  std::thread life{[&spawned] {
    server own{test_config().with_drain_deadline(50ms)};
    // The actor has a promise, and so a reference to itself.
    auto forgotten = own.app.system().spawn(ignore);
    own.app.get("/", [whom = caf::actor_cast<caf::actor_addr>(forgotten)](context& ctx) -> task<> {
      co_await ctx.ask<response>(caf::actor_cast<caf::actor>(whom), 0ms, ctx.request());
    });
    own.start();
    auto peer = own.connect();
    peer.send(get("/"));
    spawned.set_value(std::move(forgotten));
    own.app.shutdown();
    own.app.wait();
  }};
  auto forgotten = spawned.get_future().get();
  wait_until([&] { return log.count("the end waits for actors of the program") == 1; });
  caf::anon_send_exit(std::exchange(forgotten, nullptr), caf::exit_reason::user_shutdown);
  life.join();
  CHECK(log.count("the end waits") == 1);
}

TEST_CASE("a handler may shut its engine down", "[e2e]") {
  server own;
  own.app.get("/shutdown", [&own](context& ctx) {
    own.app.shutdown();
    own.app.shutdown(); // a second call has no effect
    ctx.string(200, "goodbye");
  });
  own.start();
  auto peer = own.connect();
  peer.send(get("/shutdown"));
  own.app.wait();
  CHECK(peer.read().content == "goodbye");
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("an engine can be destroyed in any state", "[e2e]") {
  held_requests held;
  SECTION("it never started") {
    engine app{test_config()};
    held.add_routes(app);
    app.get("/actor", app.system().spawn(ignore));
    const auto other = app.system().spawn(ignore);
    app.get("/ask", [other](context& ctx) -> task<> {
      co_await ctx.ask<response>(other, 0ms, ctx.request());
    });
  }
  SECTION("it could not start") {
    engine app{test_config().with_max_connections(0)};
    held.add_routes(app);
    app.get("/actor", app.system().spawn(ignore));
    CHECK_FALSE(app.start());
  }
  SECTION("it started and had no request") {
    server own;
    held.add_routes(own.app);
    own.start();
  }
  SECTION("it was shut down before it started") {
    server own;
    own.app.shutdown();
    own.start();
    own.app.wait();
  }
  SECTION("it has open connections") {
    std::vector<client> crowd;
    server own;
    held.add_routes(own.app);
    own.start();
    for (int i = 0; i < 20; ++i)
      crowd.push_back(own.connect());
    REQUIRE(own.ask(get("/")).status == 200);
  }
  SECTION("it ended in wait()") {
    server own;
    own.start();
    own.app.shutdown();
    own.app.wait();
    own.app.wait();
  }
  SUCCEED("nothing hangs; the sanitizers tell what leaks");
}

TEST_CASE("an engine may be destroyed by another thread than made it", "[e2e]") {
  auto own = std::make_unique<server>(test_config().with_workers(1));
  own->app.get("/", [](context& ctx) { ctx.string(200, "home"); }).worker();
  own->app.get("/actor", [](caf::event_based_actor*) -> caf::behavior {
    return {[](const request&) { return response::text(200, "actor"); }};
  });
  own->start();
  CHECK(own->app.resize_pool("", 2));
  CHECK(own->ask(get("/")).content == "home");
  CHECK(own->ask(get("/actor")).content == "actor");
  std::thread other{[&own] { own.reset(); }};
  other.join();
}

TEST_CASE("a handler may destroy another engine", "[e2e]") {
  const bool on_worker = GENERATE(false, true);
  auto other = std::make_unique<server>(test_config());
  other->app.get("/", [](context& ctx) { ctx.string(200, "other"); });
  other->start();
  auto before = other->connect();
  CHECK(before.ask(get("/")).content == "other");
  server own{test_config().with_workers(1)};
  auto& added = own.app.get("/", [&](context& ctx) {
    other.reset();
    ctx.string(200, "gone");
  });
  if (on_worker)
    added.worker();
  own.start();
  CHECK(own.ask(get("/")).content == "gone");
  before.await_end();
}

TEST_CASE("an engine starts only once", "[e2e]") {
  server own;
  own.start();
  CHECK_THROWS_AS(own.start(), std::logic_error);
}

TEST_CASE("a handler that waits for its engine is answered with 500", "[e2e]") {
  server own{test_config().with_workers(1)};
  const auto wait = [&own](context&) { own.app.wait(); };
  own.app.get("/reactor", wait).pinned_to_reactor();
  own.app.get("/worker", wait).worker();
  own.app.get("/scheduler", wait).on_scheduler();
  own.app.get("/detached", wait).detached();
  own.app.get("/offload",
              [&own](context& ctx) -> task<> { co_await ctx.offload([&own] { own.app.wait(); }); });
  own.app.get("/why", [&own](context& ctx) {
    try {
      own.app.wait();
    } catch (const std::logic_error& e) {
      ctx.string(200, e.what());
    }
  });
  own.start();
  for (const auto* path : {"/reactor", "/worker", "/scheduler", "/detached", "/offload"})
    CHECK(own.ask(get(path)).status == 500);
  CHECK(own.ask(get("/why")).content
        == "engine::wait() is called on a thread of its engine, as by a handler: it would wait for "
           "its own thread to end");
}

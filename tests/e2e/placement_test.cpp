// Places of handlers over real sockets: named pools, and resizing them at run time.
#include "../support/catch.hpp"
#include "../support/places.hpp"
#include "../support/server.hpp"

#include <sake/actors.hpp>

#include <caf/event_based_actor.hpp>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

config with_images(std::size_t workers) {
  return test_config().with_pool(
      "images", {.workers = workers, .pinned = false, .scheduling = scheduling::normal});
}

void tell_thread(context& ctx) {
  ctx.string(200, thread_name());
}

caf::behavior telling(caf::event_based_actor*) {
  return {[](const sake::request&) { return sake::response::text(200, thread_name()); }};
}

bool begins_with(const std::string& text, std::string_view prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

} // namespace

TEST_CASE("a pool is declared by name, and a second declaration replaces the first",
          "[placement][config]") {
  config options;
  options.with_pool("images", {.workers = 2})
      .with_pool("mail", {.workers = 3})
      .with_pool("images", {.workers = 4});
  CHECK(options.check().empty());
  REQUIRE(options.pools().size() == 2);
  CHECK(options.pools().at(0).name == "images");
  CHECK(options.pools().at(0).settings.workers == 4);
  CHECK(options.pools().at(1).name == "mail");
}

TEST_CASE("an invalid pool is refused with its reason", "[placement][config]") {
  const auto errors = config{}
                          .with_pool("images", {.workers = 0})
                          .with_pool("mail", {.workers = 1025})
                          .with_pool("", {})
                          .with_pool("a b", {})
                          .with_pool(std::string(33, 'x'), {})
                          .check();
  CHECK(errors.size() == 5);
  CHECK(errors.at(0) == "pools.images.workers must be 1 to 1024, not 0");
}

TEST_CASE("handlers and actors run on the threads of their route's place", "[e2e][placement]") {
  server own{with_images(1)};
  own.app.get("/reactor", tell_thread).pinned_to_reactor();
  own.app.get("/scheduler", tell_thread).on_scheduler();
  own.app.get("/scheduler/actor", telling).on_scheduler();
  for (const auto& each : places) {
    const std::string path = std::string{"/"} + each.threads;
    each.assign(own.app.get(path, tell_thread));
    each.assign(own.app.get(path + "/actor", telling));
    each.assign(own.app.get(path + "/own", telling).per_request());
    each.assign(own.app.get(path + "/key/:id", telling).keyed_by("id"));
  }
  own.start();
  auto peer = own.connect();
  CHECK(begins_with(peer.ask(get("/reactor")).content, "sake-reactor-"));
  for (const auto* path : {"/scheduler", "/scheduler/actor"})
    CHECK(begins_with(peer.ask(get(path)).content, "caf."));
  for (const auto& each : places)
    for (const auto* kind : {"", "/actor", "/own", "/key/a", "/key/b"})
      CHECK(
          begins_with(peer.ask(get(std::string{"/"} + each.threads + kind)).content, each.threads));
  CHECK(own.app.workers().size() == 2);
  CHECK(own.app.workers("images").size() == 1);
  CHECK(own.app.workers("nobody").empty());
}

TEST_CASE("a placed actor takes the answers of others in its place and does not move them",
          "[e2e][placement]") {
  server own{with_images(1)};
  // Lazily, because its first turn would otherwise run on CAF's scheduler.
  const auto other = own.app.system().spawn<caf::lazy_init>(
      [](caf::event_based_actor*) -> caf::behavior { return {[](int) { return thread_name(); }}; });
  // An actor runs on the reactor that wakes it.
  own.app.get("/other", [other](context& ctx) -> task<> {
    const auto there = co_await ctx.ask<std::string>(other, 90s, 1);
    ctx.string(200, *there);
  });
  for (const auto& each : places)
    each.assign(own.app.get(
        std::string{"/"} + each.threads, [other](caf::event_based_actor* self) -> caf::behavior {
          return {[=](const sake::request&) {
            auto answer = self->make_response_promise<sake::response>();
            self->request(other, caf::infinite, 1).then([=](const std::string& there) mutable {
              answer.deliver(sake::response::text(200, thread_name() + " and " + there));
            });
            return answer;
          }};
        }));
  own.start();
  auto peer = own.connect();
  CHECK(begins_with(peer.ask(get("/other")).content, "sake-reactor-"));
  for (const auto& each : places) {
    const auto got = peer.ask(get(std::string{"/"} + each.threads)).content;
    CAPTURE(got);
    CHECK(begins_with(got, *each.threads != '\0' ? each.threads : "caf."));
    CHECK(got.find(" and caf.") != std::string::npos);
  }
}

TEST_CASE("an engine does not start with an undeclared pool", "[e2e][placement]") {
  const bool has_pools = GENERATE(true, false);
  engine app{with_images(1).with_worker_pool(has_pools)};
  app.get("/good", tell_thread).worker("images");
  app.get("/bad", tell_thread).worker("imagse");
  app.get("/worse", telling).worker("mail");
  const auto begun = app.start();
  CHECK_FALSE(begun);
  CHECK(begun.error
        == "route GET /bad: no pool is named \"imagse\"; declare it with config::with_pool\n"
           "route GET /worse: no pool is named \"mail\"; declare it with config::with_pool");
}

TEST_CASE("an engine does not start with routes that disagree on shared actors",
          "[e2e][placement]") {
  engine app{test_config()};
  const handler one = telling;
  app.get("/a", one);
  app.get("/b", one).detached();
  app.get("/c", one).per_request().worker(); // per-request actors are not shared
  const auto begun = app.start();
  CHECK_FALSE(begun);
  CHECK(begun.error
        == "route GET /b: has the handler of route GET /a, and so its actors, but wants them "
           "otherwise; say the same .keyed_by(), .supervised() and place, or give it a handler of "
           "its own");
}

TEST_CASE("routes that share a detached actor share its thread", "[e2e][placement]") {
  std::atomic<int> threads{0};
  server own;
  const handler one = [&threads](caf::event_based_actor*) -> caf::behavior {
    return {[&threads](const sake::request&) {
      static thread_local const int number = ++threads;
      return sake::response::text(200, std::to_string(number));
    }};
  };
  own.app.get("/a", one).detached();
  own.app.get("/b", one).detached();
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/a")).content == "1");
  CHECK(peer.ask(get("/b")).content == "1");
}

TEST_CASE("an actor on the pool sees that its client has left", "[e2e][placement][cancel]") {
  enum { none, begun, told, given_up };
  std::atomic<int> came_to{none};
  server own;
  own.app
      .get("/",
           [&came_to](caf::event_based_actor*) -> caf::behavior {
             return {[&came_to](const sake::request& asked) {
               came_to = begun;
               const auto patience = std::chrono::steady_clock::now() + 60s;
               while (!asked.is_cancelled() && std::chrono::steady_clock::now() < patience)
                 std::this_thread::sleep_for(1ms);
               came_to = asked.is_cancelled() ? told : given_up;
               return sake::response::text(200, "late");
             }};
           })
      .worker();
  own.start();
  {
    auto peer = own.connect();
    peer.send(get("/"));
    wait_until([&] { return came_to >= begun; });
  }
  wait_until([&] { return came_to >= told; });
  CHECK(came_to == told);
}

TEST_CASE("a pool grows and shrinks while it serves, and no request fails", "[e2e][placement]") {
  constexpr int clients = 4;
  std::atomic<int> left = clients;
  std::atomic<int> good = 0;
  server own{with_images(1)};
  own.app.get("/", tell_thread).worker();
  own.app
      .get("/images",
           [](context& ctx) -> task<> {
             co_await ctx.sleep(1ms);
             ctx.string(200, "image");
           })
      .worker("images");
  own.app.get("/actor/:id", telling).keyed_by("id").worker("images");
  own.start();
  std::vector<std::thread> crowd;
  for (int i = 0; i < clients; ++i)
    crowd.emplace_back([&, i, peer = own.connect()]() mutable {
      for (int n = 0; n < 100; ++n)
        for (const auto& path :
             {std::string{"/"}, std::string{"/images"}, "/actor/" + std::to_string(i)})
          good += peer.ask(get(path)).status == 200 ? 1 : 0;
      --left;
    });
  for (std::size_t round = 0; left > 0; ++round) {
    CHECK(own.app.resize_pool(1 + round % 4));
    CHECK(own.app.resize_pool("images", 1 + round * 3 % 4));
    std::this_thread::sleep_for(5ms);
  }
  for (auto& each : crowd)
    each.join();
  CHECK(good == clients * 300);
  CHECK(own.app.resize_pool(3));
  CHECK(own.app.resize_pool("images", 2));
  wait_until(
      [&] { return own.app.workers().size() == 3 && own.app.workers("images").size() == 2; });
}

TEST_CASE("an engine does not start with options that can have no effect", "[e2e][placement]") {
  const auto queue_error = [](const std::string& route) {
    return "route " + route
           + ": .max_queued() limits the requests that wait for a worker, but the handler stays on "
             "its reactor; say .worker(), or leave the limit out";
  };
  const std::string mode = "unix_socket.mode is for a Unix socket that the engine makes, not for "
                           "the address 127.0.0.1:0";
  const std::string owner = "unix_socket.owner" + mode.substr(mode.find(' '));
  const bool is_adaptive = GENERATE(true, false);
  engine app{
      test_config().with_adaptive(is_adaptive).with_unix_socket({.mode = "0600", .owner = "root"})};
  app.get("/pinned", tell_thread).max_queued(1).pinned_to_reactor();
  app.get("/free", tell_thread).max_queued(1);
  app.get("/worker", tell_thread).worker().max_queued(1);
  app.get("/scheduler", tell_thread).on_scheduler().max_queued(1);
  app.get("/detached", tell_thread).detached().max_queued(1);
  CHECK(app.start().error
        == mode + '\n' + owner + '\n' + queue_error("GET /pinned")
               + (is_adaptive ? "" : '\n' + queue_error("GET /free")));
}

TEST_CASE("an invalid resize is refused with its reason", "[e2e][placement]") {
  server own{with_images(1)};
  CHECK(own.app.resize_pool(1).error == "cannot resize the worker pool: there is none");
  own.start();
  CHECK(own.app.resize_pool("mail", 1).error == "cannot resize the pool \"mail\": there is none");
  CHECK(own.app.resize_pool(0).error == "cannot resize the worker pool: workers must be 1 to 1024");
  CHECK(own.app.resize_pool("images", 1025).error
        == "cannot resize the pool \"images\": workers must be 1 to 1024");
  CHECK(own.app.resize_pool("images", 2));
}

TEST_CASE("a resize is refused once the engine has ended", "[e2e][placement]") {
  server own{with_images(1)};
  own.start();
  CHECK(own.app.resize_pool(2));
  own.app.shutdown();
  own.app.wait();
  CHECK(own.app.resize_pool(1).error == "cannot resize the worker pool: the engine has ended");
  CHECK(own.app.resize_pool("images", 1).error
        == "cannot resize the pool \"images\": the engine has ended");
}

TEST_CASE("the drain deadline passes while every place has a request", "[e2e][placement]") {
  // Static, because handlers that outlive the engine go on counting.
  static std::atomic<int> begun;
  begun = 0;
  server own{with_images(1).with_workers(1).with_drain_deadline(10ms)};
  int number = 0;
  for (const auto& each : places) {
    const auto path = '/' + std::to_string(number++);
    each.assign(own.app.get(path, [](context& ctx) -> task<> {
      ++begun;
      std::this_thread::sleep_for(50ms);
      for (;;)
        co_await ctx.sleep(1ms);
    }));
    each.assign(own.app.get("/actor" + path, [](caf::event_based_actor*) -> caf::behavior {
      return {[](const sake::request&) {
        std::this_thread::sleep_for(1ms);
        return sake::response::text(200, "");
      }};
    }));
  }
  own.start();
  std::vector<client> crowd;
  for (int round = 0; round < 3; ++round)
    for (int i = 0; i < number; ++i) {
      crowd.push_back(own.connect());
      crowd.back().send(get('/' + std::to_string(i)));
      crowd.push_back(own.connect());
      crowd.back().send(get("/actor/" + std::to_string(i)));
    }
  // Some requests run, and some wait.
  wait_until([&] { return begun >= number; });
  own.app.shutdown();
  own.app.wait();
  CHECK(own.app.workers("images").empty());
}

// `.worker()` handlers on other nodes, over a network in memory.
#include "../support/captured_log.hpp"
#include "../support/catch.hpp"

#include <sake/sake.hpp>
#include <sake/testing/test_cluster.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

using namespace std::chrono_literals;
using sake::actors::node_role;
using sake::testing::test_app;
using sake::testing::test_cluster;

namespace {

/// Runs of handlers, by the name of the node and the path.
using runs = std::vector<std::string>;

struct cluster_fixture : test_cluster {
  cluster_fixture()
      : test_cluster(
          [this](sake::route_group& to, const std::string& name) { add_routes(to, name); }) {}

  void add_routes(sake::route_group& to, const std::string& name) {
    to.get("/here", [name](sake::context& ctx) { ctx.string(200, name); });
    to.use([](sake::context& ctx) { ctx.set_travelling("who", std::string{ctx.header("X-Who")}); });
    to.get("/where", [this, name](sake::context& ctx) {
        log->push_back(name);
        ctx.string(200, name);
      }).worker();
    to.post("/once/:id", [this, name](sake::context& ctx) {
        log->push_back(name + " " + std::string{ctx.param("id")});
        ctx.string(201, name);
      }).worker();
    to.group("/bound")
        .use([](sake::context& ctx) { ctx.set("session", 7); })
        .get("/where", [name](sake::context& ctx) { ctx.string(200, name); })
        .worker();
    to.post("/echo", [name](sake::context& ctx) {
        const auto* const who = ctx.get<std::string>("who");
        ctx.set_header("X-Node", name);
        ctx.set_header("X-Who", who != nullptr ? *who : "none");
        ctx.data(200, "application/octet-stream", std::string{ctx.body()});
      }).worker();
  }

  std::shared_ptr<runs> log = std::make_shared<runs>();
};

/// The state of a node, as another one sees it.
std::string state_of(test_app& as_seen_by, const std::string& name) {
  for (const auto& each : as_seen_by.runtime().cluster()->nodes())
    if (each.name == name)
      return each.state;
  return "unknown";
}

} // namespace

TEST_CASE("nodes find each other, and a front has its workers on other nodes", "[nodes]") {
  cluster_fixture nodes;
  auto& front = nodes.add("front", {.role = node_role::front});
  CHECK(nodes.ask(front, {"GET", "/here"}).content() == "front");
  CHECK(nodes.ask(front, {"GET", "/where"}).status() == 503);
  nodes.add("w1");
  REQUIRE(nodes.join_all());
  const auto answer = nodes.ask(front, {"GET", "/where"});
  CHECK(answer.status() == 200);
  CHECK(answer.content() == "w1");
}

TEST_CASE("three nodes make a full mesh from one address each", "[nodes]") {
  cluster_fixture nodes;
  nodes.add("a");
  nodes.add("b");
  nodes.add("c");
  nodes.add("d", {}, {}, 3);
  REQUIRE(nodes.join_all());
  CHECK(nodes.network().link_count() == 6);
}

TEST_CASE("an idle worker of the node itself comes first", "[nodes]") {
  cluster_fixture nodes;
  auto& a = nodes.add("a");
  nodes.add("b");
  REQUIRE(nodes.join_all());
  for (int i = 0; i < 4; ++i)
    CHECK(nodes.ask(a, {"GET", "/where"}).content() == "a");
}

TEST_CASE("a node whose workers are busy gives requests away", "[nodes]") {
  cluster_fixture nodes;
  auto& a = nodes.add("a", {}, sake::config{}.with_workers(2));
  nodes.add("b", {}, sake::config{}.with_workers(2));
  REQUIRE(nodes.join_all());
  std::vector<sake::testing::pending_response> all;
  for (int i = 0; i < 4; ++i)
    all.push_back(a.send({"GET", "/where"}));
  REQUIRE(nodes.run_until(
      [&] { return std::ranges::all_of(all, [](auto& each) { return each.is_ready(); }); }));
  CHECK(std::ranges::count(*nodes.log, "a") == 2);
  CHECK(std::ranges::count(*nodes.log, "b") == 2);
}

TEST_CASE("content and values travel both ways, whole or in pieces", "[nodes]") {
  cluster_fixture nodes;
  auto& front = nodes.add("front", {.role = node_role::front}, {}, GENERATE(1, 3));
  nodes.add("w1", {}, {}, GENERATE(1, 2));
  REQUIRE(nodes.join_all());
  const std::size_t size = GENERATE(0, 1, 60'000, 70'000, 900'000);
  std::string content(size, 'x');
  for (std::size_t i = 0; i < size; ++i)
    content[i] = static_cast<char>('a' + i % 23);
  std::vector<sake::testing::pending_response> all;
  for (int i = 0; i < 3; ++i)
    all.push_back(front.send(sake::testing::request{"POST", "/echo"}
                                 .header("X-Who", "Ali")
                                 .content(std::string{content})));
  for (auto& each : all) {
    REQUIRE(nodes.run_until([&] { return each.is_ready(); }));
    const auto answer = each.take();
    CHECK(answer.status() == 200);
    CHECK(answer.header("X-Node") == "w1");
    CHECK(answer.header("X-Who") == "Ali");
    CHECK(answer.content() == content);
  }
}

TEST_CASE("a request of a killed node is run elsewhere if it is idempotent", "[nodes]") {
  cluster_fixture nodes;
  auto& front = nodes.add("front", {.role = node_role::front});
  nodes.add("w1");
  REQUIRE(nodes.join_all());
  auto get = front.send({"GET", "/where"});
  auto post = front.send({"POST", "/once/7"});
  REQUIRE(nodes.run_until([&] { return nodes.node("w1").runtime().executor().load() == 2; }));
  nodes.add("w2");
  nodes.kill("w1");
  REQUIRE(nodes.run_until([&] { return get.is_ready() && post.is_ready(); }));
  CHECK(get.take().content() == "w2");
  CHECK(post.take().status() == 502);
  CHECK(*nodes.log == runs{"w2"});
}

TEST_CASE("a request with a value that does not travel stays here, which the log tells once",
          "[nodes]") {
  const sake::test::captured_log log;
  cluster_fixture nodes;
  auto& front = nodes.add("front", {.role = node_role::front});
  nodes.add("w1");
  REQUIRE(nodes.join_all());
  CHECK(nodes.ask(front, {"GET", "/bound/where"}).content() == "front");
  CHECK(nodes.ask(front, {"GET", "/bound/where"}).content() == "front");
  CHECK(log.count("does not travel") == 1);
}

TEST_CASE("a node is not given a route of another version", "[nodes]") {
  sake::testing::test_cluster nodes{[](sake::route_group& to, const std::string& name) {
    to.get("/where", [name](sake::context& ctx) { ctx.string(200, name); })
        .worker()
        .version(name == "old" ? "1" : "2");
  }};
  auto& front = nodes.add("front", {.role = node_role::front});
  nodes.add("old");
  REQUIRE(nodes.join_all());
  CHECK(nodes.ask(front, {"GET", "/where"}).status() == 503);
  nodes.add("new");
  REQUIRE(nodes.join_all());
  CHECK(nodes.ask(front, {"GET", "/where"}).content() == "new");
  for (const auto& each : front.runtime().cluster()->nodes())
    CHECK(each.missing_routes.size() == (each.name == "old" ? 1 : 0));
}

TEST_CASE("a silent node is suspected, then counts as dead, and comes back", "[nodes]") {
  cluster_fixture nodes;
  auto& a = nodes.add("a");
  auto& b = nodes.add("b");
  REQUIRE(nodes.join_all());
  nodes.part("a", "b");
  nodes.advance(1400ms);
  CHECK(state_of(a, "b") == "up");
  nodes.advance(800ms);
  CHECK(state_of(a, "b") == "suspected");
  CHECK(state_of(b, "a") == "suspected");
  nodes.advance(1500ms);
  CHECK(state_of(a, "b") == "died");
  nodes.heal("a", "b");
  CHECK(nodes.join_all());
  CHECK(nodes.network().link_count() == 1);
}

TEST_CASE("a short silence is forgiven", "[nodes]") {
  cluster_fixture nodes;
  auto& a = nodes.add("a");
  nodes.add("b");
  REQUIRE(nodes.join_all());
  nodes.part("a", "b");
  nodes.advance(2200ms);
  CHECK(state_of(a, "b") == "suspected");
  nodes.heal("a", "b");
  nodes.advance(600ms);
  CHECK(state_of(a, "b") == "up");
}

TEST_CASE("a request that crosses the farewell of a node is run elsewhere", "[nodes]") {
  cluster_fixture nodes;
  const std::size_t reactors = GENERATE(1, 3);
  auto& front = nodes.add("front", {.role = node_role::front}, {}, reactors);
  auto& leaver = nodes.add("w1", {}, {}, reactors);
  nodes.add("w2");
  REQUIRE(nodes.join_all());
  nodes.part("front", "w1"); // what they send is on its way
  std::vector<sake::testing::pending_response> all;
  for (int i = 0; i < 6; ++i)
    all.push_back(front.send({"POST", "/once/" + std::to_string(i)}));
  nodes.run();
  bool has_left = false;
  leaver.runtime().cluster()->drain();
  leaver.runtime().cluster()->leave([&] { has_left = true; });
  nodes.run();
  nodes.heal("front", "w1");
  REQUIRE(nodes.run_until(
      [&] { return std::ranges::all_of(all, [](auto& each) { return each.is_ready(); }); }));
  for (auto& each : all)
    CHECK(each.take().content() == "w2");
  CHECK(nodes.log->size() == all.size());
  CHECK(nodes.run_until([&] { return has_left && state_of(front, "w1") == "left"; }));
  CHECK(state_of(leaver, "front") == "left");
}

TEST_CASE("a front that has just begun waits for the nodes that it joins", "[nodes]") {
  cluster_fixture nodes;
  nodes.add("w1");
  auto& front = nodes.add("front", {.role = node_role::front});
  const auto answer = nodes.ask(front, {"GET", "/where"});
  CHECK(answer.status() == 200);
  CHECK(answer.content() == "w1");
}

TEST_CASE("an address that is not reached is told once", "[nodes]") {
  const sake::test::captured_log log;
  cluster_fixture nodes;
  nodes.add("a");
  nodes.add("b");
  REQUIRE(nodes.join_all());
  CHECK(log.count("a node is not reached") == 0);
  nodes.kill("b");
  nodes.advance(20s);
  CHECK(log.count("a node is not reached") == 1);
}

TEST_CASE("a pool that is resized is told to the other nodes", "[nodes]") {
  cluster_fixture nodes;
  auto& front = nodes.add("front", {.role = node_role::front});
  nodes.add("w1", {}, sake::config{}.with_workers(1));
  REQUIRE(nodes.join_all());
  const auto workers = [&] {
    for (const auto& each : front.runtime().cluster()->nodes())
      if (each.name == "w1")
        return each.workers;
    return std::size_t{0};
  };
  CHECK(workers() == 1);
  nodes.node("w1").runtime().executor().resize(3);
  nodes.advance(1s);
  CHECK(workers() == 3);
}

TEST_CASE("clients that leave do not cost a node its link", "[nodes]") {
  const sake::test::captured_log log;
  cluster_fixture nodes;
  auto& front = nodes.add("front", {.role = node_role::front});
  auto& w1 = nodes.add("w1", {.credit = 4}, {}, 1);
  REQUIRE(nodes.join_all());
  const auto handle_all = [&] {
    while (nodes.network().ready() != 0 || front.runtime().step_reactors()
           || w1.runtime().step_reactors())
      if (nodes.network().ready() != 0)
        nodes.network().handle(0);
  };
  for (int i = 0; i < 200; ++i) {
    auto leaver = front.send({"GET", "/where"});
    handle_all();
    leaver.leave();
    handle_all(); // but no worker of w1 is idle
  }
  CHECK(log.count("a node breaks the rules") == 0);
  CHECK(nodes.ask(front, {"GET", "/where"}).content() == "w1");
}

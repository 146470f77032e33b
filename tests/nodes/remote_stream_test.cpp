// Responses that handlers on other nodes write piece by piece, over a network in memory.
#include "../support/catch.hpp"

#include <sake/sake.hpp>
#include <sake/testing/test_cluster.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>

using namespace std::chrono_literals;

namespace {

struct stream_fixture : sake::testing::test_cluster {
  stream_fixture()
      : test_cluster(
          [this](sake::route_group& to, const std::string& name) { add_routes(to, name); }) {}

  void add_routes(sake::route_group& to, const std::string& name) {
    to.get("/pieces/:count", [this, name](sake::context& ctx) -> sake::task<> {
        const auto count = std::stoul(std::string{ctx.param("count")});
        ctx.set_header("X-Node", name);
        auto out = ctx.stream(200, "text/plain");
        for (std::size_t i = 0; i < count; ++i) {
          co_await out.write(std::string(1000, static_cast<char>('a' + i % 26)));
          ++written;
        }
      }).worker();
    const auto count = [](sake::context& ctx) -> sake::task<> {
      std::size_t octets = 0;
      while (const auto piece = co_await ctx.read())
        octets += piece->size();
      ctx.string(200, std::to_string(octets));
    };
    to.post("/count", count).worker().streams_content();
    const auto refuse = [](sake::context& ctx) { ctx.string(401, "no"); };
    to.post("/refuse", refuse).worker().streams_content();
    const auto echo = [](sake::context& ctx) -> sake::task<> {
      auto out = ctx.stream(200, "text/plain");
      while (const auto piece = co_await ctx.read())
        co_await out.write(*piece);
    };
    to.post("/echo", echo).worker().streams_content();
    const auto slow = [this](sake::context& ctx) -> sake::task<> {
      co_await ctx.sleep(5s);
      while (const auto piece = co_await ctx.read())
        read += piece->size();
      ctx.string(200, "read");
    };
    to.post("/slow", slow).worker().streams_content();
    to.get("/length", [](sake::context& ctx) -> sake::task<> {
        auto out = ctx.stream(200, "text/plain", 10);
        co_await out.write("01234");
        co_await out.write("56789");
      }).worker();
    to.get("/events", [this](sake::context& ctx) -> sake::task<> {
        const auto held = alive;
        auto out = ctx.event_stream();
        for (int i = 0;; ++i) {
          co_await out.send({.data = std::to_string(i)});
          co_await ctx.sleep(100ms);
        }
      }).worker();
    to.get("/fails", [](sake::context& ctx) -> sake::task<> {
        auto out = ctx.stream(200, "text/plain");
        co_await out.write("begun");
        throw std::runtime_error("half way");
      }).worker();
  }

  sake::testing::test_app& start() {
    auto& front = add("front", {.role = sake::actors::node_role::front});
    add("w1");
    REQUIRE(join_all());
    return front;
  }

  std::size_t written = 0;
  std::size_t read = 0;
  std::shared_ptr<int> alive = std::make_shared<int>();
};

} // namespace

TEST_CASE("a response in pieces comes whole from another node", "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  const std::size_t count = GENERATE(1, 10, 1000);
  const auto answer = nodes.ask(front, {"GET", "/pieces/" + std::to_string(count)});
  CHECK(answer.status() == 200);
  CHECK(answer.header("X-Node") == "w1");
  CHECK(answer.header("Content-Type") == "text/plain");
  REQUIRE(answer.content().size() == count * 1000);
  for (std::size_t i = 0; i < count; ++i)
    CHECK(answer.content()[i * 1000 + 999] == static_cast<char>('a' + i % 26));
}

TEST_CASE("an announced length arrives with the response in pieces", "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  const auto answer = nodes.ask(front, {"GET", "/length"});
  CHECK(answer.header("Content-Length") == "10");
  CHECK(answer.content() == "0123456789");
  const auto head = nodes.ask(front, {"HEAD", "/length"});
  CHECK(head.status() == 200);
  CHECK(head.content().empty());
}

TEST_CASE("a handler on another node waits for a client that does not read", "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  auto pending = front.send({"GET", "/pieces/1000000"});
  pending.peer().accept(100'000);
  nodes.advance(2s);
  const auto stopped_at = nodes.written;
  CHECK(stopped_at > 100);
  CHECK(stopped_at < 1'000);
  nodes.advance(2s);
  CHECK(nodes.written == stopped_at);
  pending.leave();
  nodes.advance(1s);
  CHECK(nodes.node("w1").runtime().executor().load() == 0);
}

TEST_CASE("events flow from another node until the client leaves", "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  auto pending = front.send({"GET", "/events"});
  nodes.advance(350ms);
  (void)pending.is_ready();
  CHECK(pending.so_far().content() == "data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\n");
  CHECK(nodes.alive.use_count() == 2);
  pending.leave();
  nodes.advance(500ms);
  CHECK(nodes.alive.use_count() == 1);
}

TEST_CASE("a response in pieces is cut off if its handler fails or its node is lost",
          "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  auto pending = front.send({"GET", GENERATE("/fails", "/events")});
  nodes.advance(350ms);
  nodes.kill("w1");
  nodes.advance(350ms);
  CHECK_FALSE(pending.is_ready());
  CHECK(pending.peer().is_closed());
}

// -- content of requests -------------------------------------------------------------------

TEST_CASE("a handler on another node takes content as it arrives", "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  const std::size_t size = GENERATE(0, 1, 60'000, 70'000, 1'000'000);
  const std::string content(size, 'x');
  const auto post = [&](const char* path) {
    return nodes.ask(front, sake::testing::request{"POST", path}.content(std::string{content}));
  };
  CHECK(post("/count").content() == std::to_string(size));
  CHECK(post("/echo").content() == content);
  CHECK(post("/refuse").status() == 401);
}

TEST_CASE("content waits at its client while a handler on another node does not read",
          "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  auto pending =
      front.send(sake::testing::request{"POST", "/slow"}.content(std::string(1'000'000, 'x')));
  nodes.advance(4s);
  CHECK(nodes.read == 0);
  CHECK(pending.peer().unread() > 500'000);
  nodes.advance(2s);
  REQUIRE(pending.is_ready());
  CHECK(pending.take().content() == "read");
  CHECK(nodes.read == 1'000'000);
}

TEST_CASE("a request whose content a lost node has begun to read is answered 502",
          "[nodes][streams]") {
  stream_fixture nodes;
  auto& front = nodes.start();
  auto peer = front.runtime().connect();
  peer.send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n"
            + std::string(50'000, 'x'));
  nodes.advance(500ms);
  nodes.kill("w1");
  nodes.advance(500ms);
  CHECK(peer.take().starts_with("HTTP/1.1 502"));
}

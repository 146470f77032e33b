// Clients that are slow, hostile or broken. The server survives them, and other clients are served.
#include "../support/catch.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"

#include <array>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t large = 20'000'000;

// Octets that differ by position.
const std::string& large_content() {
  static const std::string octets = [] {
    std::string made(large, '\0');
    for (std::size_t i = 0; i < large; ++i)
      made[i] = static_cast<char>('a' + (i / 997 + i) % 26);
    return made;
  }();
  return octets;
}

void add_hostile_routes(engine& app) {
  app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  app.get("/number/:n", [](context& ctx) { ctx.string(200, ctx.param("n")); });
  app.get("/large/:size", [](context& ctx) {
    const auto size = std::stoul(std::string{ctx.param("size")});
    ctx.data(200, "application/octet-stream", large_content().substr(0, size));
  });
  app.post("/echo", [](context& ctx) {
    ctx.data(200, "application/octet-stream", std::string{ctx.body()});
  });
}

} // namespace

TEST_CASE("many slow requests do not keep others from being served", "[e2e]") {
  http::deadlines deadlines;
  deadlines.head = 300ms;
  server own{test_config().with_reactors(1).with_deadlines(deadlines)};
  add_hostile_routes(own.app);
  own.start();
  std::vector<client> drips;
  for (int i = 0; i < 200; ++i)
    drips.push_back(own.connect());
  // Until the server has given up all of them: sending fails, or a response has come.
  std::vector<bool> is_over(drips.size(), false);
  std::size_t over = 0;
  while (over < drips.size()) {
    for (std::size_t i = 0; i < drips.size(); ++i)
      if (!is_over[i] && (!drips[i].hears_nothing(0ms) || drips[i].send_what_goes("G", 0ms) == 0)) {
        is_over[i] = true;
        ++over;
      }
    REQUIRE(own.ask(get("/")).content == "home");
    std::this_thread::sleep_for(5ms);
  }
  for (auto& each : drips)
    each.await_end();
}

TEST_CASE("a client that sends only empty lines is disconnected", "[e2e]") {
  http::deadlines deadlines;
  deadlines.head = 300ms;
  deadlines.idle = 300ms;
  const bool is_used = GENERATE(false, true);
  CAPTURE(is_used);
  server own{test_config().with_deadlines(deadlines)};
  add_hostile_routes(own.app);
  own.start();
  auto peer = own.connect();
  if (is_used)
    REQUIRE(peer.ask(get("/")).status == 200);
  while (peer.hears_nothing(20ms) && peer.send_what_goes("\r\n", 0ms) != 0) {
  }
  peer.await_end();
}

TEST_CASE("a slow reader gets all of a large response, and delays no other client", "[e2e]") {
  server own{test_config().with_reactors(1)};
  add_hostile_routes(own.app);
  own.start();
  auto slow = own.connect();
  slow.shrink_buffers();
  slow.send(get("/large/" + std::to_string(large)) + get("/number/1"));
  std::string got;
  for (int i = 0; i < 200; ++i) {
    const auto octets = slow.read_some(512);
    REQUIRE_FALSE(octets.empty());
    got += octets;
    REQUIRE(own.ask(get("/")).content == "home");
  }
  const auto head = got.find("\r\n\r\n") + 4;
  while (got.size() < head + large)
    got += slow.read_some(head + large - got.size());
  CHECK((got.substr(head) == large_content()));
  CHECK(slow.read().content == "1");
}

TEST_CASE("a client that sends requests and reads nothing is no longer read from", "[e2e]") {
  server own{test_config().with_reactors(1)};
  add_hostile_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.shrink_buffers();
  std::string requests;
  int asked = 0;
  while (requests.size() < 3'000'000)
    requests += get("/number/" + std::to_string(asked++));
  const auto sent = peer.send_what_goes(requests, 500ms);
  // At most as much as fits into the buffers of two sockets.
  CHECK(sent < requests.size());
  CHECK(own.ask(get("/")).content == "home");
  // Once the client reads, every request that it has sent is answered in order.
  std::thread rest{[&] { peer.send(std::string_view{requests}.substr(sent)); }};
  int answered = 0;
  while (answered < asked && peer.read().content == std::to_string(answered))
    ++answered;
  rest.join();
  CHECK(answered == asked);
}

TEST_CASE("clients that vanish during a response do no harm", "[e2e]") {
  const bool by_reset = GENERATE(true, false);
  CAPTURE(by_reset);
  server own;
  add_hostile_routes(own.app);
  own.start();
  for (int round = 0; round < 20; ++round) {
    std::vector<client> crowd;
    for (int i = 0; i < 10; ++i) {
      crowd.push_back(own.connect());
      crowd.back().shrink_buffers();
      crowd.back().send(get("/large/1000000") + get("/number/1") + get("/large/1000000"));
    }
    for (auto& each : crowd)
      REQUIRE_FALSE(each.read_some(100).empty());
    for (auto& each : crowd)
      by_reset ? each.reset() : each.close();
  }
  CHECK(own.ask(get("/")).content == "home");
}

TEST_CASE("clients that vanish during a request do no harm", "[e2e]") {
  server own;
  add_hostile_routes(own.app);
  own.start();
  const auto upload = post("/echo", std::string(600'000, 'x'));
  for (int i = 0; i < 200; ++i) {
    auto peer = own.connect();
    // Within the head, within whole content, and within streamed content.
    peer.send(upload.substr(0, std::array{20U, 1'000U, 300'000U}[i % 3]));
    i % 2 == 0 ? peer.reset() : peer.close();
  }
  CHECK(own.ask(post("/echo", "content")).content == "content");
}

TEST_CASE("connections that close without an octet do no harm", "[e2e]") {
  server own;
  add_hostile_routes(own.app);
  own.start();
  for (int i = 0; i < 2'000; ++i) {
    auto peer = own.connect();
    if (i % 2 == 0)
      peer.reset();
  }
  CHECK(own.ask(get("/")).content == "home");
}

TEST_CASE("random octets do no harm", "[e2e]") {
  server own;
  add_hostile_routes(own.app);
  own.start();
  std::mt19937 random{2024};
  // Random octets, and requests that contain some.
  for (int i = 0; i < 600; ++i) {
    std::string octets = i % 3 == 0   ? std::string{}
                         : i % 3 == 1 ? get("/number/1", "A: b\r\nConnection: keep-alive\r\n")
                                      : to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                                                chunk("some") + chunk("content") + "0\r\n\r\n");
    for (int changes = octets.empty() ? 0 : 3; changes > 0; --changes)
      octets[random() % octets.size()] = static_cast<char>(random());
    while (octets.size() < 300)
      octets += static_cast<char>(random());
    auto peer = own.connect();
    peer.send(octets);
    peer.half_close();
    peer.await_end();
  }
  CHECK(own.ask(get("/")).content == "home");
}

TEST_CASE("a client that ends only its input is answered if half-closed clients are served",
          "[e2e]") {
  server own{test_config().with_half_closed_clients(true)};
  add_hostile_routes(own.app);
  own.app.get("/later", [](context& ctx) -> task<> {
    co_await ctx.sleep(20ms);
    ctx.string(200, "later");
  });
  own.start();
  auto peer = own.connect();
  std::string requests;
  for (int i = 0; i < 200; ++i)
    requests += get("/later");
  peer.send(requests + get("/number/1"));
  peer.half_close();
  for (int i = 0; i < 200; ++i)
    REQUIRE(peer.read().content == "later");
  CHECK(peer.read().content == "1");
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("a server short of descriptors serves all clients in turn", "[e2e]") {
  // A single reactor accepts the clients in their order.
  server_process program{
      "one reactor", "127.0.0.1:0", {"sh", "-c", "ulimit -n 64 && exec \"$0\" \"$@\""}};
  const auto port = program.await_banner();
  std::vector<client> crowd;
  for (int i = 0; i < 100; ++i)
    crowd.emplace_back(port);
  for (auto& each : crowd) {
    CHECK(each.ask(get("/")).content == "home");
    each.close();
  }
  program.signal(SIGTERM);
  CHECK(program.wait() == 0);
}

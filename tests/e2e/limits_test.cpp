// Limits of connections and of time.
#include "../support/catch.hpp"
#include "../support/sanitizer.hpp"
#include "../support/scratch_file.hpp"
#include "../support/server.hpp"
#include "../support/server_process.hpp"

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <exception>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

config with(const http::deadlines& deadlines) {
  return test_config().with_deadlines(deadlines);
}

void add_limits_routes(engine& app) {
  app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  app.post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
}

// Resident memory of this process, in octets.
std::size_t resident() {
  std::ifstream in{"/proc/self/statm"};
  std::size_t all = 0;
  std::size_t pages = 0;
  in >> all >> pages;
  return pages * 4096;
}

// The allocator of a sanitizer does not return freed memory.
constexpr bool is_allocator_ours = !has_address_sanitizer && !has_thread_sanitizer;

} // namespace

// ---- connections --------------------------------------------------------------------------------

TEST_CASE("a connection above the limit gets 503 with Retry-After until another closes", "[e2e]") {
  const std::size_t reactors = GENERATE(1, 2);
  CAPTURE(reactors);
  server own{test_config().with_reactors(reactors).with_max_connections(3)};
  add_limits_routes(own.app);
  own.start();
  std::vector<client> inside;
  for (int i = 0; i < 3; ++i) {
    inside.push_back(own.connect());
    REQUIRE(inside.back().ask(get("/")).status == 200);
  }
  for (int i = 0; i < 5; ++i) {
    auto one_too_many = own.connect();
    const auto got = one_too_many.read();
    CHECK(got.status == 503);
    CHECK_FALSE(got.field("Retry-After").empty());
    CHECK(got.closes());
    CHECK(one_too_many.read_to_end().empty());
  }
  // The served connections are not affected.
  for (auto& each : inside)
    CHECK(each.ask(get("/")).status == 200);
  inside.pop_back();
  wait_until([&] { return own.ask(get("/")).status == 200; });
}

TEST_CASE("a connection above the limit gets its 503 although it has sent a request", "[e2e]") {
  server own{test_config().with_max_connections(1)};
  add_limits_routes(own.app);
  own.start();
  auto inside = own.connect();
  REQUIRE(inside.ask(get("/")).status == 200);
  for (int i = 0; i < 20; ++i) {
    auto peer = own.connect();
    peer.send(post("/echo", std::string(20'000, 'x')));
    CHECK(peer.read().status == 503);
    CHECK(peer.read_to_end().empty());
  }
}

TEST_CASE("a flood of connections above the limit does not affect served ones", "[e2e]") {
  server own{test_config().with_max_connections(2)};
  add_limits_routes(own.app);
  own.start();
  auto inside = own.connect();
  REQUIRE(inside.ask(get("/")).status == 200);
  int served = 0;
  int refused = 0;
  {
    std::vector<client> flood;
    for (int i = 0; i < 600; ++i)
      flood.push_back(own.connect());
    CHECK(inside.ask(get("/")).status == 200);
    for (auto& each : flood) {
      try {
        ++(each.ask(get("/")).status == 503 ? refused : served);
      } catch (const std::exception&) {
        // Dropped: the limit of connections that are being refused is reached.
      }
    }
  }
  CHECK(served == 1); // one connection besides `inside`
  CHECK(refused > 0);
  CHECK(inside.ask(get("/")).status == 200);
  wait_until([&] {
    try {
      return own.ask(get("/")).status == 200;
    } catch (const std::exception&) {
      return false; // dropped: the limit of connections that are being refused is still reached
    }
  });
}

TEST_CASE("a connection closes after its limit of requests", "[e2e]") {
  server own{test_config().with_max_requests_per_connection(3)};
  add_limits_routes(own.app);
  own.start();
  auto peer = own.connect();
  CHECK_FALSE(peer.ask(get("/")).closes());
  peer.send(get("/") + get("/") + get("/"));
  CHECK_FALSE(peer.read().closes());
  CHECK(peer.read().closes());
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("without keep-alive every response closes its connection", "[e2e]") {
  server own{test_config().with_keep_alive(false)};
  add_limits_routes(own.app);
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/")).closes());
  CHECK(peer.read_to_end().empty());
}

// ---- time ---------------------------------------------------------------------------------------

TEST_CASE("a head that does not end in time gets 408", "[e2e]") {
  http::deadlines deadlines;
  deadlines.head = 500ms;
  server own{with(deadlines)};
  add_limits_routes(own.app);
  own.start();
  const bool is_first = GENERATE(true, false);
  CAPTURE(is_first);
  auto peer = own.connect();
  if (!is_first)
    REQUIRE(peer.ask(get("/")).status == 200);
  const auto got = peer.ask("GET / HTTP/1.1\r\nHost: x\r\n");
  CHECK(got.status == 408);
  CHECK(got.closes());
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("a silent client is not closed at once, neither at first nor between requests", "[e2e]") {
  server own{test_config().with_reactors(1)};
  add_limits_routes(own.app);
  own.start();
  auto silent = own.connect();
  auto idle = own.connect();
  CHECK_FALSE(idle.ask(get("/")).closes());
  // Accepted after both.
  CHECK(own.ask(get("/")).content == "home");
  CHECK(silent.ask(get("/")).content == "home");
  CHECK(idle.ask(get("/")).content == "home");
}

TEST_CASE("a silent client is closed at its deadline without a response", "[e2e]") {
  http::deadlines deadlines;
  deadlines.head = 100ms;
  server own{with(deadlines)};
  add_limits_routes(own.app);
  own.start();
  CHECK(own.connect().read_to_end().empty());
}

TEST_CASE("an idle connection is closed at its deadline without a response", "[e2e]") {
  http::deadlines deadlines;
  deadlines.idle = 100ms;
  server own{with(deadlines)};
  add_limits_routes(own.app);
  own.start();
  auto peer = own.connect();
  CHECK_FALSE(peer.ask(get("/")).closes());
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("content that does not end in time gets 408", "[e2e]") {
  http::deadlines deadlines;
  deadlines.content = 100ms;
  deadlines.content_bytes_per_second = 1'000'000'000;
  server own{with(deadlines)};
  add_limits_routes(own.app);
  own.start();
  // Content that is delivered whole, and content that is streamed.
  const std::size_t size = GENERATE(10, 200'000);
  const bool is_chunked = GENERATE(false, true);
  CAPTURE(size, is_chunked);
  auto peer = own.connect();
  const std::string part(size, 'x');
  const auto whole = is_chunked ? to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                                          chunk(part) + "0\r\n\r\n")
                                : post("/echo", part);
  const auto got = peer.ask(whole.substr(0, whole.size() - 6));
  CHECK(got.status == 408);
  CHECK(got.closes());
  peer.await_end();
}

TEST_CASE("a request that is not answered in time gets 504, and the connection persists", "[e2e]") {
  std::atomic<bool> is_released = false;
  std::atomic<int> late = 0;
  http::deadlines deadlines;
  deadlines.request = 100ms;
  server own{with(deadlines)};
  add_limits_routes(own.app);
  own.app
      .get("/held",
           [&](context& ctx) {
             is_released.wait(false);
             ctx.string(200, "late");
             ++late;
           })
      .worker();
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(get("/held")).status == 504);
  CHECK(peer.ask(get("/")).content == "home");
  peer.send(get("/held") + get("/") + get("/held") + get("/"));
  for (const int status : {504, 200, 504, 200})
    CHECK(peer.read().status == status);
  // The late responses are dropped and never sent to later requests.
  is_released = true;
  is_released.notify_all();
  while (late < 2) // the third request found no worker in time and was never begun
    CHECK(peer.ask(get("/")).content == "home");
  CHECK(peer.ask(get("/")).content == "home");
}

TEST_CASE("a client that does not read is reset at its deadline", "[e2e]") {
  http::deadlines deadlines;
  deadlines.write = 100ms;
  server own{with(deadlines)};
  own.app.get("/large", [](context& ctx) {
    ctx.data(200, "application/octet-stream", std::string(20'000'000, 'x'));
  });
  own.start();
  auto peer = own.connect();
  peer.send(get("/large"));
  peer.await_reset();
  CHECK(own.ask(to_send("HEAD", "/large")).status == 200);
}

TEST_CASE("a client that reads slowly is not reset", "[e2e]") {
  constexpr std::size_t size = 8'000'000;
  http::deadlines deadlines;
  deadlines.write = 2s; // a busy machine may hold the client up for a second
  server own{with(deadlines)};
  own.app.get("/large", [](context& ctx) {
    ctx.data(200, "application/octet-stream", std::string(size, 'x'));
  });
  own.start();
  auto peer = own.connect();
  peer.shrink_buffers();
  peer.send(get("/large"));
  std::string got;
  // For longer than the deadline, too slowly to make the room that wakes the server.
  for (const auto until = std::chrono::steady_clock::now() + 5s;
       std::chrono::steady_clock::now() < until;) {
    got += peer.read_some(4096);
    std::this_thread::sleep_for(20ms);
  }
  const std::size_t head = got.find("\r\n\r\n") + 4;
  while (got.size() < head + size) {
    const auto octets = peer.read_some(100'000);
    REQUIRE_FALSE(octets.empty());
    got += octets;
  }
  CHECK(got.size() == head + size);
}

TEST_CASE("after a pause of the process, clients that sent in time are served", "[e2e]") {
  const scratch_file file{"deadlines = { head = \"2s\", content = \"2s\", idle = \"2s\" }\n"};
  server_process program{"configured", "127.0.0.1:0", {}, file.path()};
  const auto port = program.await_banner();
  const auto upload = post("/", std::string(100'000, 'x'));
  std::vector<client> idle;
  std::vector<client> in_head;
  std::vector<client> in_content;
  for (int i = 0; i < 8; ++i)
    for (auto* crowd : {&idle, &in_head, &in_content}) {
      crowd->emplace_back(port);
      REQUIRE(crowd->back().ask(get("/")).status == 200);
    }
  for (auto& each : in_head)
    each.send("GET / HTTP/1.1\r\n");
  for (auto& each : in_content)
    each.send(upload.substr(0, 50'000));
  program.signal(SIGSTOP);
  for (auto& each : idle)
    each.send(get("/"));
  for (auto& each : in_head)
    each.send("Host: x\r\n\r\n");
  for (auto& each : in_content)
    each.send(upload.substr(50'000));
  // Every deadline passes during the pause.
  std::this_thread::sleep_for(3s);
  program.signal(SIGCONT);
  for (auto& each : idle)
    CHECK(each.read().status == 200);
  for (auto& each : in_head)
    CHECK(each.read().status == 200);
  for (auto& each : in_content)
    CHECK(each.read().content.size() == 100'000);
}

TEST_CASE("a server with deadlines of zero closes no connection", "[e2e]") {
  const http::deadlines none{
      .head = 0ms, .content = 0ms, .idle = 0ms, .write = 0ms, .request = 0ms};
  server own{with(none)};
  add_limits_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send("GET / HTTP");
  CHECK(peer.hears_nothing(200ms));
  peer.send("/1.1\r\nHost: x\r\n\r\n");
  CHECK(peer.read().content == "home");
  CHECK(peer.hears_nothing(200ms));
  CHECK(peer.ask(get("/")).content == "home");
}

// ---- clients that leave, and memory
// ---------------------------------------------------------------

TEST_CASE("a reset is noticed while the connection does not read", "[e2e]") {
  http::limits max;
  max.pipelined_requests = 2;
  server own{test_config().with_limits(max)};
  static std::atomic<int> begun{0};
  static std::atomic<int> ended{0};
  begun = ended = 0;
  struct guard {
    guard() { ++begun; }
    ~guard() { ++ended; }
  };
  own.app.get("/wait", [](context& ctx) -> task<> {
    const guard here;
    co_await ctx.sleep(1h);
  });
  own.start();
  auto peer = own.connect();
  peer.send(get("/wait") + get("/wait") + get("/wait"));
  wait_until([] { return begun == 2; });
  peer.reset();
  wait_until([] { return ended == 2; });
  CHECK(begun == 2);
}

TEST_CASE("the memory of large content is returned to the system", "[e2e]") {
  http::limits max;
  max.content_bytes = 64 * 1024 * 1024;
  server own{test_config().with_limits(max)};
  own.app.post("/size", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
  own.start();
  CHECK(own.ask(post("/size", "warm")).content == "4");
  const auto before = resident();
  for (int i = 0; i < 4; ++i)
    CHECK(own.ask(post("/size", std::string(30'000'000, 'x'))).content == "30000000");
  if (is_allocator_ours)
    wait_until([before] { return resident() < before + 16 * 1024 * 1024; });
}

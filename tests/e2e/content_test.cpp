// Large content in both directions, over real sockets.
#include "../support/catch.hpp"
#include "../support/scratch_folder.hpp"
#include "../support/server.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <thread>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t mib = 1024 * 1024;

// `count` octets without equal parts.
std::string octets(std::size_t count) {
  std::string text;
  text.reserve(count + 20);
  while (text.size() < count)
    text += std::to_string(text.size()) + ',';
  text.resize(count);
  return text;
}

config large_config() {
  http::limits max;
  max.content_bytes = 16 * mib;
  return test_config().with_limits(max);
}

void add_routes(engine& app) {
  app.get("/next", [](context& ctx) { ctx.string(200, "next"); });
  app.get("/hold", [](context& ctx) {
    std::this_thread::sleep_for(1500ms);
    ctx.string(200, "held");
  });
  app.post("/take", [](context& ctx) { ctx.data(200, "text/plain", ctx.take_body()); });
  app.post("/worker", [](context& ctx) { ctx.data(200, "text/plain", ctx.take_body()); }).worker();
  app.post("/copy", [](context& ctx) -> task<> {
    co_await ctx.sleep(1ms);
    ctx.data(200, "text/plain", std::string{ctx.body()});
  });
}

/// A server with the routes above.
struct content_server : server {
  explicit content_server(const config& options = large_config()) : server(options) {
    add_routes(app);
    start();
  }
  explicit content_server(const http::deadlines& deadlines)
      : content_server(large_config().with_deadlines(deadlines)) {}
};

} // namespace

TEST_CASE("large content comes and goes unchanged, and the connection persists", "[e2e]") {
  const std::size_t size =
      GENERATE(16 * 1024 - 1, 16 * 1024, 64 * 1024, 64 * 1024 + 1, mib - 1, mib, 9 * mib + 7);
  const auto* path = GENERATE("/take", "/worker", "/copy");
  CAPTURE(size, path);
  content_server own;
  auto peer = own.connect();
  const auto content = octets(size);
  for (int i = 0; i < 3; ++i) {
    // The next request comes with the end of the content.
    auto got = peer.ask(post(path, content) + get("/next"));
    CHECK(got.status == 200);
    CHECK(got.content == content);
    CHECK(peer.read().content == "next");
    CHECK(peer.ask(get("/next")).content == "next");
  }
}

TEST_CASE("large content comes and goes over a Unix socket", "[e2e]") {
  const scratch_folder folder;
  const auto path = (folder.path / "socket").string();
  content_server own{large_config().with_address("unix:" + path)};
  auto peer = client::on_path(path);
  const auto content = octets(3 * mib);
  for (int i = 0; i < 3; ++i)
    CHECK(peer.ask(post("/take", content)).content == content);
}

TEST_CASE("large content may come in small pieces", "[e2e]") {
  content_server own;
  auto peer = own.connect();
  const auto content = octets(300'000);
  peer.send_in_pieces(post("/take", content), 3000);
  CHECK(peer.read().content == content);
}

TEST_CASE("a slow sender of large content is served as long as it keeps the least rate", "[e2e]") {
  http::deadlines deadlines;
  deadlines.content = 200ms;
  deadlines.content_bytes_per_second = 1000;
  content_server own{deadlines};
  auto peer = own.connect();
  const auto content = octets(mib);
  const auto whole = post("/take", content);
  peer.send(whole.substr(0, 300'000));
  std::this_thread::sleep_for(600ms); // past the deadline without what has come
  peer.send(whole.substr(300'000));
  CHECK(peer.read().content == content);
  CHECK(peer.ask(get("/next")).content == "next");
  // Less than is read at once by then, and another request on the same connection.
  for (const std::size_t first : {1'000, 30'000, 100'000, 800'000}) {
    CAPTURE(first);
    auto other = own.connect();
    other.send(whole.substr(0, first));
    std::this_thread::sleep_for(first < 30'000 ? 100ms : 600ms);
    other.send(whole.substr(first, 100'000));
    std::this_thread::sleep_for(600ms);
    other.send(whole.substr(first + 100'000));
    CHECK(other.read().content == content);
    CHECK(other.ask(get("/next")).content == "next");
  }
  // One that stops gets 408.
  auto stopped = own.connect();
  const auto refused = stopped.ask(whole.substr(0, whole.size() - mib + 100));
  CHECK(refused.status == 408);
}

TEST_CASE("all content that has come counts at the deadline", "[e2e]") {
  http::deadlines deadlines;
  deadlines.content = 500ms;
  deadlines.content_bytes_per_second = 400'000;
  content_server own{deadlines};
  auto peer = own.connect();
  const auto content = octets(mib);
  const auto whole = post("/take", content);
  peer.send(whole.substr(0, 900'000));
  std::this_thread::sleep_for(700ms); // past the deadline; 900 000 octets earn two seconds more
  peer.send(whole.substr(900'000));
  CHECK(peer.read().content == content);
}

TEST_CASE("all content that has come counts at a deadline that is noticed late", "[e2e]") {
  http::deadlines deadlines;
  deadlines.content = 500ms;
  deadlines.content_bytes_per_second = 400'000;
  content_server own{large_config().with_deadlines(deadlines).with_reactors(1)};
  auto peer = own.connect();
  const auto content = octets(mib);
  const auto whole = post("/take", content);
  peer.send(whole.substr(0, 900'000)); // 2.25 s more
  std::this_thread::sleep_for(100ms);
  CHECK(own.ask(get("/hold")).content == "held");
  peer.send(whole.substr(900'000));
  CHECK(peer.read().content == content);
}

TEST_CASE("a client that sends on after its refusal is not cut off", "[e2e]") {
  http::deadlines deadlines;
  deadlines.content = 200ms;
  content_server own{deadlines};
  auto peer = own.connect();
  CHECK(peer.ask(post("/take", octets(mib)).substr(0, 2000)).status == 408);
  // Longer than a silent client is given; `send` throws once the connection is closed.
  for (int i = 0; i < 10; ++i) {
    std::this_thread::sleep_for(300ms);
    peer.send("more");
  }
}

TEST_CASE("a client that ends or resets in the midst of large content ends its request", "[e2e]") {
  content_server own;
  const auto part = post("/take", octets(mib)).substr(0, mib / 2);
  auto ends = own.connect();
  ends.send(part);
  ends.half_close();
  ends.await_end();
  auto resets = own.connect();
  resets.send(part);
  resets.reset();
  CHECK(own.ask(get("/next")).content == "next");
}

TEST_CASE("a response from shared octets is the same for all who ask", "[e2e]") {
  const auto shared = std::make_shared<const std::string>(octets(3 * mib));
  const std::string small = "static";
  server own{large_config()};
  own.app.get("/shared", [shared](context& ctx) { ctx.data(200, "text/plain", shared); });
  own.app.get("/static", [&](context& ctx) { ctx.data(200, "text/plain", static_octets(small)); });
  own.start();
  auto peer = own.connect();
  for (int i = 0; i < 3; ++i) {
    peer.send(get("/shared") + get("/static") + get("/shared"));
    CHECK(peer.read().content == *shared);
    CHECK(peer.read().content == "static");
    CHECK(peer.read().content == *shared);
  }
}

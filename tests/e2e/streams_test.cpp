// Streamed content over real sockets: slow readers, slow senders, and clients that leave.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <sake/routing/event_stream.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t piece_size = 10'000;
constexpr std::size_t piece_count = 3'000;

struct counters {
  std::atomic<std::size_t> written = 0;
  std::atomic<std::size_t> read = 0;
  std::atomic<int> begun = 0;
  std::atomic<int> over = 0;
};

// Counts the end of its coroutine.
struct goodbye {
  std::atomic<int>& over;
  explicit goodbye(std::atomic<int>& to) : over(to) {}
  ~goodbye() { ++over; }
};

void add_streams_routes(engine& app, counters& seen, bool on_pool) {
  const auto place = [on_pool](route& added) -> route& { return on_pool ? added.worker() : added; };
  place(app.get("/down", [&seen](context& ctx) -> task<> {
    const goodbye last{seen.over};
    ++seen.begun;
    auto out = ctx.stream(200, "application/octet-stream");
    for (std::size_t i = 0; i < piece_count; ++i) {
      co_await out.write(std::string(piece_size, static_cast<char>('a' + i % 26)));
      ++seen.written;
    }
  }));
  place(app.post("/up", [&seen](context& ctx) -> task<> {
    const goodbye last{seen.over};
    ++seen.begun;
    std::size_t size = 0;
    while (auto piece = co_await ctx.read()) {
      size += piece->size();
      seen.read += piece->size();
    }
    ctx.string(200, std::to_string(size));
  })).streams_content();
  place(app.get("/events", [&seen](context& ctx) -> task<> {
    const goodbye last{seen.over};
    ++seen.begun;
    auto events = ctx.event_stream();
    for (int i = 0;; ++i) {
      co_await events.send({.event = "tick", .data = std::to_string(i)});
      co_await ctx.sleep(1ms);
    }
  }));
}

std::string whole_download() {
  std::string text;
  for (std::size_t i = 0; i < piece_count; ++i)
    text.append(piece_size, static_cast<char>('a' + i % 26));
  return text;
}

// Reads until `wanted` has arrived.
void read_until(client& peer, std::string_view wanted) {
  std::string got;
  while (got.find(wanted) == std::string::npos) {
    const auto more = peer.read_some(1000);
    if (more.empty())
      throw truncated("the connection has ended");
    got += more;
  }
}

} // namespace

TEST_CASE("a download advances only as fast as its client reads, and arrives whole", "[e2e]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  counters seen;
  server own;
  add_streams_routes(own.app, seen, on_pool);
  own.start();
  auto peer = own.connect();
  peer.shrink_buffers();
  peer.send("GET /down HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  wait_until([&] { return seen.written > 0; });
  // The writer stops well before the end.
  std::size_t before = 0;
  wait_until([&] {
    std::this_thread::sleep_for(50ms);
    return std::exchange(before, seen.written.load()) == seen.written;
  });
  CHECK(seen.written < piece_count);
  CHECK(seen.over == 0);
  const auto all = peer.read_to_end();
  CHECK(seen.written == piece_count);
  CHECK(seen.over == 1);
  CHECK(all.ends_with("\r\n0\r\n\r\n"));
  // The same octets for a client that does not understand chunks.
  auto old = own.connect();
  old.send("GET /down HTTP/1.0\r\n\r\n");
  CHECK(old.read_to_end().ends_with("\r\n\r\n" + whole_download()));
}

TEST_CASE("a client that leaves during a download ends its handler", "[e2e]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  counters seen;
  server own;
  add_streams_routes(own.app, seen, on_pool);
  own.start();
  {
    auto peer = own.connect();
    peer.shrink_buffers();
    peer.send(get("/down"));
    (void)peer.read_some(100);
    peer.reset();
  }
  wait_until([&] { return seen.over == 1; });
  CHECK(seen.written < piece_count);
}

TEST_CASE("an upload is read as it arrives", "[e2e]") {
  const bool on_pool = GENERATE(false, true);
  CAPTURE(on_pool);
  counters seen;
  server own;
  add_streams_routes(own.app, seen, on_pool);
  own.start();
  auto peer = own.connect();
  const std::string part(50'000, 'x');
  peer.send(to_send("POST", "/up", "Transfer-Encoding: chunked\r\n"));
  wait_until([&] { return seen.begun == 1; });
  for (std::size_t i = 1; i <= 10; ++i) {
    peer.send(chunk(part));
    wait_until([&] { return seen.read == i * part.size(); });
  }
  peer.send("0\r\n\r\n");
  CHECK(peer.read().content == std::to_string(10 * part.size()));
  // An upload that ends halfway does not count as complete.
  peer.send(to_send("POST", "/up", "Transfer-Encoding: chunked\r\n") + chunk(part));
  wait_until([&] { return seen.read == 11 * part.size(); });
  peer.close();
  wait_until([&] { return seen.over == 2; });
}

TEST_CASE("events arrive one by one until the client leaves or the server ends", "[e2e]") {
  counters seen;
  server own{test_config().with_drain_deadline(50ms)};
  add_streams_routes(own.app, seen, false);
  own.start();
  auto peer = own.connect();
  peer.send(get("/events"));
  read_until(peer, "event: tick\ndata: 20\n\n");
  auto other = own.connect();
  other.send(get("/events"));
  read_until(other, "event: tick\ndata: 0\n\n");
  peer.close();
  wait_until([&] { return seen.over == 1; });
  read_until(other, "event: tick\ndata: ");
  own.app.shutdown();
  own.app.wait();
  other.await_end();
  wait_until([&] { return seen.over == 2; });
}

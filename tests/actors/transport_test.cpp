// A connection over a transport that has a handshake, cuts and delays octets, and ends slowly.
#include "../support/catch.hpp"
#include "../support/fitful_transport.hpp"
#include "../support/line_protocol.hpp"
#include "../support/seam_fixture.hpp"
#include "../support/wire.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

using sake::context;
using sake::task;
using sake::test::fitful_state;
using sake::test::fitful_transport;
using sake::test::get;
using sake::test::line_protocol;
using sake::test::memory_peer;
using sake::test::post;
using sake::test::seam_fixture;
using namespace std::chrono_literals;
namespace actors = sake::actors;
namespace http = sake::http;

namespace {

const std::string hello{fitful_transport::hello};
const std::string welcome{fitful_transport::welcome};

// The shard, with the protocol that the handshake or the first octet tells.
class choosing_sink final : public sake::test::forwarding_sink {
public:
  using forwarding_sink::forwarding_sink;

  [[nodiscard]] std::unique_ptr<http::protocol> make_protocol(
      http::protocol_events& events, const http::connection_start& known) override {
    if (known.agreed == "line" || known.first_octets.starts_with('/'))
      return std::make_unique<line_protocol>(events, sake::test::line_settings{});
    if (!known.agreed.empty() || known.first_octets.starts_with("GET"))
      return to_.make_protocol(events, known);
    return nullptr;
  }
};

struct transport_fixture : seam_fixture {
  explicit transport_fixture(http::settings chosen = {}) : seam_fixture(std::move(chosen)) {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/wait", [](context& ctx) -> task<> {
      co_await ctx.sleep(1ms);
      ctx.string(200, "waited");
    });
    this->get("/large", [](context& ctx) { ctx.string(200, std::string(5000, 'x')); });
    this->get("/pieces", [](context& ctx) -> task<> {
      auto out = ctx.stream(200, "text/plain");
      for (int i = 0; i < 20; ++i)
        co_await out.write(std::string(100, static_cast<char>('a' + i)));
    });
    this->get("/who", [](context& ctx) {
      const auto* const facts = ctx.request().transport();
      ctx.string(200, facts != nullptr ? facts->version + ' ' + facts->peer_name : "nobody");
    });
    this->post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
  }
  ~transport_fixture() override { close(); }

  memory_peer open(const std::shared_ptr<fitful_state>& state, std::uint32_t seed,
                   bool is_served = true) {
    if (!sink)
      sink.emplace(shard());
    random.seed(seed);
    actors::request_sink& to = chooses ? static_cast<actors::request_sink&>(*sink) : shard();
    return open_to(to, is_served, [&](std::unique_ptr<actors::transport> below) {
      return std::make_unique<fitful_transport>(std::move(below), events(), state, seed);
    });
  }

  // The output for `input` by a peer that reads a little at a time.
  std::string converse(const std::shared_ptr<fitful_state>& state, std::uint32_t seed,
                       std::string_view input) {
    auto peer = open(state, seed);
    if (state->has_handshake)
      peer.send(hello);
    peer.accept(0);
    std::string got = ask(peer, input);
    for (int turn = 0; turn < 4000 && !(turn > 400 && peer.untaken() == 0); ++turn) {
      peer.accept(50);
      pump();
      got += after(peer, 1ms);
    }
    peer.reset();
    pump();
    return got;
  }

  bool chooses = false;
  std::optional<choosing_sink> sink;
  std::mt19937 random;

private:
  std::size_t next(std::size_t count) override { return random() % count; }
};

} // namespace

TEST_CASE("The output does not depend on what the transport makes wait", "[actors][transport]") {
  transport_fixture app;
  const std::string input = GENERATE(
      get("/") + get("/wait") + "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n" + get("/large") + get("/"),
      post("/echo", std::string(3000, 'e')) + get("/pieces") + get("/nowhere"),
      get("/pieces", "Connection: close\r\n"), get("/") + "BAD\r\n\r\n");
  const auto plain = std::make_shared<fitful_state>();
  plain->fitfulness = 0;
  plain->has_handshake = false;
  const auto expected = app.converse(plain, 0, input);
  CHECK(expected.size() > 100);
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    const auto state = std::make_shared<fitful_state>();
    state->fitfulness = seed % 7;
    const auto got = app.converse(state, seed, input);
    // Pieces become chunks as they meet the transport.
    const auto content = [](std::string octets) {
      std::erase_if(octets,
                    [](char c) { return c == '\r' || c == '\n' || (c >= '0' && c <= '9'); });
      return octets;
    };
    if (content(got) != content(welcome + expected))
      FAIL_CHECK("seed " << seed << ": " << got << "\nexpected: " << expected);
  }
}

TEST_CASE("A handshake and the first head have one deadline", "[actors][transport]") {
  http::settings chosen;
  chosen.deadlines.head = 1000ms;
  transport_fixture app{chosen};
  const auto state = std::make_shared<fitful_state>();
  SECTION("no handshake comes") {
    auto peer = app.open(state, 1);
    (void)app.ask(peer, "hel");
    CHECK(app.after(peer, 900ms).empty());
    CHECK_FALSE(state->is_closed);
    CHECK(app.after(peer, 300ms).empty());
    CHECK(state->is_closed);
  }
  SECTION("no head comes in what the handshake has left") {
    auto peer = app.open(state, 1);
    (void)app.after(peer, 900ms);
    CHECK(app.ask(peer, hello + "GET / HT") == welcome);
    CHECK(app.after(peer, 300ms).starts_with("HTTP/1.1 408 "));
    CHECK(state->has_ended_output);
  }
}

TEST_CASE("A handshake that fails closes the connection", "[actors][transport]") {
  transport_fixture app;
  const auto state = std::make_shared<fitful_state>();
  auto peer = app.open(state, 3);
  SECTION("by what the peer sends") {
    CHECK(app.ask(peer, "GET / HTTP/1.1\r\n\r\n").empty());
  }
  SECTION("by the end of its input") {
    peer.finish();
    app.pump();
  }
  SECTION("by its reset") {
    peer.reset();
    app.pump();
  }
  CHECK(state->is_closed);
  CHECK(app.shard().connection_count() == 0);
}

TEST_CASE("A drain gives a handshake time for one request", "[actors][transport]") {
  transport_fixture app;
  const auto state = std::make_shared<fitful_state>();
  auto peer = app.open(state, 5);
  (void)app.ask(peer, "hello");
  {
    const actors::reactor::stay here{app.shard().reactor()};
    app.shard().drain([] {});
  }
  app.pump();
  CHECK_FALSE(state->is_closed);
  SECTION("and serves it") {
    const auto got = app.ask(peer, ";" + get("/"));
    CHECK(got.starts_with(welcome + "HTTP/1.1 200 OK\r\n"));
    CHECK(got.find("Connection: close\r\n") != std::string::npos);
    CHECK(state->has_ended_output);
  }
  SECTION("and closes without one") {
    CHECK(app.after(peer, http::fresh_grace + 100ms).empty());
  }
  (void)app.after(peer, 3s);
  CHECK(state->is_closed);
}

TEST_CASE("A connection past the limit is told so after its handshake", "[actors][transport]") {
  transport_fixture app;
  const auto state = std::make_shared<fitful_state>();
  auto peer = app.open(state, 7, false);
  CHECK(app.ask(peer, hello).starts_with(welcome + "HTTP/1.1 503 "));
}

TEST_CASE("The handshake chooses the protocol", "[actors][transport]") {
  transport_fixture app;
  app.chooses = true;
  const auto state = std::make_shared<fitful_state>();
  SECTION("a line protocol") {
    state->agreed = "line";
    auto peer = app.open(state, 9);
    CHECK(app.ask(peer, hello + "/\n") == welcome + "1 200 root\n");
  }
  SECTION("HTTP/1.1") {
    state->agreed = "http/1.1";
    auto peer = app.open(state, 9);
    CHECK(app.ask(peer, hello + get("/")).starts_with(welcome + "HTTP/1.1 200 OK\r\n"));
  }
}

TEST_CASE("The first octets choose the protocol where the handshake does not",
          "[actors][transport]") {
  transport_fixture app;
  app.chooses = true;
  const auto state = std::make_shared<fitful_state>();
  state->fitfulness = GENERATE(0u, 3u);
  state->end_steps = 0;
  auto peer = app.open(state, 11);
  CHECK(app.ask(peer, hello) == welcome);
  SECTION("a line protocol") {
    CHECK(app.ask(peer, "/\n") == "1 200 root\n");
  }
  SECTION("HTTP/1.1, in two steps") {
    CHECK(app.ask(peer, "G").empty());
    CHECK(app.ask(peer, get("/").substr(1)).starts_with("HTTP/1.1 200 OK\r\n"));
  }
  SECTION("neither") {
    CHECK(app.ask(peer, std::string(http::telling_octets - 1, 'x')).empty());
    CHECK_FALSE(state->is_closed);
    CHECK(app.ask(peer, "x").empty());
    CHECK(state->is_closed);
  }
  SECTION("nothing before the deadline") {
    CHECK(app.after(peer, 11s).empty());
    CHECK(state->is_closed);
  }
  SECTION("nothing before the end of the input") {
    peer.finish();
    app.pump();
    CHECK(state->is_closed);
  }
}

TEST_CASE("A request tells what the transport knows of its peer", "[actors][transport]") {
  transport_fixture app;
  const auto state = std::make_shared<fitful_state>();
  state->peer_name = "CN=somebody";
  auto peer = app.open(state, 13);
  CHECK(app.ask(peer, hello + get("/who")).ends_with("\r\n\r\nfitful CN=somebody"));
  auto plain = app.connect();
  plain.send(get("/who"));
  app.run();
  CHECK(plain.take().ends_with("\r\n\r\nnobody"));
}

TEST_CASE("A connection gives the transport time to end its output", "[actors][transport]") {
  http::settings chosen;
  chosen.deadlines.idle = 5s;
  transport_fixture app{chosen};
  const auto state = std::make_shared<fitful_state>();
  state->fitfulness = 0;
  const auto seed = GENERATE(range(1u, 20u));
  state->end_steps = static_cast<int>(seed % 5);
  auto peer = app.open(state, seed);
  SECTION("after the last response") {
    CHECK(app.ask(peer, hello + get("/", "Connection: close\r\n")).ends_with("root"));
  }
  SECTION("when the connection was idle for too long") {
    CHECK(app.ask(peer, hello + get("/")).ends_with("root"));
    (void)app.after(peer, 6s);
  }
  SECTION("at the drain") {
    CHECK(app.ask(peer, hello + get("/")).ends_with("root"));
    const actors::reactor::stay here{app.shard().reactor()};
    app.shard().drain([] {});
    app.pump();
  }
  CHECK(state->has_ended_output);
  CHECK(state->is_closed);
}

TEST_CASE("A peer that finishes sending gets what the transport still holds",
          "[actors][transport]") {
  transport_fixture app;
  const auto state = std::make_shared<fitful_state>();
  state->fitfulness = 0;
  const auto how = GENERATE("Connection: close\r\n", "Bad\r\n"); // the latter lingers
  auto peer = app.open(state, 19);
  CHECK(app.ask(peer, hello) == welcome);
  peer.accept(0);
  CHECK(app.ask(peer, get("/", how)).empty());
  peer.finish();
  app.pump();
  peer.accept(10'000);
  app.pump();
  CHECK(peer.take().starts_with("HTTP/1.1 "));
  CHECK(state->has_ended_output);
  CHECK(state->is_closed);
}

TEST_CASE("A connection does not wait long for the end of the output", "[actors][transport]") {
  transport_fixture app;
  const auto state = std::make_shared<fitful_state>();
  state->fitfulness = 0;
  auto peer = app.open(state, 17);
  peer.accept(welcome.size());
  CHECK(app.ask(peer, hello + get("/", "Connection: close\r\n")) == welcome);
  CHECK_FALSE(state->is_closed);
  (void)app.after(peer, 1s);
  CHECK_FALSE(state->is_closed);
  (void)app.after(peer, 2s);
  CHECK(state->is_closed);
  CHECK_FALSE(state->has_ended_output);
}

// An actor on another thread may hold the last reference to a connection, with its request.
TEST_CASE("Another thread may destroy a closed transport in memory", "[actors][transport]") {
  transport_fixture app;
  memory_peer peer{app.events()};
  auto closed = peer.make_transport();
  closed->close();
  std::thread other{[&closed] { closed.reset(); }};
  while (!peer.is_gone())
    std::this_thread::yield();
  CHECK(peer.is_closed());
  other.join();
}

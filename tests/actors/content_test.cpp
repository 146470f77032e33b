// Request content for handlers that take it whole.
#include "../support/catch.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <chrono>
#include <cstddef>
#include <string>

using sake::context;
using sake::task;
using sake::test::chunked_head;
using sake::test::closes;
using sake::test::get;
using sake::test::plain_on_wire;
using sake::test::post;
using sake::test::refusal_on_wire;
using sake::test::shard_fixture;
using sake::test::text_on_wire;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t buffered = 100;
constexpr std::size_t most = 1000;
const std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";

struct content_fixture : shard_fixture {
  explicit content_fixture(std::size_t pipelined_requests = 64)
      : shard_fixture([&] {
          sake::http::settings chosen;
          chosen.limits.pipelined_requests = pipelined_requests;
          chosen.limits.buffered_content_bytes = buffered;
          chosen.limits.content_bytes = most;
          return chosen;
        }()) {
    this->post("/echo", [this](context& ctx) {
      ++handled;
      ctx.string(200, ctx.body());
    });
    this->get("/later", [](context& ctx) -> task<> {
      co_await ctx.sleep(1s);
      ctx.string(200, "later");
    });
  }

  int handled = 0;
};

// `count` octets without equal parts.
std::string octets(std::size_t count) {
  std::string text;
  while (text.size() < count)
    text += std::to_string(text.size()) + ',';
  text.resize(count);
  return text;
}

std::string chunk(std::string_view octets) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", octets.size());
  return std::string{size}.append(octets).append("\r\n");
}

} // namespace

TEST_CASE("content reaches a function whole, whatever its size and framing", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  const std::size_t size = GENERATE(0, 1, buffered - 1, buffered, buffered + 1, 5 * buffered, most);
  const auto content = octets(size);
  SECTION("the content has a Content-Length") {
    CHECK(app.ask(peer, post("/echo", content)) == text_on_wire(200, content));
  }
  SECTION("the content is chunked") {
    auto request = chunked_head("/echo");
    for (std::size_t at = 0; at < size; at += 77)
      request += chunk(content.substr(at, 77));
    CHECK(app.ask(peer, request + chunk({})) == text_on_wire(200, content));
  }
  SECTION("the content arrives in pieces") {
    const auto request = post("/echo", content);
    peer.send(request.substr(0, request.size() - size));
    app.run();
    for (std::size_t at = 0; at < size; at += 33) {
      CHECK(app.handled == 0);
      peer.send(content.substr(at, 33));
      app.run();
    }
    CHECK(peer.take() == text_on_wire(200, content));
  }
  CHECK(app.handled == 1);
  CHECK(app.ask(peer, get("/")) == plain_on_wire(404));
}

TEST_CASE("large content behind a waiting request is answered after it", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  const auto content = octets(5 * buffered);
  CHECK(app.ask(peer, get("/later") + post("/echo", content) + post("/echo", "x")).empty());
  CHECK(app.handled == 0); // POST waits for what comes before it (RFC 9112 §9.3.2)
  app.advance(1s);
  CHECK(peer.take()
        == text_on_wire(200, "later") + text_on_wire(200, content) + text_on_wire(200, "x"));
}

TEST_CASE("the limit of pipelined requests does not delay content", "[actors][content]") {
  content_fixture app{1};
  auto peer = app.connect();
  const auto content = octets(5 * buffered);
  CHECK(app.ask(peer, post("/echo", content) + post("/echo", "x"))
        == text_on_wire(200, content) + text_on_wire(200, "x"));
}

// -- Expect: 100-continue (RFC 9110 §10.1.1) ------------------------------------------

TEST_CASE("a client that waits for 100 gets it, then its answer", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  const std::size_t size = GENERATE(5, 5 * buffered);
  const auto content = octets(size);
  const auto request = post("/echo", content, "Expect: 100-continue\r\n");
  const auto head = request.substr(0, request.size() - size);
  SECTION("100 is sent once the head has arrived") {
    CHECK(app.ask(peer, head.substr(0, 20)).empty());
    CHECK(app.ask(peer, head.substr(20)) == go_on);
    CHECK(app.ask(peer, content.substr(0, 3)).empty());
    CHECK(app.ask(peer, content.substr(3)) == text_on_wire(200, content));
  }
  SECTION("100 is not sent if the client did not wait") {
    CHECK(app.ask(peer, request) == text_on_wire(200, content));
  }
  SECTION("100 waits for the answers to earlier requests") {
    CHECK(app.ask(peer, get("/later") + head).empty());
    app.advance(1s);
    CHECK(peer.take() == text_on_wire(200, "later") + go_on);
    CHECK(app.ask(peer, content) == text_on_wire(200, content));
  }
  SECTION("100 is sent after ready answers") {
    CHECK(app.ask(peer, post("/echo", "a") + head) == text_on_wire(200, "a") + go_on);
    CHECK(app.ask(peer, content) == text_on_wire(200, content));
  }
  CHECK(app.ask(peer, get("/")) == plain_on_wire(404));
}

TEST_CASE("a chunked upload may wait for 100 as well", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  auto head = chunked_head("/echo");
  head.insert(head.size() - 2, "Expect: 100-Continue\r\n");
  CHECK(app.ask(peer, head) == go_on);
  CHECK(app.ask(peer, chunk("abc") + chunk({})) == text_on_wire(200, "abc"));
}

TEST_CASE("an HTTP/1.0 client is never sent 100", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, "POST /echo HTTP/1.0\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n")
            .empty());
  CHECK(app.ask(peer, "abc") == text_on_wire(200, "abc", closes));
}

// -- incomplete content ------------------------------------------------------------------

TEST_CASE("content above the limit is refused", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  const auto refused = refusal_on_wire(sake::http::refusals::content_too_large);
  SECTION("the length is refused before any octet") {
    const auto request = post("/echo", octets(most + 1), "Expect: 100-continue\r\n");
    CHECK(app.ask(peer, request.substr(0, request.size() - most - 1)) == refused);
  }
  SECTION("the content is refused in the middle of its chunks") {
    CHECK(app.ask(peer, chunked_head("/echo") + chunk(octets(900))).empty());
    CHECK(app.ask(peer, chunk(octets(101))) == refused);
  }
  SECTION("the refusal follows the answers to earlier requests") {
    CHECK(app.ask(peer,
                  get("/later") + chunked_head("/echo") + chunk(octets(900)) + chunk(octets(900)))
              .empty());
    app.advance(1s);
    CHECK(peer.take() == text_on_wire(200, "later") + refused);
  }
  CHECK(app.handled == 0);
  CHECK(peer.has_shut_down());
  peer.finish();
  app.run();
  CHECK(peer.is_gone());
}

TEST_CASE("content with broken framing is refused", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  const std::size_t size = GENERATE(10, 5 * buffered);
  CHECK(app.ask(peer, chunked_head("/echo") + chunk(octets(size))).empty());
  CHECK(app.ask(peer, "x\r\n") == refusal_on_wire(sake::http::refusals::bad_chunk_line));
  CHECK(app.handled == 0);
}

TEST_CASE("a connection is closed when its client leaves during an upload", "[actors][content]") {
  content_fixture app;
  auto peer = app.connect();
  const std::size_t size = GENERATE(5, 5 * buffered);
  const bool waits = GENERATE(false, true);
  const auto request = (waits ? get("/later") : "") + post("/echo", octets(size));
  CHECK(app.ask(peer, request.substr(0, request.size() - 2)).empty());
  SECTION("the client resets the connection") {
    peer.reset();
  }
  SECTION("the client closes in order") {
    peer.finish();
  }
  app.run();
  app.advance(1s);
  CHECK(app.handled == 0);
  CHECK(peer.is_gone());
  CHECK(app.shard().connection_count() == 0);
}

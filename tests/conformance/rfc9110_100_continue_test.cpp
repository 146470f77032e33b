// RFC 9110 §10.1.1: Expect: 100-continue, on a real socket.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <string>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

constexpr auto expects = "Expect: 100-continue\r\n";

struct fixture : server {
  fixture() {
    app.get("/later", [](context& ctx) -> task<> {
      co_await ctx.sleep(20ms);
      ctx.string(200, "later");
    });
    app.post("/length", [](context& ctx) { ctx.string(200, std::to_string(ctx.body().size())); });
    start();
  }
};

/// Head and content of a request with Expect: 100-continue.
struct request_in_two {
  std::string head;
  std::string content;
};

request_in_two upload(std::size_t size, bool is_chunked, std::string_view fields = {}) {
  const std::string framing = is_chunked ? "Transfer-Encoding: chunked\r\n"
                                         : "Content-Length: " + std::to_string(size) + "\r\n";
  const std::string content(size, 'x');
  return {to_send("POST", "/length", std::string{expects} + framing + std::string{fields}),
          is_chunked ? chunk(content) + "0\r\n\r\n" : content};
}

} // namespace

TEST_CASE("RFC 9110 §10.1.1: a client that waits is sent 100", "[e2e][rfc9110]") {
  // Content that is delivered whole, and content that is streamed.
  const std::size_t size = GENERATE(1, 50'000, 500'000);
  const bool is_chunked = GENERATE(false, true);
  CAPTURE(size, is_chunked);
  fixture own;
  auto peer = own.connect();
  const auto [head, content] = upload(size, is_chunked);
  for (int i = 0; i < 2; ++i) {
    const auto interim = peer.ask(head);
    CHECK(interim.status == 100);
    CHECK(interim.fields.empty());
    const auto got = peer.ask(content);
    CHECK(got.status == 200);
    CHECK(got.content == std::to_string(size));
  }
}

TEST_CASE("RFC 9110 §10.1.1: a client that does not wait is not sent 100", "[e2e][rfc9110]") {
  const bool is_chunked = GENERATE(false, true);
  fixture own;
  auto peer = own.connect();
  const auto [head, content] = upload(10, is_chunked);
  const auto got = peer.ask(head + content);
  CHECK(got.status == 200);
  CHECK(got.content == "10");
}

TEST_CASE("RFC 9110 §10.1.1: a request without content is answered at once", "[e2e][rfc9110]") {
  fixture own;
  auto peer = own.connect();
  CHECK(peer.ask(post("/length", "", expects)).content == "0");
  CHECK(peer.ask(get("/later", expects)).content == "later");
}

TEST_CASE("RFC 9110 §10.1.1: an HTTP/1.0 client is never sent 100", "[e2e][rfc9110]") {
  fixture own;
  auto peer = own.connect();
  peer.send("POST /length HTTP/1.0\r\nHost: x\r\nContent-Length: 3\r\n" + std::string{expects}
            + "\r\n");
  CHECK(peer.hears_nothing(50ms));
  CHECK(peer.ask("abc").content == "3");
}

TEST_CASE("RFC 9110 §10.1.1: a final status replaces 100", "[e2e][rfc9110]") {
  struct row {
    const char* target;
    const char* fields;
    int status;
  };
  const auto [target, fields, status] = GENERATE(values<row>({
      {"/length", "Expect: 100-continue\r\nContent-Length: 99999999\r\n", 413},
      {"/length", "Expect: 200-ok\r\nContent-Length: 10\r\n", 417},
      {"/length", "Expect: 100-continue\r\nTransfer-Encoding: gzip\r\n", 400},
      {"/length", "Expect: 100-continue\r\nContent-Length: 1, 1\r\n", 400},
  }));
  CAPTURE(fields);
  fixture own;
  auto peer = own.connect();
  const auto got = peer.ask(to_send("POST", target, fields));
  CHECK(got.status == status);
  CHECK(got.closes());
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("RFC 9110 §10.1.1: 100 is not sent before earlier responses", "[e2e][rfc9110]") {
  const std::size_t size = GENERATE(10, 500'000);
  fixture own;
  auto peer = own.connect();
  const auto [head, content] = upload(size, false);
  peer.send(get("/later") + get("/later") + head);
  CHECK(peer.read().content == "later");
  CHECK(peer.read().content == "later");
  CHECK(peer.read().status == 100);
  CHECK(peer.ask(content).content == std::to_string(size));
}

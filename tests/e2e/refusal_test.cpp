// Malformed requests over the wire: the right status, then the end.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <string>
#include <thread>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

http::limits small_limits() {
  http::limits max;
  max.request_line_bytes = 256;
  max.field_section_bytes = 1024;
  max.field_count = 10;
  max.content_bytes = 100'000;
  return max;
}

void add_refusal_routes(engine& app) {
  app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  app.post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
}

struct refused {
  const char* what;
  std::string octets;
  int status;
};

std::vector<refused> table() {
  const std::string many(11, 'f');
  std::string fields;
  for (const char c : many)
    fields += std::string{c} + ": v\r\n";
  return {
      {"no request at all", "hello there\r\n\r\n", 400},
      {"TLS", std::string{"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11}, 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
      {"HTTP/3.0", "GET / HTTP/3.0\r\nHost: x\r\n\r\n", 505},
      {"no Host", "GET / HTTP/1.1\r\n\r\n", 400},
      {"two Hosts", get("/", "Host: y\r\n"), 400},
      {"bare LF", "GET / HTTP/1.1\nHost: x\n\n", 400},
      {"bad path", get("/%zz"), 400},
      {"long target", get("/" + std::string(300, 'a')), 414},
      {"long target without an end", "GET /" + std::string(300, 'a'), 414},
      {"many fields", get("/", fields), 431},
      {"long field section", get("/", "Long: " + std::string(2000, 'a') + "\r\n"), 431},
      {"unknown expectation", get("/", "Expect: miracles\r\n"), 417},
      {"unknown transfer coding", to_send("POST", "/echo", "Transfer-Encoding: gzip\r\n"), 400},
      {"two framings",
       to_send("POST", "/echo", "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n"), 400},
      {"bad length", to_send("POST", "/echo", "Content-Length: -1\r\n"), 400},
      {"too much content", to_send("POST", "/echo", "Content-Length: 100001\r\n"), 413},
      {"endless content", to_send("POST", "/echo", "Content-Length: 99999999999999999999\r\n"),
       400},
      {"too much content in chunks",
       to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n", "fffff\r\n"), 413},
      {"bad chunk", to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n", "nine\r\n"), 400},
      {"bad end of a chunk", to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n", "1\r\nabc"),
       400},
  };
}

} // namespace

TEST_CASE("a refused request gets its status and a reason, then the connection closes", "[e2e]") {
  server own{test_config().with_limits(small_limits())};
  add_refusal_routes(own.app);
  own.start();
  for (const auto& [what, octets, status] : table()) {
    CAPTURE(what);
    auto peer = own.connect();
    const auto got = peer.ask(octets);
    CHECK(got.status == status);
    CHECK(got.closes());
    CHECK(got.content.size() > 10);
    CHECK(got.content.find('\n') == got.content.size() - 1);
    CHECK(peer.read_to_end().empty());
  }
  CHECK(own.ask(get("/")).content == "home");
}

TEST_CASE("requests before a refused one are answered, those behind it are not", "[e2e]") {
  server own;
  add_refusal_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send(get("/") + post("/echo", "second") + "GET / HTTP/1.1\r\n\r\n" + get("/"));
  CHECK(peer.read().content == "home");
  CHECK(peer.read().content == "second");
  CHECK(peer.read().status == 400);
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("a client that uploads too much gets its 413 although it sends all of it first",
          "[e2e]") {
  server own;
  add_refusal_routes(own.app);
  own.start();
  const std::string content(5 * 1024 * 1024, 'x');
  const bool is_chunked = GENERATE(false, true);
  CAPTURE(is_chunked);
  auto peer = own.connect();
  const auto got = is_chunked ? peer.ask(to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n",
                                                 chunk(content) + "0\r\n\r\n"))
                              : peer.ask(post("/echo", content));
  CHECK(got.status == 413);
  CHECK(got.closes());
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("a refusal during content reaches a client that goes on sending", "[e2e]") {
  server own;
  add_refusal_routes(own.app);
  own.start();
  auto peer = own.connect();
  // Above the limit of whole content, so that the request is dispatched.
  peer.send(
      to_send("POST", "/echo", "Transfer-Encoding: chunked\r\n", chunk(std::string(200'000, 'x'))));
  peer.send("no chunk\r\n" + std::string(300'000, 'y'));
  CHECK(peer.read().status == 400);
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("a client that never stops sending after a refusal is reset", "[e2e]") {
  server own;
  add_refusal_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send("nonsense\r\n\r\n");
  CHECK(peer.read().status == 400);
  const std::string more(64 * 1024, 'x');
  // Ends when the server has reset the connection.
  while (peer.send_what_goes(more, 90s) == more.size())
    std::this_thread::sleep_for(10ms);
  peer.await_end();
  CHECK(own.ask(get("/")).content == "home");
}

TEST_CASE("a partial request before the end of the input is not answered", "[e2e]") {
  server own;
  add_refusal_routes(own.app);
  own.start();
  const auto* part = GENERATE("G", "GET / HTTP/1.1\r\nHost: x\r\n", "\r\n",
                              "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nfour",
                              "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                              "chunked\r\n\r\n5\r\nabc");
  CAPTURE(part);
  auto peer = own.connect();
  peer.send(part);
  peer.half_close();
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("half of a large upload before the end of the input is not answered", "[e2e]") {
  server own;
  add_refusal_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send(post("/echo", std::string(900'000, 'x')).substr(0, 500'000));
  peer.half_close();
  peer.await_end();
  CHECK(own.ask(get("/")).content == "home");
}

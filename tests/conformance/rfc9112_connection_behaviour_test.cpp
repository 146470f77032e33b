// RFC 9112 §9 on a real socket: when a connection closes or persists, and the order of responses.
#include "../support/catch.hpp"
#include "../support/server.hpp"

#include <atomic>
#include <string>

using namespace sake;
using namespace sake::test;
using namespace std::chrono_literals;

namespace {

void add_routes(engine& app) {
  app.get("/", [](context& ctx) { ctx.string(200, "home"); });
  app.get("/number/:n", [](context& ctx) { ctx.string(200, ctx.param("n")); });
  app.get("/later/:ms", [](context& ctx) -> task<> {
    const auto ms = std::string{ctx.param("ms")};
    co_await ctx.sleep(std::chrono::milliseconds{std::stoi(ms)});
    ctx.string(200, ms);
  });
  app.get("/empty/:status", [](context& ctx) {
    ctx.string(std::stoi(std::string{ctx.param("status")}), "content that may not be sent");
  });
  app.get("/close", [](context& ctx) {
    ctx.set_header("Connection", "close");
    ctx.string(200, "the last");
  });
  app.post("/echo", [](context& ctx) { ctx.string(200, ctx.body()); });
}

} // namespace

TEST_CASE(
    "RFC 9112 §9.3: HTTP/1.1 persists and HTTP/1.0 does not, unless the client says otherwise",
    "[e2e][rfc9112]") {
  struct row {
    const char* version;
    const char* fields;
    bool persists;
  };
  const auto [version, fields, persists] = GENERATE(values<row>({
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: Upgrade, Close\r\nUpgrade: h2c\r\n", false},
      {"1.0", "", false},
      {"1.0", "Connection: keep-alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
  }));
  CAPTURE(version, fields);
  server own;
  add_routes(own.app);
  own.start();
  auto peer = own.connect();
  const auto octets = std::string{"GET / HTTP/"} + version + "\r\nHost: x\r\n" + fields + "\r\n";
  const auto got = peer.ask(octets);
  CHECK(got.content == "home");
  CHECK(got.closes() != persists);
  if (persists) {
    CHECK((got.field("Connection") == "keep-alive") == (version == std::string_view{"1.0"}));
    CHECK(peer.ask(octets).content == "home");
  } else {
    CHECK(peer.read_to_end().empty());
  }
}

TEST_CASE("RFC 9112 §9.3: input behind a closing request is not processed", "[e2e][rfc9112]") {
  std::atomic<int> processed = 0;
  server own;
  add_routes(own.app);
  own.app.post("/count", [&processed](context& ctx) {
    ++processed;
    ctx.status(204);
  });
  own.start();
  const auto* last = GENERATE("Connection: close\r\n", "Connection: x, CLOSE\r\n");
  auto peer = own.connect();
  peer.send(get("/number/1") + get("/later/20", last) + post("/count", "x") + post("/count", "y"));
  CHECK(peer.read().content == "1");
  CHECK(peer.read().closes());
  CHECK(peer.read_to_end().empty());
  CHECK(processed == 0);
}

TEST_CASE(
    "RFC 9112 §9.3.2: responses are sent in the order of the requests, whenever they are ready",
    "[e2e][rfc9112]") {
  server own;
  add_routes(own.app);
  own.start();
  auto peer = own.connect();
  std::string requests;
  for (const int ms : {40, 30, 20, 10, 1})
    requests += get("/later/" + std::to_string(ms)) + get("/number/0") + post("/echo", "content")
                + get("/nowhere");
  peer.send(requests);
  for (const int ms : {40, 30, 20, 10, 1}) {
    CHECK(peer.read().content == std::to_string(ms));
    CHECK(peer.read().content == "0");
    CHECK(peer.read().content == "content");
    CHECK(peer.read().status == 404);
  }
}

TEST_CASE("RFC 9112 §9.6: a response with Connection: close is the last", "[e2e][rfc9112]") {
  server own;
  add_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send(get("/number/1") + get("/close") + get("/number/2"));
  CHECK(peer.read().content == "1");
  const auto last = peer.read();
  CHECK(last.content == "the last");
  CHECK(last.closes());
  CHECK(peer.read_to_end().empty());
}

TEST_CASE("RFC 9112 §9.6: the last response arrives although the client goes on sending",
          "[e2e][rfc9112]") {
  server own;
  add_routes(own.app);
  own.start();
  const bool is_refusal = GENERATE(false, true);
  CAPTURE(is_refusal);
  // A socket closed with unread octets is reset, which destroys the response on its way.
  for (int i = 0; i < 20; ++i) {
    auto peer = own.connect();
    peer.send((is_refusal ? "nonsense\r\n\r\n" : get("/close")) + std::string(200'000, 'x'));
    CHECK(peer.read().closes());
    peer.send(std::string(200'000, 'y'));
    CHECK(peer.read_to_end().empty());
  }
}

TEST_CASE("RFC 9112 §6.3: responses without content end with their head", "[e2e][rfc9112]") {
  server own;
  add_routes(own.app);
  own.start();
  auto peer = own.connect();
  peer.send(get("/empty/204") + get("/empty/304") + to_send("HEAD", "/number/5") + get("/empty/205")
            + to_send("HEAD", "/nowhere") + get("/number/6"));
  CHECK(peer.read().status == 204);
  CHECK(peer.read().status == 304);
  CHECK(peer.read(true).field("Content-Length") == "1");
  CHECK(peer.read().content.empty());
  CHECK(peer.read(true).status == 404);
  CHECK(peer.read().content == "6");
}

TEST_CASE("RFC 9112 §2.2: an empty line between requests is skipped", "[e2e][rfc9112]") {
  server own;
  add_routes(own.app);
  own.start();
  auto peer = own.connect();
  CHECK(peer.ask(post("/echo", "content") + "\r\n").content == "content");
  CHECK(peer.ask("\r\n" + get("/number/1")).content == "1");
}

TEST_CASE("RFC 9112 §9.5: a client may close its sending side after its request",
          "[e2e][rfc9112]") {
  SECTION("a response that is ready at once reaches the client") {
    server own;
    add_routes(own.app);
    own.start();
    auto peer = own.connect();
    peer.send(get("/number/1") + get("/number/2"));
    peer.half_close();
    CHECK(peer.read().content == "1");
    CHECK(peer.read().content == "2");
    CHECK(peer.read_to_end().empty());
  }
  SECTION("a later response reaches the client if half-closed clients are served") {
    server own{test_config().with_half_closed_clients(true)};
    add_routes(own.app);
    own.start();
    auto peer = own.connect();
    peer.send(get("/later/30") + get("/number/1"));
    peer.half_close();
    CHECK(peer.read().content == "30");
    CHECK(peer.read().content == "1");
    CHECK(peer.read_to_end().empty());
  }
}

TEST_CASE("RFC 9110 §6.6.1: every response has a Date", "[e2e][rfc9110]") {
  server own;
  add_routes(own.app);
  own.start();
  for (const auto& octets : {get("/"), get("/nowhere"), get("/empty/204"), post("/", "x"),
                             to_send("BREW", "/"), std::string{"nonsense\r\n\r\n"}}) {
    CAPTURE(octets);
    CHECK(own.ask(octets).field("Date").size() == 29);
  }
}

TEST_CASE("RFC 9110 §7.8: an upgrade that is not offered is ignored", "[e2e][rfc9110]") {
  server own;
  add_routes(own.app);
  own.start();
  auto peer = own.connect();
  const auto got = peer.ask(get("/", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                                     "HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n"));
  CHECK(got.status == 200);
  CHECK(peer.ask(get("/number/1")).content == "1");
}

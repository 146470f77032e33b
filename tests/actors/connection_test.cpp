// One client and its connection: the octets on the wire.
#include "../support/catch.hpp"
#include "../support/settings_with.hpp"
#include "../support/shard_fixture.hpp"
#include "../support/wire.hpp"

#include <string>

using sake::context;
using sake::test::closes;
using sake::test::get;
using sake::test::on_wire;
using sake::test::plain_on_wire;
using sake::test::post;
using sake::test::settings_with;
using sake::test::shard_fixture;
using sake::test::text_on_wire;

namespace {

struct connection_fixture : shard_fixture {
  explicit connection_fixture(sake::http::settings chosen = {}) : shard_fixture(std::move(chosen)) {
    this->get("/", [](context& ctx) { ctx.string(200, "root"); });
    this->get("/close", [](context& ctx) {
      ctx.set_header("Connection", "close");
      ctx.string(200, "bye");
    });
    this->get("/none", [](context& ctx) { ctx.status(204); });
    this->get("/throw",
              [](context&) { throw std::runtime_error("an inside that no client sees"); });
    this->post("/echo", [](context& ctx) {
      ctx.data(200, ctx.header("Content-Type"), std::string{ctx.body()});
    });
  }
};

} // namespace

TEST_CASE("a connection answers one request after the other", "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  for (int i = 0; i < 3; ++i)
    CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root"));
  CHECK(app.ask(peer, get("/none"))
        == "HTTP/1.1 204 No Content\r\nDate: Sun, 06 Nov 1994 08:49:37 "
           "GMT\r\n\r\n");
  CHECK(app.ask(peer, post("/echo", "content", "Content-Type: a/b\r\n"))
        == on_wire(200, "Content-Type: a/b\r\n", "content"));
  CHECK(app.ask(peer, get("/nowhere")) == plain_on_wire(404));
  CHECK(app.ask(peer, post("/", ""))
        == on_wire(405, "Content-Type: text/plain; charset=utf-8\r\nAllow: GET, HEAD, OPTIONS\r\n",
                   "Method Not Allowed\n"));
  CHECK_FALSE(peer.is_closed());
  CHECK(peer.awaits_input());
}

TEST_CASE("a handler that throws answers 500, and the connection persists",
          "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/throw")) == plain_on_wire(500));
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root"));
}

TEST_CASE("HEAD is answered as GET without the content (RFC 9110 §9.3.2)", "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  const auto whole = text_on_wire(200, "root");
  CHECK(app.ask(peer, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n") == whole.substr(0, whole.size() - 4));
  // The next response follows without an octet of the content.
  CHECK(app.ask(peer, get("/")) == whole);
}

TEST_CASE("Connection: close is honoured, and input behind it is not answered",
          "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  SECTION("the request has it") {
    CHECK(app.ask(peer, get("/", "Connection: close\r\n") + get("/"))
          == text_on_wire(200, "root", closes));
    // The rest was not read as a request. The peer must see the response before the end.
    CHECK(peer.has_shut_down());
    CHECK_FALSE(peer.is_closed());
    peer.finish();
    app.run();
  }
  SECTION("the response has it") {
    CHECK(
        app.ask(peer, get("/close") + get("/"))
        == on_wire(200, "Connection: close\r\nContent-Type: text/plain; charset=utf-8\r\n", "bye"));
  }
  CHECK(peer.is_gone());
}

TEST_CASE("a closing connection whose peer has sent nothing more closes at once",
          "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/", "Connection: close\r\n")) == text_on_wire(200, "root", closes));
  CHECK(peer.is_gone());
}

TEST_CASE("HTTP/1.0 persists only if it asks for it (RFC 9112 §9.3)", "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        == text_on_wire(200, "root", "Connection: keep-alive\r\n"));
  CHECK(app.ask(peer, "GET / HTTP/1.0\r\n\r\n") == text_on_wire(200, "root", closes));
  CHECK(peer.is_gone());
}

TEST_CASE("with keep-alive off every response closes its connection", "[actors][connection]") {
  connection_fixture app{settings_with([](auto& chosen) { chosen.keep_alive = false; })};
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root", closes));
  CHECK(peer.is_gone());
}

TEST_CASE("the last request allowed on a connection closes it", "[actors][connection]") {
  connection_fixture app{
      settings_with([](auto& chosen) { chosen.max_requests_per_connection = 2; })};
  auto peer = app.connect();
  SECTION("the requests come one at a time") {
    CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root"));
    CHECK(app.ask(peer, get("/")) == text_on_wire(200, "root", closes));
  }
  SECTION("the requests are pipelined") {
    CHECK(app.ask(peer, get("/") + get("/") + get("/"))
          == text_on_wire(200, "root") + text_on_wire(200, "root", closes));
    peer.finish();
    app.run();
  }
  CHECK(peer.is_gone());
}

TEST_CASE("bad input is answered with its status and a reason, and the connection closes",
          "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  CHECK(app.ask(peer, get("/") + "BAD\r\n\r\n")
        == text_on_wire(200, "root")
               + text_on_wire(400, std::string{sake::http::refusals::bad_method.reason} + '\n',
                              closes));
  CHECK(peer.has_shut_down());
  // Further input is read and ignored.
  CHECK(app.ask(peer, get("/")).empty());
  CHECK(peer.unread() == 0);
  peer.finish();
  app.run();
  CHECK(peer.is_gone());
}

TEST_CASE("a peer that stays after a refusal is disconnected (RFC 9112 §9.6)",
          "[actors][connection]") {
  using namespace std::chrono_literals;
  connection_fixture app;
  auto peer = app.connect();
  (void)app.ask(peer, "BAD\r\n\r\n");
  SECTION("the peer is disconnected two seconds after its last octet") {
    app.advance(1999ms);
    (void)app.ask(peer, "more");
    app.advance(1999ms);
    CHECK_FALSE(peer.is_closed());
    app.advance(1ms);
  }
  SECTION("the peer is disconnected after ten seconds, however much it sends") {
    for (int i = 0; i < 9; ++i) {
      app.advance(1s);
      (void)app.ask(peer, std::string(100'000, 'x'));
    }
    app.advance(999ms);
    CHECK_FALSE(peer.is_closed());
    app.advance(1ms);
  }
  CHECK(peer.is_gone());
}

TEST_CASE("a connection above the limit is refused with 503", "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect_refused();
  CHECK(peer.take()
        == on_wire(503, "Content-Type: text/plain; charset=utf-8\r\nRetry-After: 1\r\n",
                   std::string{sake::http::refusals::too_many_connections.reason} + '\n', closes));
  CHECK(app.ask(peer, get("/")).empty());
  peer.finish();
  app.run();
  CHECK(peer.is_gone());
  CHECK(app.shard().connection_count() == 0);
}

TEST_CASE("a connection is closed when its peer leaves", "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  CHECK(app.shard().connection_count() == 1);
  SECTION("the peer leaves before its first octet") {}
  SECTION("the peer leaves in the middle of a head") {
    (void)app.ask(peer, "GET / HT");
  }
  SECTION("the peer leaves in the middle of content") {
    (void)app.ask(peer, "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf");
  }
  SECTION("the peer leaves between two requests") {
    (void)app.ask(peer, get("/"));
  }
  SECTION("the peer resets the connection") {
    peer.reset();
  }
  peer.finish();
  app.run();
  CHECK(peer.take().empty());
  CHECK(peer.is_gone());
  CHECK(app.shard().connection_count() == 0);
}

TEST_CASE("a peer that ends only its input still gets its responses", "[actors][connection]") {
  connection_fixture app;
  auto peer = app.connect();
  peer.send(get("/") + get("/"));
  peer.finish();
  app.run();
  CHECK(peer.take() == text_on_wire(200, "root") + text_on_wire(200, "root"));
  CHECK(peer.is_gone());
}

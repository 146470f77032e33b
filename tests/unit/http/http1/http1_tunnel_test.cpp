// Tunnels of HTTP/1.1: what follows 101 or an answer to CONNECT (RFC 9110 §7.8, §9.3.6).
#include "../../../support/catch.hpp"
#include "../../../support/peerless_connection.hpp"
#include "../../../support/wire.hpp"

#include <sake/http/content_stream.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

using namespace sake::http;
using sake::test::get;
using sake::test::peerless_connection;
using sake::test::settings_with;
using namespace std::chrono_literals;

namespace {

const std::string upgrade = get("/chat", "Connection: keep-alive, Upgrade\r\nUpgrade: chat\r\n");

struct tunnel_writer final : response_observer {
  void cancel(int status) noexcept override { cancelled = status; }
  void on_room() noexcept override { ++rooms; }
  int cancelled = 0;
  int rooms = 0;
};

response switching() {
  response head;
  head.set_header("Connection", "Upgrade").set_header("Upgrade", "chat");
  head.data().status = 101;
  return head;
}

struct tunnel_fixture : peerless_connection {
  using peerless_connection::peerless_connection;

  // Begins a tunnel for request 1.
  void begin() {
    CHECK(protocol->receive(upgrade).empty());
    input = protocol->begin_tunnel(1, switching(), by);
    REQUIRE(input != nullptr);
    CHECK(sent()
          == "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n");
  }

  tunnel_writer by;
  std::shared_ptr<content_stream> input;
};

} // namespace

TEST_CASE("A tunnel carries octets both ways without framing", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  CHECK(on.protocol->receive("GET / HTTP/1.1\r\n\r\n").empty());
  CHECK(on.input->take() == "GET / HTTP/1.1\r\n\r\n");
  CHECK(on.ids.size() == 1);
  CHECK(on.protocol->write(1, "one") == write_result::ok);
  CHECK(on.protocol->write(1, "two") == write_result::ok);
  CHECK(on.sent() == "onetwo");
  on.protocol->end_response(1);
  CHECK(on.sent().empty());
  CHECK(on.protocol->state().is_over());
  CHECK(on.protocol->how_to_end() == protocol::ending::linger);
}

TEST_CASE("A tunnel has no deadline", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  CHECK(on.protocol->due(false) == time_point::max());
  (void)on.protocol->receive("octets");
  CHECK(on.protocol->due(false) == time_point::max());
}

TEST_CASE("A tunnel takes no more than its reader has room for", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  const std::string much(on.config.limits.buffered_content_bytes + 10, 'x');
  CHECK(on.protocol->receive(much).size() == 10);
  CHECK_FALSE(on.protocol->accepts_input());
  const int before = on.progress;
  (void)on.input->take();
  CHECK(on.progress == before + 1);
  CHECK(on.protocol->accepts_input());
}

TEST_CASE("A writer into a tunnel waits for the peer", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  CHECK(on.protocol->write(1, std::string(waiting_content_bytes, 'x'))
        == write_result::would_block);
  CHECK(on.by.rooms == 0);
  CHECK(on.sent().size() == waiting_content_bytes);
  CHECK(on.by.rooms == 1);
}

TEST_CASE("Each direction of a tunnel ends by itself", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  (void)on.protocol->receive("last");
  CHECK(on.protocol->finish_input() == protocol::after_input::tunnel);
  CHECK(on.input->take() == "last");
  CHECK(on.input->status() == content_stream::state::complete);
  CHECK(on.protocol->write(1, "answer") == write_result::ok);
  CHECK(on.sent() == "answer");
  CHECK_FALSE(on.protocol->state().is_over());
  on.protocol->end_response(1);
  (void)on.sent();
  CHECK(on.protocol->state().is_over());
}

TEST_CASE("A tunnel that is cut ends in a reset", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  on.protocol->cut_response(1, response::text(500, "never sent"));
  CHECK(on.sent().empty());
  CHECK(on.protocol->state().is_over());
  CHECK(on.protocol->how_to_end() == protocol::ending::reset);
}

TEST_CASE("A tunnel that is cut before its head ends the connection", "[http][tunnel]") {
  tunnel_fixture on;
  (void)on.protocol->receive(upgrade);
  on.input = on.protocol->begin_tunnel(1, switching(), on.by);
  REQUIRE(on.input != nullptr);
  on.protocol->cut_response(1, response::text(500, "no"));
  CHECK(on.input->status() == content_stream::state::failed);
  const auto sent = on.sent();
  CHECK(sent.starts_with("HTTP/1.1 500 "));
  CHECK(sent.find("Connection: close\r\n") != std::string::npos);
  CHECK(on.protocol->state().is_over());
}

TEST_CASE("A tunnel begun after the end of the input has no input", "[http][tunnel]") {
  tunnel_fixture on{settings_with([](settings& s) { s.half_closed_clients = true; })};
  (void)on.protocol->receive(upgrade);
  CHECK(on.protocol->finish_input() == protocol::after_input::responses);
  on.input = on.protocol->begin_tunnel(1, switching(), on.by);
  REQUIRE(on.input != nullptr);
  CHECK(on.input->status() == content_stream::state::complete);
  CHECK(on.protocol->write(1, "still") == write_result::ok);
  CHECK(on.sent().ends_with("\r\n\r\nstill"));
}

TEST_CASE("What follows a successful response to CONNECT is no request", "[http][tunnel]") {
  peerless_connection on;
  const std::string_view behind = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  const auto connect = "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + std::string{behind};
  CHECK(on.protocol->receive(connect) == behind);
  tunnel_writer by;
  SECTION("a whole response") {
    on.protocol->respond(1, response::text(200, "no tunnel"));
  }
  SECTION("a response in pieces") {
    const bool has_length = GENERATE(false, true);
    auto head = response::text(200, "");
    if (has_length)
      head.data().fields += "Content-Length: 9\r\n";
    on.protocol->begin_response(1, std::move(head), has_length, by);
    (void)on.protocol->write(1, "no tunnel");
    on.protocol->end_response(1);
  }
  // RFC 9110 §9.3.6: neither Content-Length nor Transfer-Encoding.
  CHECK(on.sent() == "HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nno tunnel");
  CHECK(on.protocol->receive(behind) == behind);
  CHECK(on.ids.size() == 1);
  CHECK(on.protocol->state().is_over());
}

TEST_CASE("A tunnel begins with the status that tells the client of it", "[http][tunnel]") {
  tunnel_fixture on;
  SECTION("101 in answer to Upgrade") {
    (void)on.protocol->receive(upgrade);
    CHECK(on.protocol->begin_tunnel(1, response{200}, on.by) == nullptr);
    CHECK(on.protocol->begin_tunnel(1, switching(), on.by) != nullptr);
  }
  SECTION("2xx in answer to CONNECT, without Connection") {
    const auto* const version = GENERATE("1.1", "1.0");
    (void)on.protocol->receive(std::string{"CONNECT a:443 HTTP/"} + version
                               + "\r\nHost: a:443\r\n\r\n");
    CHECK(on.protocol->begin_tunnel(1, switching(), on.by) == nullptr);
    CHECK(on.protocol->begin_tunnel(1, response{404}, on.by) == nullptr);
    CHECK(on.protocol->begin_tunnel(1, response{200}, on.by) != nullptr);
    CHECK(on.sent() == "HTTP/1.1 200 OK\r\n\r\n");
  }
}

TEST_CASE("A refused CONNECT keeps the connection", "[http][tunnel]") {
  peerless_connection on;
  const auto behind = get("/");
  CHECK(on.protocol->receive("CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n" + behind) == behind);
  on.protocol->respond(1, response::text(405, "no"));
  CHECK(on.sent().find("Connection: close") == std::string::npos);
  CHECK(on.protocol->receive(behind).empty());
  CHECK(on.ids.size() == 2);
}

TEST_CASE("A connection that is lost fails its tunnel", "[http][tunnel]") {
  tunnel_fixture on;
  on.begin();
  on.protocol->abandon();
  CHECK(on.input->status() == content_stream::state::failed);
  CHECK(on.by.cancelled == client_gone);
  CHECK(on.protocol->write(1, "octets") == write_result::closed);
}

TEST_CASE("Octets behind an Upgrade wait for its answer", "[http][tunnel]") {
  tunnel_fixture on;
  const std::string input = upgrade + "early";
  const std::string rest{on.protocol->receive(input)};
  CHECK(rest == "early");
  CHECK_FALSE(on.protocol->accepts_input());
  SECTION("and go through the tunnel") {
    on.input = on.protocol->begin_tunnel(1, switching(), on.by);
    REQUIRE(on.input != nullptr);
    CHECK(on.protocol->receive(rest).empty());
    CHECK(on.input->take() == "early");
  }
  SECTION("and are a request where the Upgrade is ignored") {
    on.protocol->respond(1, response::text(200, "no"));
    (void)on.sent();
    CHECK(on.protocol->accepts_input());
    CHECK(on.protocol->receive(get("/next")).empty());
    CHECK(on.ids.size() == 2);
  }
}

TEST_CASE("The answer to CONNECT begins a tunnel without framing", "[http][tunnel]") {
  tunnel_fixture on;
  const std::string connect = "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n";
  CHECK(on.protocol->receive(connect + "\x16").size() == 1);
  on.input = on.protocol->begin_tunnel(1, response{200}, on.by);
  REQUIRE(on.input != nullptr);
  CHECK(on.sent() == "HTTP/1.1 200 OK\r\n\r\n");
}

TEST_CASE("Only the last request that asks for it becomes a tunnel", "[http][tunnel]") {
  tunnel_fixture on;
  SECTION("not one without Upgrade") {
    (void)on.protocol->receive(get("/"));
  }
  SECTION("not one of HTTP/1.0") {
    (void)on.protocol->receive(
        "GET / HTTP/1.0\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
  }
  SECTION("not one whose content is still arriving") {
    on.streams = true;
    (void)on.protocol->receive("POST / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\n"
                               "Upgrade: chat\r\nContent-Length: 5\r\n\r\nab");
  }
  SECTION("not HEAD") {
    (void)on.protocol->receive(
        "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: chat\r\n\r\n");
  }
  SECTION("not one that has its answer") {
    (void)on.protocol->receive(upgrade);
    on.protocol->respond(1, response::text(200, "no"));
  }
  CHECK(on.ids.size() == 1);
  CHECK(on.protocol->begin_tunnel(1, switching(), on.by) == nullptr);
  CHECK(on.protocol->begin_tunnel(2, switching(), on.by) == nullptr);
}

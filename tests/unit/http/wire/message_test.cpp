// Requests and responses in wire form: the same come back, and nothing else is believed.
#include "../../../support/catch.hpp"
#include "../../../support/decode.hpp"

#include <sake/http/content_stream.hpp>
#include <sake/http/wire/message.hpp>
#include <sake/http/wire/octet_writer.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace std::string_literals;
using namespace std::string_view_literals;
using sake::http::peer;
using sake::http::request;
using sake::http::response;

namespace refusals = sake::http::refusals;
namespace wire = sake::http::wire;

namespace {

template <class Message>
std::string octets_of(const Message& message) {
  std::string octets;
  wire::encode(octets, message);
  return octets;
}

// -- what a test writes itself ----------------------------------------------------

using lines = std::vector<std::pair<std::string, std::string>>;

/// A request in version 1, as message.hpp describes it.
struct raw_request {
  std::uint8_t version = 1;
  std::string method = "PUT";
  std::string target = "/users/7?x=1";
  std::uint8_t minor = 1;
  std::string peer{"\1\xcb\0\x71\7\xc9\x3a", 7};
  lines fields{{"Host", "a"}, {"X-One", "1"}};
  lines parameters{{"id", "7"}};
  std::string content = "hello";

  [[nodiscard]] std::string octets() const {
    std::string out;
    wire::octet_writer to{out};
    to.u8(version);
    to.text(method);
    to.text(target);
    to.u8(minor);
    to.octets(peer);
    for (const lines* each : {&fields, &parameters}) {
      to.count(each->size());
      for (const auto& [name, value] : *each) {
        to.text(name);
        to.text(value);
      }
    }
    to.text(content);
    return out;
  }
};

struct raw_response {
  std::uint8_t version = 1;
  std::uint16_t status = 200;
  lines fields{{"Content-Type", "text/plain"}, {"X-One", "1"}};
  std::string content = "hello";

  [[nodiscard]] std::string octets() const {
    std::string out;
    wire::octet_writer to{out};
    to.u8(version);
    to.u16(status);
    to.count(fields.size());
    for (const auto& [name, value] : fields) {
      to.text(name);
      to.text(value);
    }
    to.text(content);
    return out;
  }
};

/// Why a request or a response is refused; empty if it is not.
std::string_view why(const raw_request& message) {
  const auto read = wire::decode_request(message.octets());
  return read ? ""sv : read.error().reason;
}

std::string_view why(const raw_response& message) {
  const auto read = wire::decode_response(message.octets());
  return read ? ""sv : read.error().reason;
}

std::string_view why_with(lines fields, std::string target = "/", std::uint8_t minor = 1) {
  raw_request message;
  message.fields = std::move(fields);
  message.target = std::move(target);
  message.minor = minor;
  return why(message);
}

// -- round trips ------------------------------------------------------------------

/// Everything that a request shows.
std::string to_text(const request& message) {
  std::string text =
      std::string{message.method_token()} + ' ' + std::to_string(static_cast<int>(message.method()))
      + " target=" + std::string{message.target()} + " path=" + std::string{message.path()}
      + " query=" + std::string{message.query()} + " minor="
      + std::to_string(message.minor_version()) + (message.keep_alive() ? " keep-alive" : " close")
      + (message.data().expects_continue ? " expects-continue" : "")
      + " peer=" + message.peer().to_string() + '\n';
  for (std::size_t i = 0; i < message.field_count(); ++i)
    text += std::string{message.field_at(i).name} + "=[" + std::string{message.field_at(i).value}
            + "]\n";
  for (const auto& [name, value] : message.data().parameters)
    text += std::string{name.in(message.data().parameter_text)} + ":["
            + std::string{value.in(message.data().parameter_text)} + "]\n";
  return text + "content=[" + std::string{message.content()} + ']';
}

void check_round_trip(const request& message) {
  const std::string octets = octets_of(message);
  const auto read = wire::decode_request(octets);
  REQUIRE(read.has_value());
  CHECK(to_text(*read) == to_text(message));
  CHECK(octets_of(*read) == octets);
}

request received(std::string_view text) {
  auto decoded = sake::test::decode(text);
  REQUIRE(decoded.requests.size() == 1);
  return std::move(decoded.requests.front().message);
}

} // namespace

TEST_CASE("a request that arrived over HTTP comes back the same", "[http][wire]") {
  const auto text = GENERATE(
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n"sv, "GET / HTTP/1.0\r\n\r\n"sv,
      "GET /a%20b/c?x=1&y HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"sv,
      "BREW /pot HTTP/1.1\r\nHost:\r\nconnection: Close, x\r\nX: 1\r\nX: 2\r\nY: \tz\r\n\r\n"sv,
      "OPTIONS * HTTP/1.1\r\nHost: [::1]:80\r\n\r\n"sv,
      "CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n"sv,
      "GET http://b:80/p?q HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\n"sv,
      "GET http://b HTTP/1.0\r\n\r\n"sv,
      "POST /p HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\na\0b"sv,
      "POST /p HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n"sv);
  CAPTURE(text);
  check_round_trip(received(text));
}

TEST_CASE("a request that a program made comes back the same", "[http][wire]") {
  check_round_trip(request::make("GET", "/"));
  check_round_trip(request::make("M-SEARCH", "/a?b?c", {{"X", ""}, {"x", "\xc3\xbc"}},
                                 std::string(100'000, '\0')));
}

TEST_CASE("path parameters come back as the router found them", "[http][wire]") {
  auto message = request::make("GET", "/u/7/a");
  message.data().add_parameter("id", "7");
  message.data().add_parameter("path", "a\0\r\nb"sv);
  message.data().add_parameter("empty", "");
  check_round_trip(message);
  const auto read = wire::decode_request(octets_of(message));
  REQUIRE(read.has_value());
  CHECK(read->param("path") == "a\0\r\nb"sv);
}

TEST_CASE("a peer of every family comes back the same", "[http][wire]") {
  auto message = request::make("GET", "/");
  peer& other = message.data().peer;
  other.kind =
      GENERATE(peer::family::none, peer::family::ipv4, peer::family::ipv6, peer::family::local);
  if (other.kind == peer::family::ipv4)
    other.address = {203, 0, 113, 7};
  if (other.kind == peer::family::ipv6)
    other.address = {0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff};
  if (other.kind == peer::family::ipv4 || other.kind == peer::family::ipv6)
    other.port = 51514;
  check_round_trip(message);
}

TEST_CASE("a response comes back the same", "[http][wire]") {
  auto message = GENERATE(response{204}, response::text(200, "hi"), response::json(599, "{}"),
                          response{}
                              .add_header("Set-Cookie", "a=1")
                              .add_header("Set-Cookie", "b=2; path=/")
                              .add_header("Empty", "")
                              .set_header("Date", "now")
                              .set_header("Server", "me")
                              .set_header("Connection", "keep-alive, close, x")
                              .content("a\0\r\n"sv));
  const std::string octets = octets_of(message);
  const auto read = wire::decode_response(octets);
  REQUIRE(read.has_value());
  CHECK(read->status() == message.status());
  CHECK(read->data().fields == message.data().fields);
  CHECK(read->content() == message.content());
  CHECK(read->data().closes == message.data().closes);
  CHECK(read->data().has_date == message.data().has_date);
  CHECK(read->data().has_server == message.data().has_server);
  CHECK(octets_of(*read) == octets);
}

TEST_CASE("encode() appends to what is there", "[http][wire]") {
  std::string out = "before";
  wire::encode(out, response{204});
  CHECK(out == "before\1\0\xcc\0\0\0\0\0\0\0\0"sv);
}

TEST_CASE("content that is arriving follows the wire form of its request", "[http][wire]") {
  auto message = request::make("POST", "/");
  message.data().add_field("Content-Length", "5");
  message.data().stream = std::make_shared<sake::http::content_stream>(1);
  std::string out;
  wire::encode(out, message);
  CHECK(wire::decode_request(out).error() == wire::errors::content_length_differs);
  const auto read = wire::decode_request(out, wire::content_part::follows);
  REQUIRE(read.has_value());
  CHECK(read->header("Content-Length") == "5");
  CHECK(read->content().empty());

  const auto whole = request::make("POST", "/", {}, "hello");
  out.clear();
  wire::encode(out, whole);
  CHECK(wire::decode_request(out, wire::content_part::follows).error()
        == wire::errors::content_follows);
}

// -- the octets -------------------------------------------------------------------

TEST_CASE("version 1 of a request is these octets", "[http][wire][golden]") {
  constexpr auto golden = "\x01"
                          "\0\0\0\x03PUT"
                          "\0\0\0\x0c/users/7?x=1"
                          "\x01"
                          "\x01\xcb\x00\x71\x07\xc9\x3a"
                          "\0\0\0\x02"
                          "\0\0\0\x04Host\0\0\0\x01"
                          "a"
                          "\0\0\0\x05X-One\0\0\0\x01"
                          "1"
                          "\0\0\0\x01"
                          "\0\0\0\x02id\0\0\0\x01"
                          "7"
                          "\0\0\0\x05hello"sv;
  auto message = request::make("PUT", "/users/7?x=1", {{"Host", "a"}, {"X-One", "1"}}, "hello");
  message.data().add_parameter("id", "7");
  message.data().peer = {peer::family::ipv4, 51514, {203, 0, 113, 7}};
  CHECK(octets_of(message) == golden);
  CHECK(raw_request{}.octets() == golden);
  const auto read = wire::decode_request(golden);
  REQUIRE(read.has_value());
  CHECK(to_text(*read) == to_text(message));
}

TEST_CASE("version 1 of a response is these octets", "[http][wire][golden]") {
  constexpr auto golden = "\x01"
                          "\x00\xc8"
                          "\0\0\0\x02"
                          "\0\0\0\x0c"
                          "Content-Type\0\0\0\x0atext/plain"
                          "\0\0\0\x05X-One\0\0\0\x01"
                          "1"
                          "\0\0\0\x05hello"sv;
  const auto message =
      response{}.set_header("Content-Type", "text/plain").set_header("X-One", "1").content("hello");
  CHECK(octets_of(message) == golden);
  CHECK(raw_response{}.octets() == golden);
  CHECK(wire::decode_response(golden).has_value());
}

// -- refused ------------------------------------------------------------------------

TEST_CASE("a request in another version is refused", "[http][wire]") {
  for (const auto version : std::vector<std::uint8_t>{0, 2, 255})
    CHECK(why(raw_request{.version = version}) == wire::errors::unknown_version.reason);
  CHECK(why(raw_response{.version = 2}) == wire::errors::unknown_version.reason);
}

TEST_CASE("octets after a message are refused", "[http][wire]") {
  CHECK(wire::decode_request(raw_request{}.octets() + '\0').error() == wire::errors::left_over);
  CHECK(wire::decode_response(raw_response{}.octets() + '\0').error() == wire::errors::left_over);
}

TEST_CASE("no part of a message is taken for a message", "[http][wire]") {
  const auto whole = raw_request{}.octets();
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(wire::decode_request({whole.data(), size}).error() == wire::errors::ends_early);
  const auto answer = raw_response{}.octets();
  for (std::size_t size = 0; size < answer.size(); ++size)
    CHECK(wire::decode_response({answer.data(), size}).error() == wire::errors::ends_early);
}

TEST_CASE("a count of more than there is is refused, and costs no memory", "[http][wire]") {
  raw_request message;
  message.fields.clear();
  auto octets = message.octets();
  const auto count = octets.size() - 4 - message.content.size() - 18 - 4;
  octets.replace(count, 4, "\xff\xff\xff\xff");
  CHECK(wire::decode_request(octets).error() == wire::errors::ends_early);
  auto answer = raw_response{}.octets();
  answer.replace(3, 4, "\xff\xff\xff\xff");
  CHECK(wire::decode_response(answer).error() == wire::errors::ends_early);
}

TEST_CASE("RFC 9112 §3: a request line that HTTP refuses is refused", "[http][wire]") {
  for (const auto& token : {""s, "GE T"s, "GET\r\nX:"s, "G\xc3"s})
    CHECK(why(raw_request{.method = token}) == refusals::bad_method.reason);
  CHECK(why(raw_request{.minor = 2}) == wire::errors::bad_minor_version.reason);
  CHECK(why(raw_request{.target = ""}) == refusals::bad_target.reason);
  CHECK(why(raw_request{.target = "users"}) == refusals::bad_target.reason);
  CHECK(why(raw_request{.target = "/ HTTP/1.1\r\nX: 1"}) == refusals::bad_target_octet.reason);
  CHECK(why(raw_request{.target = "/?a\nb"}) == refusals::bad_target_octet.reason);
  CHECK(why(raw_request{.target = "/%zz"}) == refusals::bad_percent_encoding.reason);
  CHECK(why(raw_request{.target = "/%00"}) == refusals::encoded_nul.reason);
  CHECK(why(raw_request{.target = "*"}) == refusals::asterisk_form.reason);
  CHECK(why(raw_request{.method = "CONNECT"}) == refusals::authority_form.reason);
  CHECK(why(raw_request{.target = "http://u@a/"}) == refusals::userinfo.reason);
}

TEST_CASE("a peer of an unknown family is refused", "[http][wire]") {
  CHECK(why(raw_request{.peer = "\4"}) == wire::errors::bad_peer.reason);
}

TEST_CASE("RFC 9110 §5: a field line that HTTP refuses is refused", "[http][wire]") {
  for (const auto& name : {""s, "X One"s, "X\r\nY"s, "X:"s}) {
    CHECK(why_with({{name, "1"}}) == refusals::bad_field_name.reason);
    CHECK(why(raw_response{.fields = {{name, "1"}}}) == refusals::bad_field_name.reason);
  }
  for (const auto& value : {"1\r\nY: 2"s, "\0"s, "\x7f"s}) {
    CHECK(why_with({{"X", value}}) == refusals::bad_field_value.reason);
    CHECK(why(raw_response{.fields = {{"X", value}}}) == refusals::bad_field_value.reason);
  }
}

TEST_CASE("RFC 9112 §3.2: a Host that HTTP refuses is refused", "[http][wire]") {
  CHECK(why_with({{"Host", "a"}, {"host", "a"}}) == refusals::repeated_host.reason);
  CHECK(why_with({{"Host", "a b"}}) == refusals::bad_host.reason);
  CHECK(why_with({{"Host", "b"}}, "http://a/") == wire::errors::host_differs.reason);
  CHECK(why_with({}, "http://a/") == wire::errors::host_differs.reason);
  CHECK(why_with({{"Host", "a"}}, "http://a/").empty());
  CHECK(why_with({}).empty());
}

TEST_CASE("RFC 9112 §6: framing that HTTP refuses is refused", "[http][wire]") {
  CHECK(why_with({{"Content-Length", "5"}}).empty());
  CHECK(why_with({{"Content-Length", "4"}}) == wire::errors::content_length_differs.reason);
  CHECK(why_with({{"Content-Length", "+5"}}) == refusals::bad_content_length.reason);
  CHECK(why_with({{"Content-Length", "5"}, {"Content-Length", "5"}})
        == refusals::repeated_content_length.reason);
  CHECK(why_with({{"Transfer-Encoding", "chunked"}}).empty());
  CHECK(why_with({{"Transfer-Encoding", "gzip"}}) == refusals::bad_transfer_encoding.reason);
  CHECK(why_with({{"Transfer-Encoding", "chunked"}}, "/", 0)
        == refusals::transfer_encoding_in_1_0.reason);
  CHECK(why_with({{"Transfer-Encoding", "chunked"}, {"Content-Length", "5"}})
        == refusals::two_framings.reason);
  CHECK(why_with({{"Expect", "a miracle"}}) == refusals::unknown_expectation.reason);
}

TEST_CASE("a status that is not final is refused", "[http][wire]") {
  for (const auto status : std::vector<std::uint16_t>{0, 100, 199, 600, 65535})
    CHECK(why(raw_response{.status = status}) == wire::errors::bad_status.reason);
}

TEST_CASE("a response cannot bring its own framing", "[http][wire]") {
  CHECK(why(raw_response{.fields = {{"content-length", "5"}}})
        == wire::errors::framing_field.reason);
  CHECK(why(raw_response{.fields = {{"Transfer-Encoding", "chunked"}}})
        == wire::errors::framing_field.reason);
}

// -- one octet ----------------------------------------------------------------------

TEST_CASE("a changed octet is refused, or is another request with its own octets", "[http][wire]") {
  raw_request message;
  message.target = "http://a/b?c";
  message.fields = {{"Host", "a"}, {"Content-Length", "5"}, {"Connection", "close"}};
  const auto whole = message.octets();
  REQUIRE(wire::decode_request(whole).has_value());
  bool is_same = true;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int change = 1; change < 256; ++change) {
      std::string octets = whole;
      octets[at] = static_cast<char>(octets[at] ^ change);
      if (const auto read = wire::decode_request(octets))
        is_same = is_same && octets_of(*read) == octets;
    }
  CHECK(is_same);
}

TEST_CASE("a changed octet is refused, or is another response with its own octets",
          "[http][wire]") {
  const auto whole = raw_response{.fields = {{"Connection", "close, x"}, {"X", "1"}}}.octets();
  bool is_same = true;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int change = 1; change < 256; ++change) {
      std::string octets = whole;
      octets[at] = static_cast<char>(octets[at] ^ change);
      if (const auto read = wire::decode_response(octets)) {
        // A Connection that is not written as `response` writes it is written so from then on.
        const auto own = octets_of(*read);
        const auto again = wire::decode_response(own);
        is_same = is_same && again && octets_of(*again) == own
                  && (own == octets || own.find("Connection") != own.npos);
      }
    }
  CHECK(is_same);
}

#include <sake/http/http1/encoder.hpp>

#include "../../../support/catch.hpp"
#include "../../../support/octets_of.hpp"

#include <sake/http/http1/date.hpp>

#include <array>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

using namespace sake::http;
using sake::test::octets_of;

namespace {

constexpr std::string_view date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

std::string encoded(const response& message, const encode_options& options = {}) {
  output out;
  encode(out, message, options);
  return octets_of(out);
}

} // namespace

TEST_CASE("a response is encoded as status line, Date, fields, length, content",
          "[http][encoder]") {
  const auto message = response::text(200, "Hello").set_header("X-A", "b");
  CHECK(encoded(message, {.date_line = date})
        == "HTTP/1.1 200 OK\r\n"
           "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "X-A: b\r\n"
           "Content-Length: 5\r\n"
           "\r\n"
           "Hello");
}

TEST_CASE("an empty response has a length of 0", "[http][encoder]") {
  CHECK(encoded(response{404}) == "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("RFC 9112 §4: a status without a registered reason keeps its space", "[http][encoder]") {
  CHECK(encoded(response{299}) == "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("RFC 9110 §6.6.1: a Date field set by the handler is kept", "[http][encoder]") {
  const auto message = response{200}.set_header("Date", "Thu, 01 Jan 1970 00:00:00 GMT");
  CHECK(encoded(message, {.date_line = date})
        == "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("a Date line of a clock and any other Date line are encoded alike", "[http][encoder]") {
  date_clock clock;
  CHECK(encoded(response{200}, {.date_line = clock.line(0)})
        == "HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n");
  CHECK(encoded(response{200}, {.date_line = "Date: x\r\n"})
        == "HTTP/1.1 200 OK\r\nDate: x\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("RFC 9112 §6.3: 204 and 304 have neither content nor length", "[http][encoder]") {
  CHECK(encoded(response{204}.content("x")) == "HTTP/1.1 204 No Content\r\n\r\n");
  CHECK(encoded(response{304}.content("x").set_header("ETag", "\"e\""))
        == "HTTP/1.1 304 Not Modified\r\nETag: \"e\"\r\n\r\n");
}

TEST_CASE("RFC 9110 §15.3.6: 205 has a length of 0", "[http][encoder]") {
  CHECK(encoded(response{205}.content("x"))
        == "HTTP/1.1 205 Reset Content\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("RFC 9110 §9.3.2: a response to HEAD has the length of the content but no content",
          "[http][encoder]") {
  CHECK(encoded(response{200}.content("Hello"), {.head_request = true})
        == "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
  CHECK(encoded(response{204}, {.head_request = true}) == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("RFC 9112 §9.6: a response that ends the connection has one Connection: close",
          "[http][encoder]") {
  const std::string closing = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
  const std::string own = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
  const response plain;
  const auto closes = response{200}.set_header("Connection", "close");
  CHECK(encoded(plain, {.keep_alive = false}) == closing);
  CHECK(encoded(plain, {.client_minor_version = 0, .keep_alive = false}) == closing);
  CHECK(encoded(closes, {.keep_alive = false}) == own);
  CHECK(encoded(closes, {.keep_alive = true}) == own);
  CHECK(encoded(closes, {.client_minor_version = 0, .keep_alive = true}) == own);
}

TEST_CASE("RFC 9112 §9.6: a handler's Connection field does not override the connection's decision",
          "[http][encoder]") {
  const auto encoded_with = [](std::string_view value, const encode_options& options) {
    return encoded(response{200}.set_header("Connection", value), options);
  };
  CHECK(encoded_with("keep-alive", {.keep_alive = false})
        == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
  CHECK(encoded_with("Keep-Alive , close", {})
        == "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
  CHECK(encoded_with("Keep-Alive, X-Hop", {.keep_alive = false})
        == "HTTP/1.1 200 OK\r\nConnection: X-Hop\r\nContent-Length: 0\r\n"
           "Connection: close\r\n\r\n");
  CHECK(encoded_with("keep-alive", {.client_minor_version = 0})
        == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
}

TEST_CASE("RFC 9112 §9.3: a persistent HTTP/1.0 connection has Connection: keep-alive",
          "[http][encoder]") {
  CHECK(encoded(response{200}, {.client_minor_version = 0})
        == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n");
  CHECK(encoded(response{200}, {.client_minor_version = 1})
        == "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
}

TEST_CASE("responses are appended one behind the other", "[http][encoder]") {
  output out;
  out.append("before");
  for (std::size_t size : {0, 1, 100, 5000, 100'000})
    encode(out, response{200}.content(std::string(size, 'x')), {.date_line = date});
  const std::string all = octets_of(out);
  std::string_view rest = all;
  REQUIRE(rest.starts_with("before"));
  rest.remove_prefix(6);
  for (std::size_t size : {0, 1, 100, 5000, 100'000}) {
    const std::string expected = "HTTP/1.1 200 OK\r\n" + std::string{date} + "Content-Length: "
                                 + std::to_string(size) + "\r\n\r\n" + std::string(size, 'x');
    REQUIRE(rest.starts_with(expected));
    rest.remove_prefix(expected.size());
  }
  CHECK(rest.empty());
}

TEST_CASE("content from a certain size on goes out from where it lies", "[http][encoder]") {
  const auto gathered = [](const response& message, const encode_options& options = {}) {
    output out;
    encode(out, message, options);
    std::array<std::string_view, 4> views;
    return out.gather(views) == 1 ? nullptr : views[1].data();
  };
  response large{200};
  large.content(std::string(uncopied_content_bytes, 'x'));
  CHECK(gathered(large) == large.content().data());
  CHECK(gathered(large, {.head_request = true}) == nullptr);
  CHECK(gathered(response{large}.status(204)) == nullptr);
  CHECK(gathered(response{200}.content(std::string(uncopied_content_bytes - 1, 'x'))) == nullptr);

  const auto shared = std::make_shared<const std::string>(uncopied_content_bytes, 'y');
  CHECK(gathered(response{200}.content(kept_octets{shared})) == shared->data());
  const auto small = std::make_shared<const std::string>(uncopied_content_bytes - 1, 'y');
  CHECK(gathered(response{200}.content(kept_octets{small})) == nullptr);
}

TEST_CASE("encoded content does not change with its response", "[http][encoder]") {
  output out;
  {
    response message{200};
    message.content(std::string(uncopied_content_bytes, 'x'));
    encode(out, message, {});
    message.content("changed");
  }
  CHECK(octets_of(out).ends_with("\r\n\r\n" + std::string(uncopied_content_bytes, 'x')));
}

TEST_CASE("a buffer has room for the longest possible lines", "[http][encoder]") {
  // From an empty buffer each time: with a limit too small by an octet the encoder writes past its
  // end.
  for (std::size_t size = 0; size < 2048; ++size) {
    const auto message = response{511}.content(std::string(size, 'x'));
    const std::string text = encoded(message, {.date_line = date, .client_minor_version = 0});
    REQUIRE(text.ends_with("Connection: keep-alive\r\n\r\n" + std::string(size, 'x')));
  }
}

TEST_CASE("RFC 9110 §15.2.1: 100 Continue is encoded as an interim response", "[http][encoder]") {
  buffer out;
  encode_continue(out);
  CHECK(out.view() == "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST_CASE("a refusal is encoded as its status and reason, and ends the connection",
          "[http][encoder]") {
  CHECK(encoded(to_response({400, "Host is missing"}), {.date_line = date, .keep_alive = false})
        == "HTTP/1.1 400 Bad Request\r\n"
           "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Content-Length: 16\r\n"
           "Connection: close\r\n"
           "\r\n"
           "Host is missing\n");
}

TEST_CASE("RFC 9110 §15.6.4: a refusal with 503 has a Retry-After field", "[http][encoder]") {
  CHECK(encoded(to_response({503, "busy"}), {.keep_alive = false})
        == "HTTP/1.1 503 Service Unavailable\r\n"
           "Content-Type: text/plain; charset=utf-8\r\n"
           "Retry-After: 1\r\n"
           "Content-Length: 5\r\n"
           "Connection: close\r\n"
           "\r\n"
           "busy\n");
}

// -- content in pieces --------------------------------------------------------------

TEST_CASE("RFC 9112 §6.1: a head announces chunked content", "[http][encoder]") {
  const auto message = response{200}.set_header("X-A", "b").content("left out");
  const auto head = [&message](const encode_options& options, framing how) {
    buffer out;
    encode_head(out, message, options, how);
    return std::string{out.view()};
  };
  CHECK(head({}, framing::chunked)
        == "HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n");
  CHECK(head({.keep_alive = false}, framing::chunked)
        == "HTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
  CHECK(head({.keep_alive = false}, framing::given)
        == "HTTP/1.1 200 OK\r\nX-A: b\r\nConnection: close\r\n\r\n");
}

TEST_CASE("RFC 9112 §7.1: a chunk is encoded as its size in hexadecimal and its octets",
          "[http][encoder]") {
  buffer out;
  encode_chunk(out, "a");
  encode_chunk(out, std::string(26, 'z'));
  encode_chunk(out, std::string_view{"\r\n\0", 3});
  encode_last_chunk(out);
  CHECK(out.view()
        == "1\r\na\r\n1a\r\n" + std::string(26, 'z') + "\r\n3\r\n\r\n"
               + std::string{"\0\r\n0\r\n\r\n", 8});
}

TEST_CASE("RFC 9112 §7.1: empty content is encoded as no chunk, because an empty chunk is the last",
          "[http][encoder]") {
  buffer out;
  encode_chunk(out, {});
  CHECK(out.empty());
}

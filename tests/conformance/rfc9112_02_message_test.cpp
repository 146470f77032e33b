// RFC 9112 §2: the message, its lines, its version.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;

TEST_CASE("RFC 9112 §2.1: a head ends with its first empty line", "[http][rfc9112]") {
  const auto result =
      decode_every_way("GET /a HTTP/1.1\r\nHost: x\r\n\r\nGET /b HTTP/1.1\r\nHost: y\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 1);
  CHECK(result.requests[0].message.path() == "/a");
  CHECK(result.left == 26);
  CHECK_FALSE(result.is_between_requests);
}

TEST_CASE("RFC 9112 §2.2: empty lines before a request line are skipped", "[http][rfc9112]") {
  const auto result = decode_every_way("\r\n\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"
                                       "\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 2);
  CHECK(result.requests[1].message.path() == "/2");
}

TEST_CASE("RFC 9112 §2.2: empty lines after content belong to no request", "[http][rfc9112]") {
  const auto result =
      decode_every_way("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\nhi\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 1);
  CHECK(result.requests[0].message.content() == "hi");
  CHECK(result.left == 0);
  CHECK(result.is_between_requests);
}

TEST_CASE("RFC 9112 §2.2: endless empty lines are refused", "[http][rfc9112]") {
  CHECK(decode_every_way("\r\n\r\n\r\n\r\n\r\n").why == &refusals::empty_lines);
}

TEST_CASE("RFC 9112 §2.2: a line that ends in LF alone is refused", "[http][rfc9112]") {
  const auto* input = GENERATE("GET / HTTP/1.1\nHost: x\r\n\r\n",     //
                               "GET / HTTP/1.1\r\nHost: x\n\r\n",     //
                               "GET / HTTP/1.1\r\nHost: x\r\nA: b\n", //
                               "GET / HTTP/1.1\r\nHost: x\r\n\n",     //
                               "GET / HTTP/1.1\r\n\n");
  CAPTURE(input);
  CHECK(decode_every_way(input).why == &refusals::bare_line_feed);
}

TEST_CASE("RFC 9112 §2.2: a CR without its LF is refused", "[http][rfc9112]") {
  const auto* input = GENERATE("\rGET / HTTP/1.1\r\nHost: x\r\n\r\n", //
                               "GET / HTTP/1.1\r\nHost: x\r\n\rA: b\r\n\r\n",
                               "GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
                               "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\r\n\r\n");
  CAPTURE(input);
  CHECK(decode_every_way(input).why == &refusals::bare_carriage_return);
}

TEST_CASE("RFC 9112 §2.2: a CR inside the request line is refused", "[http][rfc9112]") {
  const auto* input =
      GENERATE("GET\r / HTTP/1.1\r\nHost: x\r\n\r\n", //
               "GET /\r HTTP/1.1\r\nHost: x\r\n\r\n", "GET / HTTP/1.1\r\r\nHost: x\r\n\r\n");
  CAPTURE(input);
  const auto* why = decode_every_way(input).why;
  REQUIRE(why != nullptr);
  CHECK(why->status == 400);
}

TEST_CASE("RFC 9112 §2.2: whitespace before the first field is refused", "[http][rfc9112]") {
  const auto* input = GENERATE("GET / HTTP/1.1\r\n Host: x\r\n\r\n", "GET / HTTP/1.1\r\n\tA: b");
  CAPTURE(input);
  CHECK(decode_every_way(input).why == &refusals::folded_field);
}

TEST_CASE("RFC 9112 §2.2: input that cannot start a request is refused at its first octet",
          "[http][rfc9112]") {
  // A TLS handshake, an empty line without CR, NUL, whitespace, a separator, an 8-bit octet.
  const std::string_view input = GENERATE(as<std::string_view>{}, "\x16", "\n",
                                          std::string_view("\0", 1), " ", "\t", "{", "\x80");
  CAPTURE(static_cast<int>(input[0]));
  CHECK(decode_every_way(input).why == &refusals::bad_start);
}

TEST_CASE("RFC 9112 §2.3: versions 1.0 and 1.1 are accepted, a higher minor version as 1.1",
          "[http][rfc9112]") {
  struct row {
    const char* version;
    int minor;
  };
  const auto [version, minor] =
      GENERATE(values<row>({{"HTTP/1.0", 0}, {"HTTP/1.1", 1}, {"HTTP/1.2", 1}, {"HTTP/1.9", 1}}));
  CAPTURE(version);
  const auto result = decode_every_way("GET / " + std::string{version} + "\r\nHost: x\r\n\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 1);
  CHECK(result.requests[0].message.minor_version() == minor);
}

TEST_CASE("RFC 9112 §2.3: another major version is refused with 505", "[http][rfc9112]") {
  const auto* version = GENERATE("HTTP/0.9", "HTTP/2.0", "HTTP/3.0", "HTTP/9.9");
  CAPTURE(version);
  const auto result = decode_every_way("GET / " + std::string{version} + "\r\nHost: x\r\n\r\n");
  CHECK(result.why == &refusals::unsupported_version);
  CHECK(result.requests.empty());
}

TEST_CASE("RFC 9113 §3.4: the preface of HTTP/2 is refused with 505", "[http][rfc9112]") {
  const auto result = decode_every_way("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  CHECK(result.why == &refusals::unsupported_version);
}

TEST_CASE("RFC 9112 §2.3: a malformed version is refused with 400", "[http][rfc9112]") {
  const auto* version =
      GENERATE("HTTP/1", "HTTP/1.", "HTTP/.1", "HTTP/1.10", "HTTP/01.1", "HTTP/11.1", "http/1.1",
               "HTTP/1,1", "HTTP /1.1", "HTTP/1.1 ", "HTTP/a.1", "HTTP/1.a", "HTTP/-1.1",
               "HTTPS/1.1", "HTCPCP/1.0", "X", "");
  CAPTURE(version);
  const auto result = decode_every_way("GET / " + std::string{version} + "\r\nHost: x\r\n\r\n");
  CHECK(result.why == &refusals::bad_version);
}

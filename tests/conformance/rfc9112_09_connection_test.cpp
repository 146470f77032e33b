// RFC 9112 §9: persistence and pipelining, as the messages decide them.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;

TEST_CASE("RFC 9112 §9.3: version and Connection decide whether a connection persists",
          "[http][rfc9112]") {
  struct row {
    const char* version;
    const char* fields;
    bool keep_alive;
  };
  const auto [version, fields, keep_alive] = GENERATE(values<row>({
      {"1.1", "", true},
      {"1.1", "Connection: close\r\n", false},
      {"1.1", "Connection: CLOSE\r\n", false},
      {"1.1", "Connection: keep-alive\r\n", true},
      {"1.1", "Connection: Upgrade, close\r\n", false},
      {"1.1", "Connection: Upgrade\r\nConnection: close\r\n", false},
      {"1.1", "Connection: close\r\nConnection: keep-alive\r\n", false},
      {"1.1", "Connection: close\r\nConnection: Upgrade\r\n", false},
      {"1.0", "Connection: keep-alive\r\nConnection: Upgrade\r\n", true},
      {"1.1", "Connection: close, keep-alive\r\n", false},
      {"1.1", "Connection: closed\r\n", true},
      {"1.1", "Connection:\r\n", true},
      {"1.1", "Proxy-Connection: close\r\n", true},
      {"1.1", "Close: close\r\n", true},
      {"1.0", "", false},
      {"1.0", "Connection: keep-alive\r\n", true},
      {"1.0", "Connection: Upgrade, Keep-Alive\r\n", true},
      {"1.0", "Connection: keep-alive, close\r\n", false},
      {"1.0", "Connection: close\r\n", false},
      {"1.0", "Proxy-Connection: keep-alive\r\n", false},
      {"1.0", "Keep-Alive: timeout=5\r\n", false},
  }));
  CAPTURE(version, fields);
  const auto result =
      decode_every_way("GET / HTTP/" + std::string{version} + "\r\nHost: x\r\n" + fields + "\r\n");
  REQUIRE(result.why == nullptr);
  CHECK(result.requests.at(0).message.keep_alive() == keep_alive);
}

TEST_CASE("RFC 9112 §9.3.2: pipelined requests are decoded in order and whole", "[http][rfc9112]") {
  std::string input;
  for (int i = 0; i < 16; ++i) {
    const std::string path = "/" + std::to_string(i);
    if (i % 3 == 0)
      input += "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    else if (i % 3 == 1)
      input += "POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc";
    else
      input += "POST " + path
               + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: "
                 "chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n";
  }
  const auto result = decode_every_way(input);
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 16);
  for (std::size_t i = 0; i < 16; ++i) {
    CHECK(result.requests[i].message.path() == "/" + std::to_string(i));
    CHECK(result.requests[i].message.content() == (i % 3 == 0 ? "" : "abc"));
    CHECK(result.requests[i].is_whole);
  }
  CHECK(result.is_between_requests);
}

TEST_CASE("RFC 9112 §9.3.2: a partial request behind whole ones is kept", "[http][rfc9112]") {
  const std::string whole = "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto result = decode_every_way(whole + whole.substr(0, size));
    REQUIRE(result.why == nullptr);
    CHECK(result.requests.size() == 1);
    CHECK(result.left == size);
    CHECK_FALSE(result.is_between_requests);
  }
}

TEST_CASE("RFC 9112 §9.3.2: requests before a refused one are not lost", "[http][rfc9112]") {
  const auto result = decode_every_way("GET /1 HTTP/1.1\r\nHost: x\r\n\r\n"
                                       "GET /2 HTTP/1.1\r\nHost: x\r\n\r\n"
                                       "GET /3 HTTP/1.1\r\n\r\n"
                                       "GET /4 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(result.requests.size() == 2);
  CHECK(result.why == &refusals::missing_host);
}

TEST_CASE("RFC 9112 §11.2: ambiguous framing is refused, so content is never decoded as a request",
          "[http][rfc9112]") {
  const std::string_view smuggled = "GET /admin HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto* framing = GENERATE(
      "Content-Length: 0\r\nTransfer-Encoding: chunked", "Transfer-Encoding: xchunked",
      "Transfer-Encoding: identity", "Transfer-Encoding: chunked, identity",
      "Transfer-Encoding : chunked", "Transfer-Encoding:\r\n chunked",
      "X: x\nTransfer-Encoding: chunked", "Content-Length: 0\r\nContent-Length: 33",
      "Content-Length: 0, 33", "Content-Length: +0", "Content-Length: 0x0",
      "Transfer-Encoding: \"chunked\"", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x");
  CAPTURE(framing);
  const auto result = decode_every_way("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{framing}
                                       + "\r\n\r\n" + std::string{smuggled});
  CHECK(result.why != nullptr);
  CHECK(result.requests.empty());
}

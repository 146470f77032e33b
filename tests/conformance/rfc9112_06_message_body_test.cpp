// RFC 9112 §6: the end of the content.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;

namespace {

sake::test::decoded decode_body(std::string_view fields, std::string_view content = {}) {
  return decode_every_way("POST / HTTP/1.1\r\nHost: x\r\n" + std::string{fields} + "\r\n\r\n"
                          + std::string{content});
}

} // namespace

// -- §6.1 Transfer-Encoding ---------------------------------------------------

TEST_CASE("RFC 9112 §6.1: Transfer-Encoding with Content-Length is refused", "[http][rfc9112]") {
  const auto* fields = GENERATE("Transfer-Encoding: chunked\r\nContent-Length: 5",
                                "Content-Length: 5\r\nTransfer-Encoding: chunked",
                                "Transfer-Encoding: chunked\r\nA: b\r\nContent-Length: 0",
                                "Content-Length: 0\r\nTransfer-Encoding: chunked",
                                "Transfer-Encoding: chunked\r\nContent-Length: x");
  CAPTURE(fields);
  const auto result = decode_body(fields, "0\r\n\r\n");
  CHECK(result.why == &refusals::two_framings);
  CHECK(result.requests.empty());
}

TEST_CASE("RFC 9112 §6.1: Transfer-Encoding in HTTP/1.0 is refused", "[http][rfc9112]") {
  const auto result =
      decode_every_way("POST / HTTP/1.0\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  CHECK(result.why == &refusals::transfer_encoding_in_1_0);
}

// -- §6.2 Content-Length ------------------------------------------------------

TEST_CASE("RFC 9112 §6.2: content has the length that Content-Length gives", "[http][rfc9112]") {
  struct row {
    std::string_view length;
    std::string_view content;
  };
  const auto [length, content] = GENERATE(values<row>({{"0", ""},
                                                       {"1", "a"},
                                                       {"5", "hello"},
                                                       {"005", "hello"},
                                                       {"5", "\r\n\r\n\n"},
                                                       {"3", std::string_view("\0\xff\0", 3)}}));
  CAPTURE(length);
  const auto result = decode_body("Content-Length: " + std::string{length},
                                  std::string{content} + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 2);
  CHECK(result.requests[0].message.content() == content);
  CHECK(result.requests[0].content_length == content.size());
  CHECK(result.requests[0].is_whole);
  CHECK(result.requests[1].message.path() == "/next");
}

TEST_CASE("RFC 9112 §6.2: incomplete content of a known length is waited for", "[http][rfc9112]") {
  const auto result = decode_body("Content-Length: 6", "hello");
  REQUIRE(result.why == nullptr);
  CHECK(result.requests.at(0).message.content() == "hello");
  CHECK_FALSE(result.requests.at(0).is_whole);
  CHECK_FALSE(result.is_between_requests);
}

TEST_CASE("RFC 9110 §8.6: a Content-Length that is not a decimal number is refused",
          "[http][rfc9112]") {
  const auto* value =
      GENERATE("", "-1", "+5", "0x5", "5a", "a", "5.0", "5 ,", "1e3", "5\t5", "5 5", "5;", "\"5\"",
               ",5", "5,5", "5, 5", "18446744073709551616", "99999999999999999999999999", "٥");
  CAPTURE(value);
  CHECK(decode_body("Content-Length: " + std::string{value}).why == &refusals::bad_content_length);
}

TEST_CASE("RFC 9110 §8.6: a second Content-Length is refused, even an equal one",
          "[http][rfc9112]") {
  const auto* fields =
      GENERATE("Content-Length: 5\r\nContent-Length: 5", "Content-Length: 5\r\ncontent-length: 6",
               "Content-Length: 0\r\nA: b\r\nContent-Length: 0", "Content-Length: 5, 6");
  CAPTURE(fields);
  CHECK(decode_body(fields, "hello").why == &refusals::repeated_content_length);
}

TEST_CASE("RFC 9110 §15.5.14: a Content-Length above the limit is refused with 413",
          "[http][rfc9112]") {
  limits max;
  max.content_bytes = 5;
  const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ";
  CHECK(decode_every_way(head + "5\r\n\r\nhello", max).requests.at(0).is_whole);
  CHECK(decode_every_way(head + "6\r\n\r\nhello!", max).why == &refusals::content_too_large);
  CHECK(decode_every_way(head + "18446744073709551615\r\n\r\n").why
        == &refusals::content_too_large);
}

// -- §6.3 message body length -------------------------------------------------

TEST_CASE("RFC 9112 §6.3: a transfer coding other than chunked alone is refused",
          "[http][rfc9112]") {
  const auto* value = GENERATE("gzip, chunked", "chunked, gzip", "chunked, chunked", "identity",
                               "gzip", "chunked;a=b", "\"chunked\"", "xchunked", "chunked,",
                               ",chunked", "", "chunked\x0b", "chunked chunked", "x chunked");
  CAPTURE(value);
  const auto result = decode_body("Transfer-Encoding: " + std::string{value}, "0\r\n\r\n");
  REQUIRE(result.why != nullptr);
  CHECK(result.why->status == 400);
  CHECK(result.requests.empty());
}

TEST_CASE("RFC 9112 §6.3: a second Transfer-Encoding is refused", "[http][rfc9112]") {
  const auto* fields = GENERATE("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
                                "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
                                "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
                                "Transfer-Encoding: chunked\r\nTransfer-Encoding:");
  CAPTURE(fields);
  CHECK(decode_body(fields, "0\r\n\r\n").why == &refusals::bad_transfer_encoding);
}

TEST_CASE("RFC 9112 §6.3: 'chunked' is compared without case", "[http][rfc9112]") {
  const auto result = decode_body("transfer-ENCODING: \tChunKed ", "1\r\na\r\n0\r\n\r\n");
  REQUIRE(result.why == nullptr);
  CHECK(result.requests.at(0).is_chunked);
  CHECK(result.requests.at(0).content_length == std::nullopt);
  CHECK(result.requests.at(0).message.content() == "a");
}

TEST_CASE("RFC 9112 §6.3: a request with neither field has no content", "[http][rfc9112]") {
  const auto result =
      decode_every_way("POST /1 HTTP/1.1\r\nHost: x\r\n\r\nPOST /2 HTTP/1.0\r\n\r\n");
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 2);
  CHECK(result.requests[0].is_whole);
  CHECK(result.requests[0].content_length == 0);
  CHECK(result.requests[1].is_whole);
}

TEST_CASE("RFC 9112 §6.3: content does not depend on the method", "[http][rfc9112]") {
  const auto* method = GENERATE("GET", "HEAD", "DELETE", "BREW");
  CAPTURE(method);
  const auto result = decode_every_way(std::string{method}
                                       + " / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc");
  REQUIRE(result.why == nullptr);
  CHECK(result.requests.at(0).message.content() == "abc");
}

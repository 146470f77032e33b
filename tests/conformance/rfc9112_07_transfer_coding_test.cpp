// RFC 9112 §7: the chunked transfer coding.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;

namespace {

const std::string head = "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";

sake::test::decoded decode_chunks(std::string_view chunks, const limits& max = {}) {
  return decode_every_way(head + std::string{chunks}, max);
}

// The content of `chunks`; requires that the next request is found behind it.
std::string content_of(std::string_view chunks) {
  const auto result = decode_chunks(std::string{chunks} + "GET /next HTTP/1.1\r\nHost: x\r\n\r\n");
  CAPTURE(chunks, sake::test::to_text(result));
  REQUIRE(result.requests.size() == 2);
  REQUIRE(result.requests[0].is_whole);
  REQUIRE(result.requests[0].message.field_count() == 2);
  REQUIRE(result.requests[1].message.path() == "/next");
  return std::string{result.requests[0].message.content()};
}

} // namespace

TEST_CASE("RFC 9112 §7.1: content is the data of all chunks", "[http][rfc9112]") {
  CHECK(content_of("0\r\n\r\n").empty());
  CHECK(content_of("5\r\nhello\r\n0\r\n\r\n") == "hello");
  CHECK(content_of("1\r\na\r\n2\r\nbc\r\n0\r\n\r\n") == "abc");
  CHECK(content_of("4\r\n\r\n\r\n\r\n0\r\n\r\n") == "\r\n\r\n");
  CHECK(content_of("5\r\n0\r\n\r\n\r\n0\r\n\r\n") == "0\r\n\r\n");
}

TEST_CASE("RFC 9112 §7.1: a chunk size is hexadecimal, in either case, with leading zeros",
          "[http][rfc9112]") {
  CHECK(content_of("a\r\n0123456789\r\n0\r\n\r\n") == "0123456789");
  CHECK(content_of("A\r\n0123456789\r\n0\r\n\r\n") == "0123456789");
  CHECK(content_of("1f\r\n" + std::string(31, 'x') + "\r\n0\r\n\r\n") == std::string(31, 'x'));
  CHECK(content_of("00000000000000000000000001\r\na\r\n000000\r\n\r\n") == "a");
}

TEST_CASE("RFC 9112 §7.1: a malformed chunk size is refused", "[http][rfc9112]") {
  const auto* chunks = GENERATE("\r\n", "x\r\n", "-1\r\na\r\n", "+1\r\na\r\n", "0x1\r\na\r\n",
                                "0x\r\n\r\n", "0,\r\n\r\n", "00g\r\n", " 1\r\na\r\n", "1 \r\na\r\n",
                                "1\t\r\na\r\n", "1 2\r\na\r\n", "1g\r\na\r\n", "1,\r\na\r\n",
                                "1.\r\na\r\n", "g\r\n", "1\x01\r\na\r\n", "1\r\r\na\r\n");
  CAPTURE(chunks);
  CHECK(decode_chunks(chunks).why == &refusals::bad_chunk_line);
}

TEST_CASE("RFC 9112 §7.1: a malformed last chunk is refused by the same rules", "[http][rfc9112]") {
  const auto* chunks =
      GENERATE("0 \r\n\r\n", "00;\r\n\r\n", "0 ;\r\n\r\n", "0;a b\r\n\r\n", "0;a=\"\r\n\r\n");
  CAPTURE(chunks);
  CHECK(decode_chunks(chunks).why == &refusals::bad_chunk_line);
}

TEST_CASE("RFC 9112 §7.1: the data of a chunk ends in CRLF", "[http][rfc9112]") {
  const auto* chunks = GENERATE("1\r\nab", "1\r\na\n1\r\n", "1\r\na\rb", "1\r\na0\r\n\r\n",
                                "5\r\nhello0\r\n\r\n", "5\r\nhello\r0");
  CAPTURE(chunks);
  CHECK(decode_chunks(chunks).why == &refusals::bad_chunk_end);
}

TEST_CASE("RFC 9112 §7.1: LF alone ends no line of the chunked coding", "[http][rfc9112]") {
  const auto* chunks = GENERATE("1\na\r\n0\r\n\r\n", "\n", "1;a=\"\n\"\r\na\r\n", "0\n\r\n",
                                "0\r\n\n", "0\r\nA: b\n\r\n", "1\r\na\r\n0\n\n");
  CAPTURE(chunks);
  CHECK(decode_chunks(chunks).why == &refusals::bare_line_feed);
}

TEST_CASE("RFC 9112 §7.1: chunks above the limit on content are refused with 413",
          "[http][rfc9112]") {
  limits max;
  max.content_bytes = 5;
  CHECK(decode_chunks("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", max).requests.at(0).is_whole);
  CHECK(decode_chunks("6\r\n", max).why == &refusals::content_too_large);
  CHECK(decode_chunks("5\r\nabcde\r\n1\r\n", max).why == &refusals::content_too_large);
  CHECK(decode_chunks("3\r\nabc\r\nffffffffffffffff\r\n", max).why == &refusals::content_too_large);
}

TEST_CASE("RFC 9112 §7.1: incomplete chunked content is waited for", "[http][rfc9112]") {
  const auto* chunks = GENERATE("", "5", "5\r", "5\r\n", "5\r\nhel", "5\r\nhello", "5\r\nhello\r",
                                "5\r\nhello\r\n", "5\r\nhello\r\n0", "5\r\nhello\r\n0\r\n",
                                "5\r\nhello\r\n0\r\n\r", "5\r\nhello\r\n0\r\nA: b\r\n");
  CAPTURE(chunks);
  const auto result = decode_chunks(chunks);
  CHECK(result.why == nullptr);
  CHECK_FALSE(result.requests.at(0).is_whole);
  CHECK_FALSE(result.is_between_requests);
}

// -- §7.1.1 chunk extensions --------------------------------------------------

TEST_CASE("RFC 9112 §7.1.1: chunk extensions are checked and dropped", "[http][rfc9112]") {
  const auto* extension = GENERATE(";a", ";a=b", ";a=\"b;c\\\"\"", ";a;b;c=d", " ; a = b ; c",
                                   ";a=\"\"", ";a=\"\xc3\xa4\t \"");
  CAPTURE(extension);
  CHECK(content_of("1" + std::string{extension} + "\r\na\r\n0" + extension + "\r\n\r\n") == "a");
}

TEST_CASE("RFC 9112 §7.1.1: a malformed chunk extension is refused", "[http][rfc9112]") {
  const std::string_view extension =
      GENERATE(as<std::string_view>{}, ";", ";=b", ";a=", ";a=\"b", ";a=\"\r\"", ";a=\"b\"c",
               ";a b", ";a=b c", ";a\x01", std::string_view(";a=\"\0\"", 6), ";a=\"\x1b\"",
               ";a=\"\x7f\"", ";a=\"b\\");
  CAPTURE(extension);
  CHECK(decode_chunks("1" + std::string{extension} + "\r\na\r\n0\r\n\r\n").why
        == &refusals::bad_chunk_line);
}

TEST_CASE("RFC 9112 §7.1.1: a chunk line above its limit is refused", "[http][rfc9112]") {
  limits max;
  max.chunk_line_bytes = 16;
  const auto line = [](std::size_t size) { return "1;" + std::string(size - 4, 'e') + "\r\n"; };
  REQUIRE(line(16).size() == 16);
  CHECK(decode_chunks(line(16) + "a\r\n0\r\n\r\n", max).requests.at(0).is_whole);
  CHECK(decode_chunks(line(17) + "a\r\n0\r\n\r\n", max).why == &refusals::chunk_line_too_long);
  CHECK(decode_chunks("1\r\na\r\n" + line(17), max).why == &refusals::chunk_line_too_long);
  CHECK(decode_chunks("1\r\na\r\n" + std::string(15, '0'), max).why == nullptr);
  CHECK(decode_chunks("1\r\na\r\n" + std::string(16, '0'), max).why
        == &refusals::chunk_line_too_long);
}

// -- §7.1.2 trailer section ---------------------------------------------------

TEST_CASE("RFC 9112 §7.1.2: trailer fields are checked and dropped", "[http][rfc9112]") {
  CHECK(content_of("1\r\na\r\n0\r\nA: b\r\nHost: evil\r\n\r\n") == "a");
}

TEST_CASE("RFC 9112 §7.1.2: a malformed trailer section is refused", "[http][rfc9112]") {
  const auto* trailer = GENERATE("A b: c", "A", ": b", "A : b", "A: \x01", "Content-Length: 5",
                                 "Transfer-Encoding: chunked");
  CAPTURE(trailer);
  CHECK(decode_chunks("0\r\n" + std::string{trailer} + "\r\n\r\n").why == &refusals::bad_trailer);
  CHECK(decode_chunks("0\r\nA: b\r\n c\r\n\r\n").why == &refusals::folded_field);
}

TEST_CASE("RFC 9112 §7.1.2: a trailer section above its limits is refused with 431",
          "[http][rfc9112]") {
  limits max;
  max.field_section_bytes = 64;
  max.field_count = 3;
  const auto line = [](std::size_t size) { return "A: " + std::string(size - 5, 'b') + "\r\n"; };
  CHECK(decode_chunks("0\r\n" + line(64) + "\r\n", max).requests.at(0).is_whole);
  CHECK(decode_chunks("0\r\n" + line(65) + "\r\n", max).why == &refusals::field_section_too_large);
  CHECK(decode_chunks("0\r\nA:\r\nA:\r\nA:\r\n\r\n", max).requests.at(0).is_whole);
  CHECK(decode_chunks("0\r\nA:\r\nA:\r\nA:\r\nA:\r\n\r\n", max).why == &refusals::too_many_fields);
}

// -- refusal before a line is complete ------------------------------------------

TEST_CASE("RFC 9112 §7.1: a wrong chunk line is refused at its first wrong octet",
          "[http][rfc9112]") {
  const auto* chunks =
      GENERATE("\r", "x", "-", " ", ";", "1g", "1,", "1\x01", "1 2", "1 \r", "1\rx",
               "1;=", "1;a=\x01", "1;a b", "1;a=b c", "1;a=\"\x1b", "1;a=\"b\"c", "1;\r", "1;a=\r",
               "1;a=\"b\r", "0x", "0 \r", "0;a=\"\x01", "1\r\na\r\ng");
  CAPTURE(chunks);
  CHECK(decode_chunks(chunks).why == &refusals::bad_chunk_line);
}

TEST_CASE("RFC 9112 §7.1: a chunk size above the limit is refused before its line ends",
          "[http][rfc9112]") {
  limits max;
  max.content_bytes = 0x1f;
  const auto* chunks =
      GENERATE("20", "0020", "10000000000000000", "ffffffffffffffffffff", "1\r\na\r\n1f");
  CAPTURE(chunks);
  CHECK(decode_chunks(chunks, max).why == &refusals::content_too_large);
  CHECK(decode_chunks("1f", max).why == nullptr);
}

TEST_CASE("RFC 9112 §7.1: the first of several errors in a chunk line is reported",
          "[http][rfc9112]") {
  limits max;
  max.chunk_line_bytes = 8;
  CHECK(decode_chunks("1;\x01\n", max).why == &refusals::bad_chunk_line);
  CHECK(decode_chunks("1;\x01" + std::string(20, 'a'), max).why == &refusals::bad_chunk_line);
  CHECK(decode_chunks("1;" + std::string(20, 'a') + "\x01\r\n", max).why
        == &refusals::chunk_line_too_long);
}

TEST_CASE("RFC 9112 §7.1.2: a wrong trailer line is refused at its first wrong octet",
          "[http][rfc9112]") {
  const auto* trailer = GENERATE("A b", ":", "A\r", "A: \x01", "A: b\rc", "A: b\r\nB ",
                                 "Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\nA: b");
  CAPTURE(trailer);
  CHECK(decode_chunks("0\r\n" + std::string{trailer}).why == &refusals::bad_trailer);
  CHECK(decode_chunks("0\r\n" + std::string{trailer} + "\n b\n").why == &refusals::bad_trailer);
}

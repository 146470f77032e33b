// RFC 9112 §5: field lines.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;

namespace {

// The result of decoding a request with `line` among its field lines.
sake::test::decoded decode_with(std::string_view line) {
  return decode_every_way("GET / HTTP/1.1\r\nHost: x\r\n" + std::string{line} + "\r\nZ: z\r\n\r\n");
}

} // namespace

TEST_CASE("RFC 9112 §5: names and values are kept in order and unchanged", "[http][rfc9112]") {
  const auto result = decode_every_way("GET / HTTP/1.1\r\nHost: x\r\nA: 1\r\nb:2\r\nA: 3\r\n\r\n");
  REQUIRE(result.requests.size() == 1);
  const request& message = result.requests[0].message;
  REQUIRE(message.field_count() == 4);
  CHECK(message.field_at(1).name == "A");
  CHECK(message.field_at(2).name == "b");
  CHECK(message.field_at(2).value == "2");
  CHECK(message.field_at(3).value == "3");
  CHECK(message.header("a") == "1");
}

TEST_CASE("RFC 9112 §5: whitespace around a value is not part of it", "[http][rfc9112]") {
  struct row {
    std::string_view line;
    std::string_view value;
  };
  const auto [line, value] = GENERATE(values<row>({{"A:b", "b"},
                                                   {"A: \t b \t ", "b"},
                                                   {"A: b\tc  d ", "b\tc  d"},
                                                   {"A:", ""},
                                                   {"A: \t ", ""},
                                                   {"A: b:c", "b:c"}}));
  CAPTURE(line);
  const auto result = decode_with(line);
  REQUIRE(result.why == nullptr);
  CHECK(result.requests.at(0).message.header("a") == value);
  CHECK(result.requests.at(0).message.header("z") == "z");
}

TEST_CASE("RFC 9110 §5.5: a value may contain 8-bit octets", "[http][rfc9112]") {
  const auto result = decode_with("A: \x80gr\xc3\xbc\xc3\x9f\xff");
  REQUIRE(result.why == nullptr);
  CHECK(result.requests.at(0).message.header("a") == "\x80gr\xc3\xbc\xc3\x9f\xff");
}

TEST_CASE("RFC 9110 §5.5: a value with a control octet is refused", "[http][rfc9112]") {
  const char octet = GENERATE('\0', '\x01', '\x08', '\x0b', '\x1b', '\x1f', '\x7f');
  const std::string around = GENERATE("", "b");
  CAPTURE(static_cast<int>(octet), around);
  CHECK(decode_with("A: " + around + octet + around).why == &refusals::bad_field_value);
}

TEST_CASE("RFC 9112 §5.1: a line without a token and a colon is refused", "[http][rfc9112]") {
  const std::string_view line = GENERATE(
      as<std::string_view>{}, "A", "A b: c", ": b", ":", "A(b: c", "A@: b", "\"A\": b", "A/b: c",
      "A\x7f: b", "A\xc3: b", "\x01: b", std::string_view("\0: b", 4), "{A}: b", "A\tb: c");
  CAPTURE(line);
  CHECK(decode_with(line).why == &refusals::bad_field_name);
}

TEST_CASE("RFC 9112 §5.1: whitespace between name and colon is refused", "[http][rfc9112]") {
  const auto* line =
      GENERATE("A : b", "A\t: b", "Content-Length : 5", "Transfer-Encoding : chunked");
  CAPTURE(line);
  CHECK(decode_with(line).why == &refusals::bad_field_name);
}

TEST_CASE("RFC 9112 §5.2: a folded line is refused", "[http][rfc9112]") {
  const auto* line = GENERATE("A: b\r\n c", "A: b\r\n\tc", "A:\r\n b", "A: b\r\n ",
                              "A: b\r\n \r\n c", "A:\r\n chunked");
  CAPTURE(line);
  CHECK(decode_with(line).why == &refusals::folded_field);
}

TEST_CASE("RFC 9110 §7.6.1: Connection is a list of tokens", "[http][rfc9112]") {
  const auto* value = GENERATE("", "close", "keep-alive, Upgrade", ", close ,,", "a,b,c");
  CAPTURE(value);
  CHECK(decode_with("Connection: " + std::string{value}).why == nullptr);
}

TEST_CASE("RFC 9110 §7.6.1: a Connection field that is not a list of tokens is refused",
          "[http][rfc9112]") {
  const auto* value = GENERATE("close;x", "a b", "\"close\"", "close=1", "(close)");
  CAPTURE(value);
  CHECK(decode_with("Connection: " + std::string{value}).why == &refusals::bad_field_value);
}

TEST_CASE("RFC 9110 §10.1.1: an expectation other than 100-continue is refused",
          "[http][rfc9112]") {
  const auto expects = [](const std::string& head) {
    const auto result = decode_every_way(head + "Host: x\r\n\r\n");
    REQUIRE(result.why == nullptr);
    return result.requests.at(0).message.data().expects_continue;
  };
  CHECK(expects("POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n"));
  CHECK(expects("POST / HTTP/1.1\r\nExpect: 100-Continue\r\nTransfer-Encoding: chunked\r\n"));
  CHECK(expects("POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: , 100-continue ,,\r\n"));
  CHECK(expects("POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\nExpect:\r\n"));
  CHECK_FALSE(expects("POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect:\r\n"));
  CHECK_FALSE(expects("POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: , \r\n"));
  CHECK_FALSE(expects("POST / HTTP/1.1\r\nContent-Length: 1\r\n"));
  CHECK_FALSE(expects("POST / HTTP/1.1\r\nExpect: 100-continue\r\n"));
  CHECK_FALSE(expects("POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0\r\n"));
  CHECK_FALSE(expects("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n"));

  const auto* line =
      GENERATE("Expect: 200-ok", "Expect: 100-continue; x", "Expect: 100-continue, magic",
               "Expect: magic, 100-continue", "Expect: 100-continue\r\nExpect: magic");
  CAPTURE(line);
  CHECK(decode_with(line).why == &refusals::unknown_expectation);
}

TEST_CASE("RFC 9112 §2.2: a wrong line is refused at its first wrong octet, before the head ends",
          "[http][rfc9112]") {
  struct row {
    std::string_view seen;
    const refusal* why;
  };
  const auto [seen, why] = GENERATE(values<row>({
      {"G(", &refusals::bad_method},
      {"GET /\x01", &refusals::bad_target},
      {"GET /#", &refusals::bad_target_octet},
      {"GET / F", &refusals::bad_version},
      {"GET / HTTP/1.1 ", &refusals::bad_version},
      {"GET / HTTP/2.0\r\n", &refusals::unsupported_version},
      {"GET x HTTP/1.1\r\n", &refusals::bad_target},
      {"GET /%zz HTTP/1.1\r\n", &refusals::bad_percent_encoding},
      {"GET / HTTP/1.1\r\nBad ", &refusals::bad_field_name},
      {"GET / HTTP/1.1\r\nNoColon\r", &refusals::bad_field_name},
      {"GET / HTTP/1.1\r\nA: \x01", &refusals::bad_field_value},
      {"GET / HTTP/1.1\r\nA: b\rc", &refusals::bare_carriage_return},
      {"GET / HTTP/1.1\r\nHost: a b\r\n", &refusals::bad_host},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n", &refusals::repeated_host},
      {"POST / HTTP/1.1\r\nContent-Length: x\r\n", &refusals::bad_content_length},
      {"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n", &refusals::bad_transfer_encoding},
      {"POST / HTTP/1.1\r\nExpect: magic\r\n", &refusals::unknown_expectation},
  }));
  CAPTURE(seen);
  CHECK(decode_every_way(std::string{seen}).why == why);
  // One octet earlier the head is not refused.
  CHECK(decode_every_way(std::string{seen.substr(0, seen.size() - 1)}).why == nullptr);
}

TEST_CASE("RFC 9112 §2.2: the first of several errors is reported, however the head is split",
          "[http][rfc9112]") {
  CHECK(decode_every_way("GET / HTTP/1.1\r\nHost: a b\r\nX\n\r\n").why == &refusals::bad_host);
  CHECK(decode_every_way("GET /| HTTP/1.1\r\nHost: a\nX: y\r\n\r\n").why
        == &refusals::bad_target_octet);
  CHECK(decode_every_way("POST / HTTP/1.1\r\nContent-Length: 99999999\r\nA b: c\r\n\r\n").why
        == &refusals::bad_field_name);
}

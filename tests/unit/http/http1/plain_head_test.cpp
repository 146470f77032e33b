#include <sake/http/http1/detail/plain_head.hpp>

#include "../../../support/catch.hpp"
#include "../../../support/strict_head.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using namespace sake::http;
using sake::test::are_same;
using sake::test::read_strictly;
using sake::test::taken_head;

namespace {

std::optional<taken_head> read(std::string_view input, const limits& max = {}) {
  const std::vector<char> copy(input.begin(), input.end()); // a sanitizer sees a read past its end
  detail::plain_head head{{copy.data(), copy.size()}};
  if (head.size() == 0)
    return std::nullopt;
  taken_head taken;
  taken.size = head.size();
  if (!head.read(max, taken.message.data(), taken.content))
    return std::nullopt;
  return taken;
}

// Both ways take it, as the same.
void check_plain(std::string_view input, const limits& max = {}) {
  CAPTURE(input);
  const auto strict = read_strictly(input, max);
  const auto plain = read(input, max);
  REQUIRE(strict);
  REQUIRE(plain);
  CHECK(are_same(*plain, *strict));
}

std::string with_field(std::string_view line) {
  return "POST /a HTTP/1.1\r\nHost: a\r\n" + std::string{line} + "\r\n\r\n";
}

} // namespace

TEST_CASE("plain heads are read as the strict layer reads them", "[http][plain_head]") {
  for (const auto* line :
       {"Connection: keep-alive", "connection: close", "CONNECTION: Upgrade", "Content-Length: 5",
        "Transfer-Encoding: chunked", "Expect: 100-continue",
        "Expect:", "Empty:", "Empty: ", "Empty: \t ", "No-Blank:value", "Blanks: \t value\t ",
        "Inner: a  b", "Bytes: \x80\xff", "!#$%&'*+-.^_`|~: token", "Colon: a:b"})
    check_plain(with_field(line));
  for (const auto* line : {"GET / HTTP/1.1", "GET / HTTP/1.0", "HEAD /a%20b?c=d&e HTTP/1.1",
                           "OPTIONS /?? HTTP/1.1", "M-SEARCH /[x] HTTP/1.1"})
    check_plain(std::string{line} + "\r\nHost: example.org:80\r\n\r\n");
  check_plain("GET / HTTP/1.0\r\n\r\n");
}

TEST_CASE("octets behind a plain head are not looked at", "[http][plain_head]") {
  const std::string head = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
  for (const auto* rest : {"G", "\n", "\r\n\r\n", "\x01\x02", "GET / HTTP/1.1\r\n\r\n"}) {
    check_plain(head + rest);
    CHECK(read(head + rest)->size == head.size());
  }
}

TEST_CASE("a head of any length is read, whichever block a line ends in", "[http][plain_head]") {
  for (std::size_t n = 1; n < 300; ++n) {
    const std::string filling(n, 'x');
    check_plain("GET /" + filling + " HTTP/1.1\r\nHost: a\r\n\r\n");
    check_plain("GET / HTTP/1.1\r\n" + filling + ": y\r\nHost: a\r\n\r\n");
    check_plain("GET / HTTP/1.1\r\nHost: a\r\nx: " + filling + "\r\n\r\nGET /");
  }
}

TEST_CASE("an incomplete head is not plain", "[http][plain_head]") {
  const std::string head = with_field("A: " + std::string(100, 'b'));
  for (std::size_t n = 0; n < head.size(); ++n)
    CHECK_FALSE(read(std::string_view{head}.substr(0, n)));
  CHECK(read(head));
}

TEST_CASE("whatever a rule may refuse is left to the strict layer", "[http][plain_head]") {
  for (const auto* line :
       {"Host: b", "Content-Length: x", "Content-Length: 1\r\nContent-Length: 1",
        "Content-Length: 1\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 1", "Transfer-Encoding: gzip, chunked",
        "Expect: else", "Connection: a, b", "Connection: ", "Proxy-Connection: close", "No colon",
        "Blank : a", " folded: a", ": nameless", "Bad\x80name: a", "Null: a\x01", "Del: \x7f",
        "Bare: a\rb", "Bare: a\nb"})
    CHECK_FALSE(read(with_field(line)));
  for (const auto* line :
       {"GET  / HTTP/1.1", "GET / HTTP/1.2", "GET / HTTP/2.0", "GET / http/1.1", "GET /  HTTP/1.1",
        "GET / HTTP/1.1 ", "GET /%00 HTTP/1.1", "GET /%g0 HTTP/1.1", "GET /# HTTP/1.1",
        " / HTTP/1.1", "GET * HTTP/1.1", "OPTIONS * HTTP/1.1", "CONNECT a:1 HTTP/1.1",
        "CONNECT / HTTP/1.1", "GET http://a/ HTTP/1.1", "GET /", "GET", "G\x80T / HTTP/1.1", ""})
    CHECK_FALSE(read(std::string{line} + "\r\nHost: a\r\n\r\n"));
  CHECK_FALSE(read("GET / HTTP/1.1\r\n\r\n"));
  CHECK_FALSE(read("GET / HTTP/1.1\nHost: a\n\n"));
  CHECK_FALSE(read("GET / HTTP/1.1\r\nHost: a\r\n\t\n"));
  // Another control octet in the place of each CR.
  const std::string whole = "GET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n";
  for (auto at = whole.find('\r'); at != std::string::npos; at = whole.find('\r', at + 1)) {
    std::string other = whole;
    other[at] = '\x01';
    CAPTURE(at);
    CHECK_FALSE(read(other));
  }
  CHECK_FALSE(read("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"));
}

TEST_CASE("limits of a head are exact", "[http][plain_head]") {
  const std::string line = "GET /123 HTTP/1.1\r\n";
  const std::string fields = "Host: a\r\nA: b\r\n";
  const std::string head = line + fields + "\r\n";
  limits max;
  for (const std::size_t less : {0, 1}) {
    const bool fits = less == 0;
    limits of_line = max;
    of_line.request_line_bytes = line.size() - less;
    limits of_section = max;
    of_section.field_section_bytes = fields.size() - less;
    limits of_count = max;
    of_count.field_count = 2 - less;
    for (const auto& each : {of_line, of_section, of_count}) {
      CHECK(read_strictly(head, each).has_value() == fits);
      CHECK(read(head, each).has_value() == fits);
    }
  }
}

TEST_CASE("a very long head is left to the strict layer", "[http][plain_head]") {
  limits max;
  max.field_section_bytes = 64 * 1024;
  CHECK(read(with_field("A: " + std::string(16'000, 'a')), max));
  CHECK_FALSE(read(with_field("A: " + std::string(17'000, 'a')), max));
}

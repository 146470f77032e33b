// RFC 9112 §3: the request line, its method, its target; Host.
#include "../support/catch.hpp"
#include "../support/decode.hpp"

using namespace sake::http;
using sake::test::decode_every_way;

namespace {

const refusal* why_refused(const std::string& method, const std::string& target) {
  return decode_every_way(method + ' ' + target + " HTTP/1.1\r\nHost: x\r\n\r\n").why;
}

request decode_one(const std::string& input) {
  auto result = decode_every_way(input);
  CAPTURE(input);
  REQUIRE(result.why == nullptr);
  REQUIRE(result.requests.size() == 1);
  return result.requests[0].message;
}

request decode_target(const std::string& method, const std::string& target) {
  return decode_one(method + ' ' + target + " HTTP/1.1\r\nHost: x\r\n\r\n");
}

const refusal* why_host_refused(const std::string& host) {
  return decode_every_way("GET / HTTP/1.1\r\nHost: " + host + "\r\n\r\n").why;
}

} // namespace

// -- §3 request line ----------------------------------------------------------

TEST_CASE("RFC 9112 §3: exactly one space stands on each side of the target", "[http][rfc9112]") {
  const auto* line =
      GENERATE("GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET\t/ HTTP/1.1", "GET /\tHTTP/1.1",
               "GET / a HTTP/1.1", "GET HTTP/1.1", "GET /", "GET / ", "GET ", "GET");
  CAPTURE(line);
  const auto* why = decode_every_way(std::string{line} + "\r\nHost: x\r\n\r\n").why;
  REQUIRE(why != nullptr);
  CHECK(why->status == 400);
}

TEST_CASE("RFC 9112 §3: a request line above its limit is refused with 414", "[http][rfc9112]") {
  limits max;
  max.request_line_bytes = 64;
  const auto line = [](std::size_t size) {
    constexpr std::string_view rest = "GET / HTTP/1.1\r\n";
    return "GET /" + std::string(size - rest.size(), 'a') + " HTTP/1.1\r\n";
  };
  const std::string fields = "Host: x\r\n\r\n";

  SECTION("a line of exactly the limit is accepted") {
    REQUIRE(line(64).size() == 64);
    CHECK(decode_every_way(line(64) + fields, max).why == nullptr);
  }
  SECTION("a line one octet longer is refused") {
    CHECK(decode_every_way(line(65) + fields, max).why == &refusals::request_line_too_long);
  }
  SECTION("a line without an end is refused as soon as it is too long") {
    const std::string unended = "GET /" + std::string(59, 'a');
    CHECK(decode_every_way(unended.substr(0, 63), max).why == nullptr);
    CHECK(decode_every_way(unended, max).why == &refusals::request_line_too_long);
  }
  SECTION("a method alone that is too long is refused with 501") {
    const std::string method(64, 'G');
    CHECK(decode_every_way(method.substr(1), max).why == nullptr);
    CHECK(decode_every_way(method, max).why == &refusals::method_too_long);
    CHECK(decode_every_way(method + " / HTTP/1.1\r\n" + fields, max).why
          == &refusals::method_too_long);
    CHECK(refusals::method_too_long.status == 501);
  }
  SECTION("the default limit accepts a request line of 8000 octets") {
    CHECK(sake::test::decode(line(8000) + fields).why == nullptr);
  }
}

// -- §3.1 method --------------------------------------------------------------

TEST_CASE("RFC 9112 §3.1: a method is any token, and its case matters", "[http][rfc9112]") {
  struct row {
    const char* token;
    sake::http::method known;
  };
  const auto [token, known] = GENERATE(values<row>({{"GET", method::get},
                                                    {"HEAD", method::head},
                                                    {"POST", method::post},
                                                    {"PUT", method::put},
                                                    {"DELETE", method::delete_},
                                                    {"PATCH", method::patch},
                                                    {"OPTIONS", method::options},
                                                    {"TRACE", method::trace},
                                                    {"get", method::other},
                                                    {"BREW", method::other},
                                                    {"!#$%&'*+-.^_`|~09", method::other}}));
  const auto message = decode_target(token, "/");
  CHECK(message.method_token() == token);
  CHECK(message.method() == known);
}

TEST_CASE("RFC 9112 §3.1: a method that is not a token is refused", "[http][rfc9112]") {
  const auto* method = GENERATE("G(T", "GET:", "G\"T", "G\x01T", "G\x7fT", "G\xc3T", "G,T", "GE/T");
  CAPTURE(method);
  CHECK(why_refused(method, "/") == &refusals::bad_method);
}

// -- §3.2 Host ----------------------------------------------------------------

TEST_CASE("RFC 9112 §3.2: HTTP/1.1 without Host is refused, HTTP/1.0 is not", "[http][rfc9112]") {
  CHECK(decode_every_way("GET / HTTP/1.1\r\n\r\n").why == &refusals::missing_host);
  CHECK(decode_every_way("GET / HTTP/1.1\r\nA: b\r\n\r\n").why == &refusals::missing_host);
  CHECK(decode_every_way("GET http://x/ HTTP/1.1\r\n\r\n").why == &refusals::missing_host);
  CHECK(decode_every_way("GET / HTTP/1.0\r\n\r\n").why == nullptr);
}

TEST_CASE("RFC 9112 §3.2: a second Host is refused in every version", "[http][rfc9112]") {
  const auto* input = GENERATE("GET / HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n",
                               "GET / HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n",
                               "GET / HTTP/1.1\r\nHost:\r\nA: b\r\nHost:\r\n\r\n",
                               "GET / HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n");
  CAPTURE(input);
  CHECK(decode_every_way(input).why == &refusals::repeated_host);
}

TEST_CASE("RFC 9112 §3.2: Host is empty, or a host and an optional port", "[http][rfc9112]") {
  const auto* host =
      GENERATE("", "x", "example.com", "EXAMPLE.com:8080", "example.com:", "127.0.0.1:80", "[::1]",
               "[::1]:8080", "[2001:db8::192.0.2.1]", "[v1.a:b]", "a-b_c~d!$&'()*+,;=e",
               "%41%c3%a4.example");
  CAPTURE(host);
  CHECK(why_host_refused(host) == nullptr);
}

TEST_CASE("RFC 9112 §3.2: any other Host is refused", "[http][rfc9112]") {
  const auto* host = GENERATE(
      "a b", "a/b", "a?b", "a#b", "user@x", "x:8a", "x:80:80", "x:-1", ":80", "http://x", "[::1",
      "::1", "[::1]x", "[::1]x:80", "[:::1]", "[1]", "[]", "[fe80::1%25eth0]", "[v.a]", "[v1.]",
      "[v1]", "[vg.a]", "[v1.a]b", "%4", "%", "%zz", "a\\b", "a\"b", "a<b", "a^b", "a|b", "a{b",
      "\xc3\xa4", "a,b c", "x]", "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]");
  CAPTURE(host);
  CHECK(why_host_refused(host) == &refusals::bad_host);
}

// -- §3.2.1 origin-form -------------------------------------------------------

TEST_CASE("RFC 9112 §3.2.1: the path ends at the first '?'", "[http][rfc9112]") {
  struct row {
    const char* target;
    const char* path;
    const char* query;
  };
  const auto [target, path, query] = GENERATE(values<row>({
      {"/", "/", ""},
      {"/where?q=now", "/where", "q=now"},
      {"/a/b/?", "/a/b/", ""},
      {"/?a=b?c=/d", "/", "a=b?c=/d"},
      {"//a//b", "//a//b", ""},
      {"/a%20b/%C3%A4?%zz=%", "/a%20b/%C3%A4", "%zz=%"},
      {"/a[]b?[]", "/a[]b", "[]"},
      {"/*", "/*", ""},
      {"/http://x/", "/http://x/", ""},
  }));
  const auto message = decode_target("GET", target);
  CHECK(message.target() == target);
  CHECK(message.path() == path);
  CHECK(message.query() == query);
}

TEST_CASE("RFC 9112 §3.2: a target with a fragment or an 8-bit octet is refused",
          "[http][rfc9112]") {
  const auto* target = GENERATE("/#", "/a#b", "/?a#b", "/\xc3\xa4", "/?\xc3\xa4", "/\x80", "/\xff");
  CAPTURE(target);
  CHECK(why_refused("GET", target) == &refusals::bad_target_octet);
}

TEST_CASE("RFC 3986 §2: a target with an octet outside the URI characters is refused",
          "[http][rfc9112]") {
  const std::string octet(1, GENERATE('"', '<', '>', '\\', '^', '`', '{', '|', '}'));
  CAPTURE(octet);
  CHECK(why_refused("GET", "/a" + octet) == &refusals::bad_target_octet);
  CHECK(why_refused("GET", "/?" + octet + "b") == &refusals::bad_target_octet);
  CHECK(why_refused("GET", "http://x/" + octet) == &refusals::bad_target_octet);
  CHECK_THROWS_AS(request::make("GET", "/" + octet), std::invalid_argument);
}

TEST_CASE("RFC 9112 §3.2: a target with a control octet is refused", "[http][rfc9112]") {
  const std::string control(1, GENERATE('\0', '\x01', '\x1f', '\x7f', '\t'));
  CHECK(why_refused("GET", "/a" + control + "b") == &refusals::bad_target);
  CHECK(why_refused("GET", "/?a" + control + "b") == &refusals::bad_target);
}

TEST_CASE("RFC 9112 §3.2.1: '%' in a path must be followed by two hexadecimal digits",
          "[http][rfc9112]") {
  const auto* target =
      GENERATE("/%", "/%4", "/%zz", "/%4g", "/%g4", "/a%2/b", "/%?%41", "/%4?1", "/%%41");
  CAPTURE(target);
  CHECK(why_refused("GET", target) == &refusals::bad_percent_encoding);
  CHECK(why_refused("GET", "/a%00b") == &refusals::encoded_nul);
}

TEST_CASE("RFC 9112 §3.2: a target in none of the four forms is refused", "[http][rfc9112]") {
  const auto* target = GENERATE("index.html", "?a", "example.com", "example.com:80", "ftp://x/",
                                "http:/x", "http:x", "http", "://x/", "**", "*/", "javascript:x");
  CAPTURE(target);
  CHECK(why_refused("GET", target) == &refusals::bad_target);
}

// -- §3.2.2 absolute-form -----------------------------------------------------

TEST_CASE("RFC 9112 §3.2.2: the authority of an absolute target replaces Host", "[http][rfc9112]") {
  struct row {
    const char* target;
    const char* path;
    const char* query;
    const char* host;
  };
  const auto [target, path, query, host] = GENERATE(values<row>({
      {"http://example.com/a?b", "/a", "b", "example.com"},
      {"HTTPS://example.com:8443/", "/", "", "example.com:8443"},
      {"http://example.com", "/", "", "example.com"},
      {"http://[::1]:80?b=/c", "/", "b=/c", "[::1]:80"},
      {"http://a/http://b/", "/http://b/", "", "a"},
  }));
  const auto message = decode_target("GET", target);
  CHECK(message.target() == target);
  CHECK(message.path() == path);
  CHECK(message.query() == query);
  CHECK(message.header("host") == host);
  CHECK(message.field_count() == 1);
}

TEST_CASE(
    "RFC 9112 §3.2.2: the authority of an absolute target stands in for a missing HTTP/1.0 Host",
    "[http][rfc9112]") {
  const auto message = decode_one("GET http://a.example/p HTTP/1.0\r\nA: b\r\n\r\n");
  CHECK(message.header("HOST") == "a.example");
  CHECK(message.header("a") == "b");
  CHECK(message.field_count() == 2);
}

TEST_CASE("RFC 9112 §3.2.2: an absolute target is checked like any other", "[http][rfc9112]") {
  CHECK(why_refused("GET", "http://") == &refusals::bad_authority);
  CHECK(why_refused("GET", "http:///a") == &refusals::bad_authority);
  CHECK(why_refused("GET", "http://?a") == &refusals::bad_authority);
  CHECK(why_refused("GET", "http://:80/") == &refusals::bad_authority);
  CHECK(why_refused("GET", "http://x:8a/") == &refusals::bad_authority);
  CHECK(why_refused("GET", "http://a|b/") == &refusals::bad_target_octet);
  CHECK(why_refused("GET", "http://x/%") == &refusals::bad_percent_encoding);
  CHECK(why_refused("GET", "http://x/#a") == &refusals::bad_target_octet);
  CHECK(why_refused("GET", "http://x#a") == &refusals::bad_target_octet);
}

TEST_CASE("RFC 9110 §4.2.4: userinfo in a target is refused", "[http][rfc9112]") {
  CHECK(why_refused("GET", "http://user@x/") == &refusals::userinfo);
  CHECK(why_refused("GET", "http://good.example@evil.example/") == &refusals::userinfo);
  CHECK(why_refused("GET", "http://x/@") == nullptr);
}

// -- §3.2.3 authority-form ----------------------------------------------------

TEST_CASE("RFC 9112 §3.2.3: only CONNECT takes a host and a port as target", "[http][rfc9112]") {
  const auto message = decode_target("CONNECT", "example.com:443");
  CHECK(message.method() == method::connect);
  CHECK(message.target() == "example.com:443");
  CHECK(message.path().empty());
  CHECK(decode_target("CONNECT", "[::1]:1").target() == "[::1]:1");
  CHECK(decode_target("CONNECT", "x:65535").target() == "x:65535");

  const auto* target =
      GENERATE("/", "*", "example.com", "example.com:", ":80", "x:0", "x:65536",
               "x:99999999999999999999", "x:+80", "http://x:80/", "u@x:80", "x:80/");
  CAPTURE(target);
  CHECK(why_refused("CONNECT", target) == &refusals::authority_form);
}

// -- §3.2.4 asterisk-form -----------------------------------------------------

TEST_CASE("RFC 9112 §3.2.4: only OPTIONS takes '*' as target", "[http][rfc9112]") {
  const auto message = decode_target("OPTIONS", "*");
  CHECK(message.target() == "*");
  CHECK(message.path() == "*");
  CHECK(decode_target("OPTIONS", "/a").path() == "/a");
  CHECK(why_refused("GET", "*") == &refusals::asterisk_form);
  CHECK(why_refused("options", "*") == &refusals::asterisk_form);
}

#include "../../support/catch.hpp"

#include <sake/http/uri.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

using sake::http::parse_query;
using sake::http::percent_decode;
using sake::http::percent_encode;
using sake::http::query_parameter;
using sake::http::query_value;

namespace {

std::optional<std::string> decoded(std::string_view in) {
  std::string out;
  if (!percent_decode(in, out))
    return std::nullopt;
  return out;
}

using parameters = std::vector<query_parameter>;

} // namespace

TEST_CASE("RFC 3986 §2.1: percent-encoded octets are decoded", "[uri][rfc3986]") {
  CHECK(decoded("") == "");
  CHECK(decoded("plain") == "plain");
  CHECK(decoded("a%20b") == "a b");
  CHECK(decoded("%41%42%43") == "ABC");
  CHECK(decoded("%c3%A9") == "\u00e9");
  CHECK(decoded("%2F%2f") == "//");
  CHECK(decoded("%25%32%30") == "%20");
  CHECK(decoded("%00%ff") == std::string("\0\xFF", 2));
  CHECK(decoded("a+b") == "a+b");
}

TEST_CASE("decoding appends to its output", "[uri]") {
  std::string out = "/users/";
  CHECK(percent_decode("a%2Fb", out));
  CHECK(out == "/users/a/b");
}

TEST_CASE("a malformed escape is refused and leaves the output unchanged", "[uri]") {
  for (const std::string_view in : {"%", "%4", "a%", "a%4", "%zz", "%4z", "%z4", "%%41", "ok%20%g0",
                                    "% 41", "%-1", "%+1", "%0x", "%u0041"}) {
    std::string out = "before";
    INFO(in);
    CHECK_FALSE(percent_decode(in, out));
    CHECK(out == "before");
  }
}

TEST_CASE("RFC 3986 §3.3: octets allowed in a path segment stay, others are encoded",
          "[uri][rfc3986]") {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789-._~!$&'()*+,;=:@";
  CHECK(percent_encode(allowed) == allowed);
  CHECK(percent_encode("a b/c?d#e%f") == "a%20b%2Fc%3Fd%23e%25f");
  CHECK(percent_encode("\u00e9") == "%C3%A9");
  CHECK(percent_encode(std::string_view("\0\x7F\xFF", 3)) == "%00%7F%FF");
  for (int c = 0; c < 256; ++c) {
    const std::string octet(1, static_cast<char>(c));
    const std::string encoded = percent_encode(octet);
    CHECK(encoded.size() == (allowed.find(octet) != std::string_view::npos ? 1 : 3));
    CHECK(decoded(encoded) == octet);
  }
}

TEST_CASE("a query is a list of parameters in their order", "[uri]") {
  CHECK(parse_query("").empty());
  CHECK(parse_query("a=1") == parameters{{"a", "1"}});
  CHECK(parse_query("b=2&a=1&b=3") == parameters{{"b", "2"}, {"a", "1"}, {"b", "3"}});
  CHECK(parse_query("a") == parameters{{"a", ""}});
  CHECK(parse_query("a=") == parameters{{"a", ""}});
  CHECK(parse_query("=1") == parameters{{"", "1"}});
  CHECK(parse_query("=") == parameters{{"", ""}});
  CHECK(parse_query("a=b=c") == parameters{{"a", "b=c"}});
  CHECK(parse_query("&&a=1&&b=2&") == parameters{{"a", "1"}, {"b", "2"}});
  CHECK(parse_query("&").empty());
  CHECK(parse_query("a;b=1") == parameters{{"a;b", "1"}});
}

TEST_CASE("names and values of a query are decoded", "[uri]") {
  CHECK(parse_query("a+b=c+d%2B") == parameters{{"a b", "c d+"}});
  CHECK(parse_query("%61%3D=%26") == parameters{{"a=", "&"}});
  CHECK(parse_query("%c3%a9=\xC3\xA9") == parameters{{"\u00e9", "\u00e9"}});
  CHECK(parse_query("a=%00") == parameters{{"a", std::string(1, '\0')}});
}

TEST_CASE("the URL standard: a malformed escape in a query is kept as it is", "[uri]") {
  CHECK(parse_query("a=%") == parameters{{"a", "%"}});
  CHECK(parse_query("a=100%&b=%4") == parameters{{"a", "100%"}, {"b", "%4"}});
  CHECK(parse_query("%zz=%%41") == parameters{{"%zz", "%A"}});
  CHECK(parse_query("a=%&41") == parameters{{"a", "%"}, {"41", ""}});
}

TEST_CASE("a single value is found without parsing the others", "[uri]") {
  CHECK(query_value("a=1&b=2&a=3", "a") == "1");
  CHECK(query_value("a=1&b=2", "b") == "2");
  CHECK(query_value("a=1&b", "b") == "");
  CHECK(query_value("a+b=c+%64", "a b") == "c d");
  CHECK(query_value("%61=x", "a") == "x");
  CHECK(query_value("%zz=x", "%zz") == "x");
  CHECK(query_value("=x", "") == "x");
  CHECK(query_value("a=1", "b") == std::nullopt);
  CHECK(query_value("ab=1", "a") == std::nullopt);
  CHECK(query_value("a=1", "ab") == std::nullopt);
  CHECK(query_value("%61=1", "%61") == std::nullopt);
  CHECK(query_value("A=1", "a") == std::nullopt);
  CHECK(query_value("", "a") == std::nullopt);
  CHECK(query_value("&&", "") == std::nullopt);
}

TEST_CASE("query_value and parse_query agree on every short query", "[uri]") {
  constexpr std::string_view alphabet = "a=&%+4";
  std::size_t queries = 1;
  for (std::size_t size = 0; size <= 5; ++size, queries *= alphabet.size()) {
    for (std::size_t n = 0; n < queries; ++n) {
      std::string raw;
      for (std::size_t i = 0, rest = n; i < size; ++i, rest /= alphabet.size())
        raw += alphabet[rest % alphabet.size()];
      const auto all = parse_query(raw);
      for (const std::string_view name : {"", "a", "aa", "%", " ", "4", "D"}) {
        std::optional<std::string> first;
        for (const auto& parameter : all)
          if (!first && parameter.name == name)
            first = parameter.value;
        if (query_value(raw, name) != first)
          FAIL("they differ on " << name << " in " << raw);
      }
    }
  }
  SUCCEED("all agree");
}

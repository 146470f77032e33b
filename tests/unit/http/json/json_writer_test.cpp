#include "../../../support/catch.hpp"

#include <sake/http/json/json_writer.hpp>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <string_view>

using sake::json_writer;

namespace {

template <class Calls>
std::string written(Calls calls) {
  std::string text;
  json_writer out{text};
  calls(out);
  return text;
}

std::string string_of(std::string_view text) {
  return written([&](json_writer& out) { out.string(text); });
}

template <class T>
std::string real_of(T value) {
  return written([&](json_writer& out) { out.real(value); });
}

} // namespace

TEST_CASE("a value is appended to the string", "[json]") {
  std::string text = "data: ";
  json_writer out{text};
  out.int64(5);
  CHECK(text == "data: 5");
}

TEST_CASE("commas and colons are written where JSON requires them", "[json]") {
  const std::string text = written([](json_writer& out) {
    out.begin_object();
    out.key("a");
    out.begin_array();
    out.int64(1);
    out.begin_array();
    out.end_array();
    out.begin_object();
    out.end_object();
    out.null();
    out.end_array();
    out.key("b");
    out.boolean(true);
    out.key("c");
    out.boolean(false);
    out.end_object();
  });
  CHECK(text == R"({"a":[1,[],{},null],"b":true,"c":false})");
}

TEST_CASE("nesting has no limit", "[json]") {
  constexpr int depth = 5'000;
  const std::string text = written([](json_writer& out) {
    for (int i = 0; i < depth; ++i)
      out.begin_array();
    for (int i = 0; i < depth; ++i)
      out.end_array();
  });
  CHECK(text == std::string(depth, '[') + std::string(depth, ']'));
}

TEST_CASE("two writers may work on one thread", "[json]") {
  std::string outer_text;
  json_writer outer{outer_text};
  outer.begin_array();
  const std::string inner = string_of("inner");
  outer.string(inner);
  outer.end_array();
  CHECK(inner == R"("inner")");
  CHECK(outer_text == R"(["\"inner\""])");
}

TEST_CASE("RFC 8259 §7: characters that must be escaped are escaped in every position",
          "[json][rfc8259]") {
  for (int c = 0; c < 0x80; ++c) {
    const char octet = static_cast<char>(c);
    std::string expected(1, octet);
    if (c == '"' || c == '\\')
      expected = std::string{'\\', octet};
    else if (c == '\b')
      expected = "\\b";
    else if (c == '\f')
      expected = "\\f";
    else if (c == '\n')
      expected = "\\n";
    else if (c == '\r')
      expected = "\\r";
    else if (c == '\t')
      expected = "\\t";
    else if (c < 0x20) {
      constexpr char digits[] = "0123456789ABCDEF";
      expected = std::string{"\\u00"} + digits[c / 16] + digits[c % 16];
    }
    for (std::size_t size = 1; size < 20; ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        const std::string before(at, 'x');
        const std::string after(size - at - 1, 'y');
        INFO("octet " << c << " at " << at << " of " << size);
        CHECK(string_of(before + octet + after) == '"' + before + expected + after + '"');
      }
    }
  }
}

TEST_CASE("other characters are not escaped", "[json]") {
  CHECK(string_of("</script>") == R"("</script>")");
  CHECK(string_of("\x7F") == "\"\x7F\"");
  CHECK(string_of("\u00e9\u2028\U0001F600") == "\"\u00e9\u2028\U0001F600\"");
  CHECK(string_of("") == R"("")");
  CHECK(string_of(std::string_view{}) == R"("")");
}

TEST_CASE("names are escaped as strings are", "[json]") {
  const std::string text = written([](json_writer& out) {
    out.begin_object();
    out.key("a\"b\xFF");
    out.null();
    out.end_object();
  });
  CHECK(text == "{\"a\\\"b\uFFFD\":null}");
}

TEST_CASE("octets that are not UTF-8 become U+FFFD", "[json]") {
  struct example {
    std::string_view in;
    std::string_view out;
  };
  const example examples[] = {
      {"\x80", "\uFFFD"},                               // a continuation alone
      {"a\xC3", "a\uFFFD"},                             // cut off
      {"\xC3(", "\uFFFD("},                             // not continued
      {"\xC0\xAF", "\uFFFD\uFFFD"},                     // overlong, two octets
      {"\xE0\x80\xAF", "\uFFFD\uFFFD\uFFFD"},           // overlong, three
      {"\xF0\x80\x80\xAF", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // overlong, four
      {"\xED\xA0\x80", "\uFFFD\uFFFD\uFFFD"},           // a surrogate
      {"\xF4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}, // past U+10FFFF
      {"\xF5\xFF", "\uFFFD\uFFFD"},                     // never in UTF-8
      {"\xE2\x82z", "\uFFFDz"},                         // a maximal subpart is replaced once
      {"\xF0\x9F\x98\"", "\uFFFD\\\""},                 // the quote after it is kept
      {"\xED\x9F\xBF\xEE\x80\x80", "\uD7FF\uE000"},     // the neighbours of the surrogates
      {"\xF4\x8F\xBF\xBF", "\U0010FFFF"},               // the last character
  };
  for (const auto& [in, out] : examples)
    CHECK(string_of(in) == '"' + std::string{out} + '"');
}

TEST_CASE("strings longer than any buffer are written whole", "[json]") {
  for (const std::size_t size : {500u, 509u, 510u, 511u, 512u, 513u, 1'024u, 100'000u}) {
    const std::string plain(size, 'x');
    const std::string quotes(size, '"');
    std::string escaped;
    for (std::size_t i = 0; i < size; ++i)
      escaped += "\\\"";
    const std::string text = written([&](json_writer& out) {
      out.begin_array();
      out.string(plain);
      out.string(quotes);
      out.string("end");
      out.end_array();
    });
    CHECK(text == "[\"" + plain + "\",\"" + escaped + "\",\"end\"]");
  }
}

TEST_CASE("integers are written exactly, to the limits of 64 bits", "[json]") {
  using signed_limits = std::numeric_limits<std::int64_t>;
  const std::string text = written([](json_writer& out) {
    out.begin_array();
    out.int64(0);
    out.int64(signed_limits::min());
    out.int64(signed_limits::max());
    out.uint64(std::numeric_limits<std::uint64_t>::max());
    out.end_array();
  });
  CHECK(text == "[0,-9223372036854775808,9223372036854775807,18446744073709551615]");
}

TEST_CASE("reals are written so that they read back as the same number", "[json]") {
  CHECK(real_of(0.1) == "0.1");
  CHECK(real_of(3.0) == "3.0");
  CHECK(real_of(-0.0) == "-0.0");
  CHECK(real_of(0.1f) == "0.1");
  CHECK(real_of(3.0f) == "3.0");
  CHECK(real_of(-1e30f) == "-1e+30");
  for (const double value : {1.0 / 3, 5e-324, 1.7976931348623157e308, 2.2250738585072014e-308, 1e21,
                             123456789.123456789, -1e-7})
    CHECK(std::strtod(real_of(value).c_str(), nullptr) == value);
}

TEST_CASE("JSON has no NaN and no infinity: they become null", "[json]") {
  CHECK(real_of(std::nan("")) == "null");
  CHECK(real_of(std::numeric_limits<double>::infinity()) == "null");
  CHECK(real_of(-std::numeric_limits<double>::infinity()) == "null");
  CHECK(real_of(std::nanf("")) == "null");
  CHECK(real_of(std::numeric_limits<float>::infinity()) == "null");
}

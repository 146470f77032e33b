#include "../../../support/catch.hpp"
#include "../../../support/json.hpp"

#include <sake/http/json/json.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using sake::json_error;
using sake::read_json;
using sake::test::value_of;

namespace {

struct item {
  std::string name;
  double price = 0;
  std::optional<int> count;
  std::vector<item> parts{{"a default", 1, {}, {}}};

  friend bool operator==(const item&, const item&) = default;
};
SAKE_JSON(item, name, price, count, parts);

struct order {
  std::int8_t id = 0;
  std::vector<item> items;
  std::map<std::string, bool> flags;
  std::optional<std::vector<bool>> bits;

  friend bool operator==(const order&, const order&) = default;
};
SAKE_JSON(order, id, items, flags, bits);

struct renamed {
  int class_ = 0;
};
template <class Visitor>
constexpr void describe_json(Visitor& visitor, std::type_identity<renamed>) {
  visitor.template member<&renamed::class_>("class");
}

struct nothing {};
SAKE_JSON(nothing);

constexpr std::string_view whole_order =
    R"( { "id" : -5, "items": [{"name":"caf\u00e9 \ud83d\ude00","price":1.5e2,"parts":[]},)"
    R"({"parts":[{"name":"\"\\\/\b\f\n\r\t","price":0,"parts":[]}],"count":3,"price":-2,"name":""}],)"
    R"("flags":{"":true,"b":false},"unknown":[{"x":[null,1e5,"s"]},true],"bits":[true,false] } )";

template <class T>
json_error error_of(std::string_view text, std::size_t depth_limit = sake::http::json_depth_limit) {
  const auto result = read_json<T>(text, depth_limit);
  INFO(text);
  REQUIRE_FALSE(result.has_value());
  return result.error();
}

template <class T>
bool is_read(std::string_view text) {
  return read_json<T>(text).has_value();
}

} // namespace

TEST_CASE("scalars are read as the type that is asked for", "[json]") {
  CHECK(value_of<bool>("true") == true);
  CHECK(value_of<bool>(" false\n") == false);
  CHECK(value_of<int>("-0") == 0);
  CHECK(value_of<double>("1") == 1.0);
  CHECK(value_of<float>("0.1") == 0.1f);
  CHECK(value_of<std::string>(R"("")").empty());
  CHECK(value_of<std::string>(R"("a\u0000b")") == std::string("a\0b", 3));
  CHECK(value_of<std::optional<int>>("null") == std::nullopt);
  CHECK(value_of<std::optional<int>>("4") == 4);
  CHECK(value_of<std::optional<std::optional<int>>>("null") == std::nullopt);
}

TEST_CASE("containers are read with their elements", "[json]") {
  CHECK(value_of<std::vector<int>>("[]").empty());
  CHECK(value_of<std::vector<int>>("[1, 2]") == std::vector{1, 2});
  CHECK(value_of<std::vector<bool>>("[true,false]") == std::vector{true, false});
  CHECK(value_of<std::list<std::deque<int>>>("[[1],[],[2,3]]")
        == std::list<std::deque<int>>{{1}, {}, {2, 3}});
  CHECK(value_of<std::vector<std::optional<int>>>("[1,null]")
        == std::vector<std::optional<int>>{1, std::nullopt});
  CHECK(value_of<std::map<std::string, int>>(R"({"a":1,"b":2})")
        == std::map<std::string, int>{{"a", 1}, {"b", 2}});
  CHECK(value_of<std::unordered_map<std::string, std::vector<int>>>(R"({"a":[1]})")
        == std::unordered_map<std::string, std::vector<int>>{{"a", {1}}});
}

TEST_CASE("a struct is read by its description", "[json]") {
  const order expected{
      -5,
      {{"caf\u00e9 \U0001F600", 150, {}, {}}, {"", -2, 3, {{"\"\\/\b\f\n\r\t", 0, {}, {}}}}},
      {{"", true}, {"b", false}},
      {{true, false}}};
  CHECK(value_of<order>(whole_order) == expected);
  CHECK(value_of<renamed>(R"({"class":7})").class_ == 7);
  CHECK(is_read<nothing>("{}"));
  CHECK(is_read<nothing>(R"({"anything":[{}]})"));
  CHECK(value_of<item>(R"({"\u006eame":"escaped","price":1,"parts":[]})").name == "escaped");
}

TEST_CASE("a written value reads back the same", "[json]") {
  const auto first = value_of<order>(whole_order);
  std::string text;
  sake::json_writer out{text};
  write_json(out, first);
  CHECK(value_of<order>(text) == first);
}

TEST_CASE("an error names the value, the place and the reason", "[json]") {
  struct example {
    std::string_view text;
    std::size_t offset;
    std::string_view path;
    std::string_view reason;
  };
  const example examples[] = {
      {"[]", 0, "", "expected an object, found an array"},
      {R"({"id":300})", 6, "id",
       "expected an integer from -128 to 127, found a number out of that range"},
      {R"({"id" : "x"})", 8, "id", "expected an integer from -128 to 127, found a string"},
      {R"({"id":null})", 6, "id", "expected an integer from -128 to 127, found null"},
      {R"({"id":1,"items":{}})", 16, "items", "expected an array, found an object"},
      {R"({"items":[1]})", 10, "items[0]", "expected an object, found a number"},
      {R"({"items":[{"name":true}]})", 18, "items[0].name", "expected a string, found a boolean"},
      {R"({"items":[{"name":"","price":1,"parts":[]}, {"price": "1"}]})", 54, "items[1].price",
       "expected a number, found a string"},
      {R"({"items":[{"parts":[{"count":[]}]}]})", 29, "items[0].parts[0].count",
       "expected an integer from -2147483648 to 2147483647, found an array"},
      {R"({"items":[{"price":1,"parts":[]}]})", 31, "items[0]", R"(the member "name" is missing)"},
      {R"({"flags":{"a b":1}})", 16, R"(flags["a b"])", "expected a boolean, found a number"},
      {R"({"flags":{"a":{}}})", 14, "flags.a", "expected a boolean, found an object"},
      {R"({"bits":[true,null]})", 14, "bits[1]", "expected a boolean, found null"},
      {R"({"id":1,"id":2})", 8, "id", "this member is there already"},
      {R"({"flags":{"k":true,"k":true}})", 19, "flags.k", "this member is there already"},
      {R"({"id":1)", 7, "", "expected ',' or '}'"},
      {R"({"id":1,})", 8, "", "expected the name of a member"},
      {R"({"id" 1})", 6, "id", "expected ':' after the name of a member"},
      {R"({"id":})", 6, "id", "expected a value"},
      {R"({"bits":[true false]})", 14, "bits", "expected ',' or ']'"},
      {R"({"x":[{"y":nul}]})", 14, "x", "expected a value"},
      {"", 0, "", "expected a value, found nothing"},
      {" ", 1, "", "expected a value, found nothing"},
  };
  for (const auto& [text, offset, path, reason] : examples) {
    const json_error error = error_of<order>(text);
    INFO(text);
    CHECK(error.offset == offset);
    CHECK(error.path == path);
    CHECK(error.reason == reason);
  }
}

TEST_CASE("an error is shown as one line of text", "[json]") {
  CHECK(error_of<order>(R"({"items":[{"price":"x"}]})").message()
        == "items[0].price: expected a number, found a string (octet 19)");
  CHECK(error_of<int>("[]").message()
        == "expected an integer from -2147483648 to 2147483647, found an array (octet 0)");
}

TEST_CASE("an error shows only the start of a long name", "[json]") {
  using map = std::map<std::string, int>;
  CHECK(error_of<map>("{\"" + std::string(100'000, 'k') + "\":true}").path
        == std::string(40, 'k') + "...");
  // The cut does not split a character: the 40th octet is the first half of one.
  CHECK(error_of<map>("{\"" + std::string(39, 'k') + "\u00e9\":true}").path
        == "[\"" + std::string(39, 'k') + "...\"]");
}

TEST_CASE("every truncated text is refused", "[json]") {
  const std::size_t end = whole_order.find_last_of('}');
  for (std::size_t size = 0; size <= end; ++size) {
    // On the heap, so that the sanitizer sees each octet read past the end.
    const std::string_view start = whole_order.substr(0, size);
    const std::vector<char> octets(start.begin(), start.end());
    INFO(size);
    CHECK_FALSE(is_read<order>({octets.data(), octets.size()}));
  }
  CHECK(is_read<order>(whole_order.substr(0, end + 1)));
}

TEST_CASE("a text with one changed octet never crashes the reader", "[json]") {
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole_order.size(); ++at) {
    for (const char octet : {'\0', '"', '\\', '{', ']', ',', '9', '\x80', '\xED', '\n'}) {
      std::string text{whole_order};
      text[at] = octet;
      const auto result = read_json<order>(text);
      refused += result ? 0u : 1u;
      CHECK(result.error().offset <= text.size());
      CHECK(result.has_value() == result.error().reason.empty());
    }
  }
  CHECK(refused > whole_order.size());
}

TEST_CASE("a text must be exactly one value", "[json]") {
  for (const std::string_view text : {"1 2", "1,", "{}{}", "[]]", "{}}", "nullnull"}) {
    CHECK_FALSE(is_read<std::optional<nothing>>(text));
    CHECK_FALSE(is_read<std::optional<int>>(text));
  }
  CHECK(error_of<int>(std::string_view("1\0", 2)).reason == "unexpected text after the value");
  CHECK(error_of<nothing>(std::string_view("{}\0{}", 5)).offset == 2);
  CHECK_FALSE(is_read<std::string>(std::string_view("\"a\0b\"", 5)));
  CHECK_FALSE(is_read<int>(std::string_view("\0", 1)));
}

TEST_CASE("RFC 8259 §2, §6, §7: malformed JSON is refused", "[json][rfc8259]") {
  for (const char* text : {"01", "+1", "-", "1.", ".5", "1e", "1e+", "--1", "0x10", "NaN",
                           "Infinity", "-Infinity", "1_000", "tru", "True", "nul",
                           "\xEF\xBB\xBF"
                           "1"})
    CHECK_FALSE(is_read<double>(text));
  for (const char* text :
       {R"("\x")", R"("\u12")", R"("\u12g4")", "\"\t\"", "\"\n\"", "\"", "'a'", "a"})
    CHECK_FALSE(is_read<std::string>(text));
  for (const char* text : {"[1,]", "[,1]", "[1 2]", "[1", "[", "]", "[1}", "[/**/]", "[//\n]"})
    CHECK_FALSE(is_read<std::vector<int>>(text));
  for (const char* text :
       {"{\"a\":1,}", "{a:1}", "{'a':1}", "{\"a\"}", "{\"a\" 1}", "{1:1}", "{,}", "{"})
    CHECK_FALSE(is_read<nothing>(text));
}

TEST_CASE("halves of surrogate pairs are refused in any position", "[json]") {
  for (const char* text : {R"("\ud800")", R"("\udc00")", R"("\ud800x")", R"("\ud800\n")",
                           R"("\ud800\ud800")", R"("\ud83d\u0041")", R"("\udfff\ud800")"}) {
    CHECK(error_of<std::string>(text).reason == "half of a surrogate pair");
    CHECK_FALSE(is_read<nothing>("{\"ignored\":" + std::string{text} + "}"));
    CHECK_FALSE(is_read<nothing>("{" + std::string{text} + ":1}"));
    CHECK_FALSE(is_read<std::map<std::string, int>>("{" + std::string{text} + ":1}"));
  }
  CHECK(value_of<std::string>(R"("\ud7ff\ue000\ud800\udc00\udbff\udfff")")
        == "\uD7FF\uE000\U00010000\U0010FFFF");
}

TEST_CASE("RFC 8259 §8.1: octets that are not UTF-8 are refused in any position",
          "[json][rfc8259]") {
  for (const char* octets : {"\x80", "\xC3", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80",
                             "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xFF"}) {
    const std::string text = '"' + std::string{octets} + '"';
    CHECK(error_of<std::string>(text).reason == "invalid UTF-8");
    CHECK_FALSE(is_read<nothing>("{\"ignored\":" + text + "}"));
    CHECK_FALSE(is_read<nothing>("{" + text + ":1}"));
  }
  CHECK(value_of<std::string>("\"\u00e9\u20ac\U0001F600\"") == "\u00e9\u20ac\U0001F600");
}

TEST_CASE("nesting beyond the limit is refused without recursion", "[json]") {
  const auto nested = [](std::size_t depth) {
    return "{\"x\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  CHECK(is_read<nothing>(nested(64)));
  const json_error error = error_of<nothing>(nested(65));
  CHECK(error.reason == "nested deeper than 64 levels");
  CHECK(error.offset == 5 + 63);

  CHECK(read_json<nothing>("{}", 1));
  CHECK(error_of<nothing>(R"({"x":[]})", 1).offset == 5);
  CHECK(read_json<int>("1", 0));
  CHECK_FALSE(read_json<nothing>("{}", 0));

  const std::string brackets(1'000'000, '[');
  CHECK_FALSE(is_read<std::vector<int>>(brackets));
  CHECK(error_of<nothing>("{\"x\":" + brackets).reason == "nested deeper than 64 levels");

  std::string braces;
  for (int i = 0; i < 100'000; ++i)
    braces += R"({"parts":[)";
  CHECK(error_of<item>(braces).reason == "nested deeper than 64 levels");
}

TEST_CASE("reading replaces the default value of a member", "[json]") {
  CHECK(value_of<item>(R"({"name":"","price":1,"parts":[]})").parts.empty());
}

TEST_CASE("a result moves its value out", "[json]") {
  auto result = read_json<std::string>("\"" + std::string(100, 'x') + "\"");
  REQUIRE(result);
  const char* octets = result->data();
  const std::string value = *std::move(result);
  CHECK(value.data() == octets);
}

#include "../../../support/catch.hpp"
#include "../../../support/json.hpp"

#include <sake/http/json/json.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using sake::array;
using sake::json_object;
using sake::json_value;
using sake::test::json;

namespace {

// Converts an object in braces, as a context does.
std::string json(json_object members) {
  std::string text;
  sake::json_writer out{text};
  write_json(out, members);
  return text;
}

struct point {
  int x = 0;
  int y = 0;
};
SAKE_JSON(point, x, y);

enum class colour { red };
void to_json(sake::json_writer& out, const colour&) {
  out.string("red");
}

std::string temporary(std::string_view text) {
  return std::string{text} + ", long enough not to be stored inside of the string";
}

template <class Value>
constexpr bool takes_number = requires(void (*take)(Value)) { take({1}); };
template <class Value>
constexpr bool takes_numbers = requires(void (*take)(Value)) {
  take({1, 2});
};
template <class Value>
constexpr bool takes_strings = requires(void (*take)(Value)) {
  take({"a", "b"});
};
template <class Value>
constexpr bool takes_mixture = requires(void (*take)(Value)) {
  take({"a", 1});
};
template <class Value>
constexpr bool takes_members = requires(void (*take)(Value)) {
  take({{"a", 1}});
};
template <class Value>
constexpr bool takes_braces_as_key = requires(void (*take)(Value)) {
  take({{{"a", "b"}, 1}});
};
template <class Value>
constexpr bool takes_one_brace_too_many = requires(void (*take)(Value)) {
  take({{{"a", "b"}}});
};

} // namespace

TEST_CASE("an object is written as braces", "[json]") {
  CHECK(json({}) == "{}");
  CHECK(json({{"a", 1}}) == R"({"a":1})");
  CHECK(json({{"a", "b"}}) == R"({"a":"b"})");
  CHECK(json({{"a", "b"}, {"c", "d"}}) == R"({"a":"b","c":"d"})");
  CHECK(json({{"a", 1}, {"b", 2}, {"c", 3}}) == R"({"a":1,"b":2,"c":3})");
}

TEST_CASE("objects nest, with one member or several", "[json]") {
  CHECK(json({{"o", {}}}) == R"({"o":{}})");
  CHECK(json({{"o", {{"a", 1}}}}) == R"({"o":{"a":1}})");
  CHECK(json({{"o", {{"a", "b"}}}}) == R"({"o":{"a":"b"}})");
  CHECK(json({{"o", {{"a", "b"}, {"c", "d"}}}}) == R"({"o":{"a":"b","c":"d"}})");
  CHECK(json({{"o", {{"p", {{"q", {{"r", nullptr}}}}}}}}) == R"({"o":{"p":{"q":{"r":null}}}})");
  CHECK(json({{"message", "Hello, World!"}, {"n", 3}, {"nested", {{"a", 1}}}})
        == R"({"message":"Hello, World!","n":3,"nested":{"a":1}})");
}

TEST_CASE("an array is written by array()", "[json]") {
  CHECK(json(array({})) == "[]");
  CHECK(json(array({1})) == "[1]");
  CHECK(json(array({1, "two", 3.5, true, nullptr})) == R"([1,"two",3.5,true,null])");
  CHECK(json(array({"a", "b"})) == R"(["a","b"])");
  CHECK(json(array({array({}), array({1}), array({1, 2})})) == "[[],[1],[1,2]]");
  CHECK(json(array({{{"a", 1}}})) == R"([{"a":1}])");
  CHECK(json(array({{{"a", "b"}}, {{"c", "d"}, {"e", "f"}}, {}}))
        == R"([{"a":"b"},{"c":"d","e":"f"},{}])");
  CHECK(json({{"list", array({1, {{"a", array({2})}}})}}) == R"({"list":[1,{"a":[2]}]})");
}

TEST_CASE("every scalar keeps its type", "[json]") {
  const std::string owned = "owned";
  const char* pointer = "pointer";
  const char* null = nullptr;
  CHECK(json({{"b", false},
              {"i", std::numeric_limits<std::int64_t>::min()},
              {"u", std::numeric_limits<std::uint64_t>::max()},
              {"small", std::uint8_t{7}},
              {"d", 0.1},
              {"f", 0.1f},
              {"c", 'c'},
              {"s", owned},
              {"v", std::string_view{"view"}},
              {"p", pointer},
              {"n", null}})
        == R"({"b":false,"i":-9223372036854775808,"u":18446744073709551615,"small":7,"d":0.1,)"
           R"("f":0.1,"c":"c","s":"owned","v":"view","p":"pointer","n":null})");
}

TEST_CASE("members hold whatever write_json takes", "[json]") {
  const std::vector<int> numbers{1, 2};
  CHECK(json({{"numbers", numbers},
              {"map", std::map<std::string, int>{{"k", 1}}},
              {"point", point{1, 2}},
              {"none", std::optional<int>{}},
              {"colour", colour::red},
              {"points", std::vector<point>{{}, {3, 4}}}})
        == R"({"numbers":[1,2],"map":{"k":1},"point":{"x":1,"y":2},"none":null,"colour":"red",)"
           R"("points":[{"x":0,"y":0},{"x":3,"y":4}]})");
}

TEST_CASE("temporaries live until the end of the expression", "[json]") {
  CHECK(json({{temporary("key"), {{"deep", array({temporary("value")})}}}})
        == "{\"" + temporary("key") + "\":{\"deep\":[\"" + temporary("value") + "\"]}}");
}

TEST_CASE("values collected at run time form an array", "[json]") {
  std::vector<json_value> values;
  values.emplace_back(1);
  values.emplace_back("two");
  CHECK(json(values) == R"([1,"two"])");
  CHECK(json({{"values", values}}) == R"({"values":[1,"two"]})");
}

TEST_CASE("ambiguous braces do not compile", "[json]") {
  STATIC_REQUIRE(takes_members<json_value>);
  STATIC_REQUIRE(takes_members<json_object>);
  STATIC_REQUIRE_FALSE(takes_number<json_value>);
  STATIC_REQUIRE_FALSE(takes_numbers<json_value>);
  STATIC_REQUIRE_FALSE(takes_strings<json_value>);
  STATIC_REQUIRE_FALSE(takes_mixture<json_value>);
  STATIC_REQUIRE_FALSE(takes_braces_as_key<json_object>);
  STATIC_REQUIRE_FALSE(takes_one_brace_too_many<json_object>);
}

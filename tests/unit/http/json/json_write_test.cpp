#include "../../../support/catch.hpp"
#include "../../../support/json.hpp"

#include <sake/http/json/json.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

using sake::test::json;

namespace {

struct point {
  int x = 0;
  int y = 0;
};
SAKE_JSON(point, x, y);

struct shape {
  std::string name;
  std::optional<double> area;
  std::vector<point> corners;
  std::vector<shape> parts;
};
SAKE_JSON(shape, name, area, corners, parts);

struct nothing {};
SAKE_JSON(nothing);

struct base {
  int id = 1;
};

struct derived : base {
  int more = 2;
};
SAKE_JSON(derived, id, more);

struct renamed {
  int class_ = 7;
};
template <class Visitor>
constexpr void describe_json(Visitor& visitor, std::type_identity<renamed>) {
  visitor.template member<&renamed::class_>("class");
}

struct wide {
  int a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8;
  int c1, c2, c3, c4, c5, c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8;
  int e1, e2, e3, e4, e5, e6, e7, e8, f1, f2, f3, f4, f5, f6, f7, f8;
  int g1, g2, g3, g4, g5, g6, g7, g8, h1, h2, h3, h4, h5, h6, h7, h8;
};
SAKE_JSON(wide, a1, a2, a3, a4, a5, a6, a7, a8, b1, b2, b3, b4, b5, b6, b7, b8, c1, c2, c3, c4, c5,
          c6, c7, c8, d1, d2, d3, d4, d5, d6, d7, d8, e1, e2, e3, e4, e5, e6, e7, e8, f1, f2, f3,
          f4, f5, f6, f7, f8, g1, g2, g3, g4, g5, g6, g7, g8, h1, h2, h3, h4, h5, h6, h7, h8);

enum class colour { red, green };
void to_json(sake::json_writer& out, const colour& c) {
  out.string(c == colour::red ? "red" : "green");
}

// A range with a to_json of its own.
struct tags : std::vector<int> {};
void to_json(sake::json_writer& out, const tags& t) {
  out.begin_object();
  out.key("count");
  write_json(out, t.size());
  out.end_object();
}

struct opaque {};
enum class unwritable { one };

template <class T>
concept writable = requires(sake::json_writer& out, const T& value) { write_json(out, value); };

} // namespace

TEST_CASE("scalars become JSON scalars", "[json]") {
  CHECK(json(true) == "true");
  CHECK(json(nullptr) == "null");
  CHECK(json(-5) == "-5");
  CHECK(json(std::int8_t{-128}) == "-128");
  CHECK(json(std::uint8_t{255}) == "255");
  CHECK(json(18446744073709551615ull) == "18446744073709551615");
  CHECK(json(1.5) == "1.5");
  CHECK(json(1.5f) == "1.5");
  CHECK(json(1.5l) == "1.5");
  CHECK(json('c') == R"("c")");
  CHECK(json("text") == R"("text")");
  CHECK(json(std::string{"a\0b", 3}) == R"("a\u0000b")");
  CHECK(json(std::string_view{"view"}) == R"("view")");
  const char* pointer = "pointer";
  CHECK(json(pointer) == R"("pointer")");
  pointer = nullptr;
  CHECK(json(pointer) == "null");
}

TEST_CASE("an optional is its value or null", "[json]") {
  CHECK(json(std::optional<int>{}) == "null");
  CHECK(json(std::optional<int>{3}) == "3");
  CHECK(json(std::vector<std::optional<std::string>>{"a", std::nullopt}) == R"(["a",null])");
}

TEST_CASE("ranges become arrays", "[json]") {
  CHECK(json(std::vector<int>{}) == "[]");
  CHECK(json(std::vector<int>{1, 2}) == "[1,2]");
  CHECK(json(std::vector<bool>{true, false}) == "[true,false]");
  CHECK(json(std::array<double, 2>{0.5, 1}) == "[0.5,1.0]");
  CHECK(json(std::list<std::deque<int>>{{1}, {}, {2, 3}}) == "[[1],[],[2,3]]");
  const int plain[] = {4, 5};
  CHECK(json(plain) == "[4,5]");
}

TEST_CASE("maps with string keys become objects", "[json]") {
  CHECK(json(std::map<std::string, int>{}) == "{}");
  CHECK(json(std::map<std::string, int>{{"b", 2}, {"a", 1}}) == R"({"a":1,"b":2})");
  CHECK(json(std::unordered_map<std::string_view, bool>{{"k", true}}) == R"({"k":true})");
  CHECK(json(std::map<std::string, std::map<std::string, int>>{{"a", {{"b", 1}}}})
        == R"({"a":{"b":1}})");
}

TEST_CASE("a described struct becomes an object without its empty optionals", "[json]") {
  CHECK(json(point{1, -2}) == R"({"x":1,"y":-2})");
  CHECK(json(nothing{}) == "{}");
  CHECK(json(derived{}) == R"({"id":1,"more":2})");
  CHECK(json(renamed{}) == R"({"class":7})");
  const shape square{"square", 4.0, {{0, 0}, {2, 2}}, {{"empty", std::nullopt, {}, {}}}};
  CHECK(json(square)
        == R"({"name":"square","area":4.0,"corners":[{"x":0,"y":0},{"x":2,"y":2}],)"
           R"("parts":[{"name":"empty","corners":[],"parts":[]}]})");
}

TEST_CASE("a struct of 64 members can be described", "[json]") {
  wide all{};
  all.a1 = 1;
  all.h8 = 64;
  const std::string text = json(all);
  CHECK(text.starts_with(R"({"a1":1,"a2":0,)"));
  CHECK(text.ends_with(R"("h7":0,"h8":64})"));
  CHECK(std::count(text.begin(), text.end(), ':') == 64);
}

TEST_CASE("a type's own to_json takes precedence", "[json]") {
  CHECK(json(colour::green) == R"("green")");
  CHECK(json(tags{{1, 2, 3}}) == R"({"count":3})");
  CHECK(json(std::vector<colour>{colour::red}) == R"(["red"])");
}

TEST_CASE("types without a JSON form do not compile", "[json]") {
  STATIC_REQUIRE(writable<int>);
  STATIC_REQUIRE_FALSE(writable<opaque>);
  STATIC_REQUIRE_FALSE(writable<unwritable>);
  STATIC_REQUIRE_FALSE(writable<int*>);
  STATIC_REQUIRE_FALSE(writable<void*>);
  STATIC_REQUIRE_FALSE(writable<wchar_t>);
  STATIC_REQUIRE_FALSE(writable<char32_t>);
  STATIC_REQUIRE_FALSE(writable<std::map<int, int>>);
  STATIC_REQUIRE_FALSE(writable<std::filesystem::path>);
  STATIC_REQUIRE_FALSE(writable<base>);
}

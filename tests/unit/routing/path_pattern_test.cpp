#include "../../support/catch.hpp"

#include <sake/routing/path_pattern.hpp>

#include <string>
#include <string_view>
#include <vector>

using sake::routing::path_pattern;
using kind = path_pattern::kind;

namespace {

// Segments as text: "=users :id *path".
std::string segments_of(std::string_view pattern) {
  std::string result;
  const auto parsed = path_pattern::parse(pattern);
  REQUIRE(parsed.has_value());
  for (const auto& segment : parsed->segments()) {
    if (!result.empty())
      result += ' ';
    result += segment.kind == kind::literal ? '=' : segment.kind == kind::parameter ? ':' : '*';
    result += segment.text;
  }
  return result;
}

std::string refusal_of(std::string_view pattern) {
  const auto parsed = path_pattern::parse(pattern);
  REQUIRE(parsed.has_error());
  return parsed.error();
}

std::string shape_of(std::string_view pattern) {
  const auto parsed = path_pattern::parse(pattern);
  REQUIRE(parsed.has_value());
  return parsed->shape();
}

} // namespace

TEST_CASE("a path pattern is split at its slashes", "[routing][pattern]") {
  CHECK(segments_of("/") == "=");
  CHECK(segments_of("/users") == "=users");
  CHECK(segments_of("/users/") == "=users =");
  CHECK(segments_of("/users/:id") == "=users :id");
  CHECK(segments_of("/users/:id/posts/:post-id/") == "=users :id =posts :post-id =");
  CHECK(segments_of("/files/*path") == "=files *path");
  CHECK(segments_of("/*all") == "*all");
  CHECK(segments_of("/:a/:b/*rest") == ":a :b *rest");
  CHECK(segments_of("/a//b") == "=a = =b");
}

TEST_CASE("a path pattern keeps its text", "[routing][pattern]") {
  CHECK(path_pattern::parse("/users/:id")->text() == "/users/:id");
}

TEST_CASE("':' and '*' are special only at the start of a segment", "[routing][pattern]") {
  CHECK(segments_of("/at/12:30/a*b") == "=at =12:30 =a*b");
}

TEST_CASE("RFC 3986 §3.3: a literal may contain every octet of a path segment",
          "[routing][pattern]") {
  CHECK(segments_of("/-._~!$&'()*+,;=:@09azAZ%2F%c3") == "=-._~!$&'()*+,;=:@09azAZ%2F%c3");
}

TEST_CASE("a refused path pattern is explained in one sentence", "[routing][pattern]") {
  const auto [pattern, sentence] = GENERATE(table<std::string, std::string>({
      {"", R"(path pattern "" does not start with '/')"},
      {"users", R"(path pattern "users" does not start with '/')"},
      {"*", R"(path pattern "*" does not start with '/')"},
      {"/users/:", R"(path pattern "/users/:" has a parameter without a name)"},
      {"/:/x", R"(path pattern "/:/x" has a parameter without a name)"},
      {"/files/*", R"(path pattern "/files/*" has a wildcard without a name)"},
      {"/:id/x/:id", R"(path pattern "/:id/x/:id" uses the name "id" twice)"},
      {"/:id/*id", R"(path pattern "/:id/*id" uses the name "id" twice)"},
      {"/*path/x",
       R"(path pattern "/*path/x" goes on after its wildcard, which matches all that is left)"},
      {"/*path/",
       R"(path pattern "/*path/" goes on after its wildcard, which matches all that is left)"},
      {"/a/:id.json",
       R"(path pattern "/a/:id.json" has a parameter named "id.json", but names are made of )"
       R"(letters, digits, '_' and '-')"},
      {"/a?b", R"(path pattern "/a?b" holds '?', but a route matches the path alone)"},
      {"/a#b", R"(path pattern "/a#b" holds '#', but a route matches the path alone)"},
      {"/a b", R"(path pattern "/a b" holds " ", which cannot stand in a path; write it as %20)"},
      {"/{id", R"(path pattern "/{id" holds "{", which cannot stand in a path; write it as %7B)"},
      {"/{}", R"(path pattern "/{}" holds "{", which cannot stand in a path; write it as %7B)"},
      {"/users/{id}", R"(path pattern "/users/{id}" holds "{id}"; write ":id")"},
      {"/users/<user-id>/posts",
       R"(path pattern "/users/<user-id>/posts" holds "<user-id>"; write ":user-id")"},
      {"/files/{*path}", R"(path pattern "/files/{*path}" holds "{*path}"; write "*path")"},
      {"/a\r\nb",
       R"(path pattern "/a\x0D\x0Ab" holds "\x0D", which cannot stand in a path; write it as %0D)"},
      {"/caf\xc3\xa9",
       R"(path pattern "/caf\xC3\xA9" holds "\xC3", which cannot stand in a path; write it as %C3)"},
      {"/100%", R"(path pattern "/100%" holds a '%' without two hexadecimal digits after it; )"
                R"(write '%' itself as %25)"},
      {"/%2", R"(path pattern "/%2" holds a '%' without two hexadecimal digits after it; )"
              R"(write '%' itself as %25)"},
      {"/%2g", R"(path pattern "/%2g" holds a '%' without two hexadecimal digits after it; )"
               R"(write '%' itself as %25)"},
  }));
  CHECK(refusal_of(pattern) == sentence);
}

TEST_CASE("a NUL octet is refused in any position", "[routing][pattern]") {
  using namespace std::string_view_literals;
  CHECK_THAT(refusal_of("/a\0b"sv), Catch::Matchers::ContainsSubstring("%00"));
  CHECK_THAT(refusal_of("/:a\0b"sv), Catch::Matchers::ContainsSubstring(R"("a\x00b")"));
}

TEST_CASE("patterns that match the same paths have one shape", "[routing][pattern]") {
  CHECK(shape_of("/users/:id") == shape_of("/users/:name"));
  CHECK(shape_of("/files/*path") == shape_of("/files/*rest"));
  CHECK(shape_of("/users/:id") != shape_of("/users/*id"));
  CHECK(shape_of("/users/:id") != shape_of("/users/:id/"));
  CHECK(shape_of("/users/id") != shape_of("/Users/id"));
  CHECK(shape_of("/users/id") == "/users/id");
}

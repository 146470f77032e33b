#include "../../support/catch.hpp"

#include <sake/routing/route_table_builder.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using sake::http::method;
using sake::http::detail::request_data;
using sake::routing::route_table;
using sake::routing::route_table_builder;
using outcome = route_table::outcome;

namespace {

struct route {
  std::string method;
  std::string pattern;
};

route_table make_table(const std::vector<route>& routes) {
  route_table_builder builder;
  for (std::size_t i = 0; i < routes.size(); ++i) {
    const auto index = static_cast<sake::routing::route_index>(i);
    REQUIRE(builder.add(routes[i].method, routes[i].pattern, index) == std::nullopt);
  }
  return builder.build();
}

// A table, its routes, and the results of its searches as text.
class table_fixture {
public:
  explicit table_fixture(std::vector<route> routes)
      : table(make_table(routes)), routes_(std::move(routes)) {}

  // "GET /users/:id id=7", or 404 or 405.
  std::string find(const std::string& token, std::string_view path) {
    const auto found = table.find(sake::http::to_method(token), token, path, data);
    if (found.what != outcome::found) {
      CHECK(data.parameters.empty());
      return found.what == outcome::not_found ? "404" : "405";
    }
    auto text = routes_.at(found.route).method + ' ' + routes_.at(found.route).pattern;
    for (const auto& each : data.parameters)
      text.append(" ")
          .append(each.name.in(data.parameter_text))
          .append("=")
          .append(each.value.in(data.parameter_text));
    return text;
  }

  route_table table;
  request_data data;

private:
  std::vector<route> routes_;
};

std::string refusal(const std::vector<route>& before, const route& added) {
  route_table_builder builder;
  for (const auto& each : before)
    REQUIRE(builder.add(each.method, each.pattern, 0) == std::nullopt);
  return builder.add(added.method, added.pattern, 1).value_or("added");
}

} // namespace

TEST_CASE("an empty table finds nothing", "[routing][table]") {
  table_fixture routes({});
  CHECK(routes.find("GET", "/") == "404");
  CHECK(routes.find("GET", "") == "404");
  CHECK(routes.table.allow("/").empty());
}

TEST_CASE("a route is found by its method and path", "[routing][table]") {
  table_fixture routes(
      {{"GET", "/"}, {"GET", "/users"}, {"POST", "/users"}, {"DELETE", "/users/:id"}});
  CHECK(routes.find("GET", "/") == "GET /");
  CHECK(routes.find("GET", "/users") == "GET /users");
  CHECK(routes.find("POST", "/users") == "POST /users");
  CHECK(routes.find("DELETE", "/users/7") == "DELETE /users/:id id=7");
  CHECK(routes.find("PUT", "/users") == "405");
  CHECK(routes.find("GET", "/users/7") == "405");
  CHECK(routes.find("GET", "/users/") == "404");
  CHECK(routes.find("GET", "*") == "404");
}

TEST_CASE("the order of registration does not matter", "[routing][table]") {
  std::vector<route> routes{{"GET", "/a/b"},    {"GET", "/a/:x"},   {"GET", "/a/*rest"},
                            {"GET", "/a/b/:y"}, {"GET", "/a/:x/c"}, {"PUT", "/a/:z"}};
  const auto by_pattern = [](const route& a, const route& b) {
    return std::pair{a.pattern, a.method} < std::pair{b.pattern, b.method};
  };
  std::sort(routes.begin(), routes.end(), by_pattern);
  std::size_t orders = 0;
  do {
    table_fixture shuffled(routes);
    ++orders;
    REQUIRE(shuffled.find("GET", "/a/b") == "GET /a/b");
    REQUIRE(shuffled.find("GET", "/a/z") == "GET /a/:x x=z");
    REQUIRE(shuffled.find("PUT", "/a/z") == "PUT /a/:z z=z");
    REQUIRE(shuffled.find("GET", "/a/b/c") == "GET /a/b/:y y=c");
    REQUIRE(shuffled.find("GET", "/a/z/c") == "GET /a/:x/c x=z");
    REQUIRE(shuffled.find("GET", "/a/b/d") == "GET /a/b/:y y=d");
    REQUIRE(shuffled.find("GET", "/a/z/d") == "GET /a/*rest rest=z/d");
  } while (std::next_permutation(routes.begin(), routes.end(), by_pattern));
  CHECK(orders == 720);
}

TEST_CASE("a pattern without a route for the method does not hide one with such a route",
          "[routing][table]") {
  table_fixture routes({{"GET", "/users/me"},
                        {"DELETE", "/users/:id"},
                        {"GET", "/users/:id"},
                        {"PUT", "/users/*rest"},
                        {"GET", "/a/b/:y"},
                        {"PUT", "/a/:x/c"}});
  CHECK(routes.find("GET", "/users/me") == "GET /users/me");
  CHECK(routes.find("DELETE", "/users/me") == "DELETE /users/:id id=me");
  CHECK(routes.find("PUT", "/users/me") == "PUT /users/*rest rest=me");
  CHECK(routes.find("POST", "/users/me") == "405");
  CHECK(routes.find("GET", "/a/b/c") == "GET /a/b/:y y=c");
  CHECK(routes.find("PUT", "/a/b/c") == "PUT /a/:x/c x=b");
  CHECK(routes.find("PUT", "/a/b/d") == "405");
}

TEST_CASE("methods may name the parameters of one shape differently", "[routing][table]") {
  table_fixture routes({{"GET", "/users/:id/posts/:post"}, {"PUT", "/users/:user/posts/:number"}});
  CHECK(routes.find("GET", "/users/7/posts/8") == "GET /users/:id/posts/:post id=7 post=8");
  CHECK(routes.find("PUT", "/users/7/posts/8") == "PUT /users/:user/posts/:number user=7 number=8");
}

TEST_CASE("parameters are found in any position", "[routing][table]") {
  table_fixture routes({{"GET", "/:a"},
                        {"GET", "/:a/"},
                        {"GET", "/:a/:bb/x/:ccc"},
                        {"GET", "/v1/:a/files/*path"},
                        {"GET", "/v1/:a/"}});
  CHECK(routes.find("GET", "/1") == "GET /:a a=1");
  CHECK(routes.find("GET", "/one/") == "GET /:a/ a=one");
  CHECK(routes.find("GET", "/one/two/x/three") == "GET /:a/:bb/x/:ccc a=one bb=two ccc=three");
  CHECK(routes.find("GET", "/v1/1/files/a/b//c/") == "GET /v1/:a/files/*path a=1 path=a/b//c/");
  CHECK(routes.find("GET", "/v1/1/") == "GET /v1/:a/ a=1");
}

TEST_CASE("the parameters of the previous request are cleared", "[routing][table]") {
  table_fixture routes({{"GET", "/a"}, {"GET", "/:x/:y"}, {"GET", "/:x"}});
  CHECK(routes.find("GET", "/1/2") == "GET /:x/:y x=1 y=2");
  CHECK(routes.find("GET", "/3") == "GET /:x x=3");
  CHECK(routes.find("GET", "/a") == "GET /a");
  CHECK(routes.data.parameters.empty());
  CHECK(routes.find("GET", "/1/2") == "GET /:x/:y x=1 y=2");
  CHECK(routes.find("GET", "/1/2/3") == "404");
  CHECK(routes.find("PUT", "/1/2") == "405");
}

TEST_CASE("RFC 3986 §2.1: parameters are percent-decoded", "[routing][table]") {
  table_fixture routes({{"GET", "/:a/x%20y/:b"}, {"GET", "/files/*path"}});
  CHECK(routes.find("GET", "/caf%C3%A9/x%20y/%61%62c") == "GET /:a/x%20y/:b a=caf\xc3\xa9 b=abc");
  CHECK(routes.find("GET", "/a%2Fb%2fc/x%20y/%2") == "404");
  CHECK(routes.find("GET", "/a%2Fb%2fc/x%20y/%25") == "GET /:a/x%20y/:b a=a/b/c b=%");
  CHECK(routes.find("GET", "/%2525/x%20y/1+2") == "GET /:a/x%20y/:b a=%25 b=1+2");
  CHECK(routes.find("GET", "/files/a%20b/%2e%2e/c") == "GET /files/*path path=a b/../c");
  REQUIRE(routes.find("GET", "/files/%00").size() == std::string{"GET /files/*path path=?"}.size());
  CHECK(routes.data.parameters[0].value.in(routes.data.parameter_text) == std::string(1, '\0'));
}

TEST_CASE("literals are compared undecoded", "[routing][table]") {
  table_fixture routes({{"GET", "/x%20y"}, {"GET", "/abc"}});
  CHECK(routes.find("GET", "/x%20y") == "GET /x%20y");
  CHECK(routes.find("GET", "/%61bc") == "404");
  CHECK(routes.find("GET", "/ABC") == "404");
}

TEST_CASE("a badly encoded parameter matches nothing", "[routing][table]") {
  table_fixture routes({{"GET", "/:a"}, {"GET", "/:a/:b"}});
  for (auto path : {"/%", "/%2", "/%2x", "/%x2", "/a%", "/%%41", "/a/%4", "/%4/a", "/%-1"})
    CHECK(routes.find("GET", path) == "404");
  CHECK(routes.find("GET", "/%41") == "GET /:a a=A");
}

TEST_CASE("RFC 9110 §9.3.2: GET's route answers HEAD unless HEAD has its own",
          "[routing][table][rfc9110]") {
  table_fixture routes(
      {{"GET", "/a"}, {"GET", "/b"}, {"HEAD", "/b"}, {"POST", "/c"}, {"HEAD", "/:x"}});
  CHECK(routes.find("HEAD", "/a") == "GET /a");
  CHECK(routes.find("HEAD", "/b") == "HEAD /b");
  CHECK(routes.find("HEAD", "/c") == "HEAD /:x x=c");
  CHECK(routes.find("GET", "/d") == "405");
}

TEST_CASE("a route for one method takes precedence over one for every method", "[routing][table]") {
  table_fixture routes(
      {{"*", "/a"}, {"GET", "/a"}, {"PURGE", "/a"}, {"GET", "/:x"}, {"*", "/*rest"}});
  CHECK(routes.find("GET", "/a") == "GET /a");
  CHECK(routes.find("HEAD", "/a") == "GET /a");
  CHECK(routes.find("POST", "/a") == "* /a");
  CHECK(routes.find("OPTIONS", "/a") == "* /a");
  CHECK(routes.find("PURGE", "/a") == "PURGE /a");
  CHECK(routes.find("ANYTHING", "/a") == "* /a");
  CHECK(routes.find("GET", "/b") == "GET /:x x=b");
  CHECK(routes.find("POST", "/b") == "* /*rest rest=b");
  CHECK(routes.find("*", "/a") == "* /a");
}

TEST_CASE("RFC 9110 §9.1: any token can be a method, and its case matters",
          "[routing][table][rfc9110]") {
  table_fixture routes({{"PURGE", "/a"}, {"REPORT", "/a"}, {"get", "/a"}, {"GET", "/b"}});
  CHECK(routes.find("PURGE", "/a") == "PURGE /a");
  CHECK(routes.find("REPORT", "/a") == "REPORT /a");
  CHECK(routes.find("get", "/a") == "get /a");
  CHECK(routes.find("GET", "/a") == "405");
  CHECK(routes.find("purge", "/a") == "405");
  CHECK(routes.find("PURGE", "/b") == "405");
}

TEST_CASE("a table knows the standard methods and the registered ones", "[routing][table]") {
  table_fixture routes({{"PURGE", "/a"}, {"ACL", "/:x"}, {"PURGE", "/:x"}, {"*", "/b"}});
  for (auto token : {"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT",
                     "PURGE", "ACL"})
    CHECK(routes.table.knows_method(token));
  for (auto token : {"", "get", "PURG", "PURGED", "ACLS", "*"})
    CHECK_FALSE(routes.table.knows_method(token));
}

TEST_CASE("registered methods are known, whatever their order", "[routing][table]") {
  table_fixture own{{{"ZIP", "/a"}, {"BREW", "/b"}, {"MIX", "/a"}, {"COPY", "/c"}, {"BREW", "/a"}}};
  for (const char* token : {"ZIP", "BREW", "MIX", "COPY"}) {
    CAPTURE(token);
    CHECK(own.table.knows_method(token));
  }
  CHECK_FALSE(own.table.knows_method("ACL"));
  CHECK_FALSE(own.table.knows_method("ZZZ"));
  CHECK(own.find("ZIP", "/a") == "ZIP /a");
  CHECK(own.find("MIX", "/a") == "MIX /a");
  CHECK(own.find("BREW", "/a") == "BREW /a");
  CHECK(own.find("BREW", "/b") == "BREW /b");
  CHECK(own.find("COPY", "/a") == "405");
  CHECK(own.table.allow("/a") == "BREW, MIX, OPTIONS, ZIP");
}

TEST_CASE("RFC 9110 §10.2.1: Allow lists the methods of every pattern that matches the path",
          "[routing][table][rfc9110]") {
  table_fixture routes({{"GET", "/users"},
                        {"POST", "/users"},
                        {"PUT", "/users/me"},
                        {"DELETE", "/users/:id"},
                        {"PURGE", "/users/:id"},
                        {"PURGE", "/users/*rest"},
                        {"OPTIONS", "/o"},
                        {"HEAD", "/h"},
                        {"*", "/every"},
                        {"CONNECT", "/connect"}});
  CHECK(routes.table.allow("/users") == "GET, HEAD, OPTIONS, POST");
  CHECK(routes.table.allow("/users/7") == "DELETE, OPTIONS, PURGE");
  CHECK(routes.table.allow("/users/me") == "DELETE, OPTIONS, PURGE, PUT");
  CHECK(routes.table.allow("/users/me/too") == "OPTIONS, PURGE");
  CHECK(routes.table.allow("/o") == "OPTIONS");
  CHECK(routes.table.allow("/h") == "HEAD, OPTIONS");
  CHECK(routes.table.allow("/every") == "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT, TRACE");
  CHECK(routes.table.allow("/connect") == "CONNECT, OPTIONS");
  CHECK(routes.table.allow("/nothing").empty());
}

TEST_CASE("the same path with or without its trailing slash is found", "[routing][table]") {
  table_fixture routes({{"GET", "/a"}, {"GET", "/b/"}, {"GET", "/c/:x"}, {"GET", "/d/*rest"}});
  CHECK(routes.table.slash_sibling("/a/") == "/a");
  CHECK(routes.table.slash_sibling("/b") == "/b/");
  CHECK(routes.table.slash_sibling("/c/1/") == "/c/1");
  CHECK(routes.table.slash_sibling("/a") == std::nullopt);
  CHECK(routes.table.slash_sibling("/c/") == std::nullopt);
  CHECK(routes.table.slash_sibling("/d") == std::nullopt);
  CHECK(routes.table.slash_sibling("/") == std::nullopt);
  CHECK(routes.table.slash_sibling("/a//") == std::nullopt);
}

TEST_CASE("a route that cannot be added is refused with one sentence", "[routing][table]") {
  CHECK(refusal({{"GET", "/users/:id"}}, {"GET", "/users/:name"})
        == "cannot add route GET /users/:name: GET /users/:id matches the same paths");
  CHECK(refusal({{"GET", "/*a"}}, {"GET", "/*b"})
        == "cannot add route GET /*b: GET /*a matches the same paths");
  CHECK(refusal({{"*", "/a"}}, {"*", "/a"}) == "cannot add route * /a: it was added before");
  CHECK(refusal({{"PURGE", "/a"}}, {"PURGE", "/a"})
        == "cannot add route PURGE /a: it was added before");
  CHECK(refusal({}, {"GE T", "/a"})
        == R"(cannot add a route for "/a": its method is not a token (RFC 9110 §9.1))");
  CHECK(refusal({}, {"", "/a"})
        == R"(cannot add a route for "/a": its method is not a token (RFC 9110 §9.1))");
  CHECK(refusal({}, {"GET", "a"})
        == R"(cannot add a route for GET: path pattern "a" does not start with '/')");
}

TEST_CASE("routes that can be distinguished do not conflict", "[routing][table]") {
  CHECK(refusal({{"GET", "/users/:id"}}, {"POST", "/users/:name"}) == "added");
  CHECK(refusal({{"GET", "/users/:id"}}, {"*", "/users/:name"}) == "added");
  CHECK(refusal({{"GET", "/users/:id"}}, {"GET", "/users/me"}) == "added");
  CHECK(refusal({{"GET", "/users/:id"}}, {"GET", "/users/*rest"}) == "added");
  CHECK(refusal({{"GET", "/users/:id"}}, {"GET", "/users/:id/"}) == "added");
  CHECK(refusal({{"GET", "/a"}}, {"get", "/a"}) == "added");
}

TEST_CASE("a refused route leaves the builder unchanged", "[routing][table]") {
  route_table_builder builder;
  REQUIRE(builder.add("GET", "/:a", 1) == std::nullopt);
  CHECK(builder.add("GET", "/:b", 2) != std::nullopt);
  CHECK(builder.add("G T", "/c", 3) != std::nullopt);
  CHECK(builder.add("GET", "c", 4) != std::nullopt);
  const auto table = builder.build();
  request_data data;
  const auto found = table.find(method::get, "GET", "/x", data);
  CHECK(found.what == outcome::found);
  CHECK(found.route == 1);
  CHECK(data.parameters.at(0).name.in(data.parameter_text) == "a");
  CHECK(table.allow("/c") == "GET, HEAD, OPTIONS");
}

TEST_CASE("a table outlives its builder and can be copied and moved", "[routing][table]") {
  route_table copy = [] {
    route_table_builder builder;
    REQUIRE(builder.add("GET", "/users/:id", 5) == std::nullopt);
    const route_table original = builder.build();
    return original;
  }();
  const route_table moved = std::move(copy);
  request_data data;
  CHECK(moved.find(method::get, "GET", "/users/7", data).route == 5);
  CHECK(data.parameters.at(0).value.in(data.parameter_text) == "7");
}

TEST_CASE("a request with room for its parameters allocates nothing", "[routing][table]") {
  table_fixture routes({{"GET", "/users"}, {"GET", "/users/:id"}});
  routes.data.parameter_text.reserve(100);
  routes.data.parameters.reserve(4);
  const auto* text = routes.data.parameter_text.data();
  const auto* parameters = routes.data.parameters.data();
  CHECK(routes.find("GET", "/users/%31%32") == "GET /users/:id id=12");
  CHECK(routes.data.parameter_text.data() == text);
  CHECK(routes.data.parameters.data() == parameters);
}

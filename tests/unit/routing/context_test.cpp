// A handler's view of its request, and the values that layers pass on.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using sake::context;
using sake::http::request;
using sake::test::test_context;

namespace {

// Runs `look` as the handler of `message`.
void with_request(request message, const std::function<void(context&)>& look) {
  bool ran = false;
  test_context ctx{[&](context& c) {
    look(c);
    ran = true;
  }};
  ctx.serve(std::move(message));
  REQUIRE(ran); // `look` has not thrown either
}

} // namespace

TEST_CASE("a context shows the parts of its request", "[routing][context]") {
  with_request(request::make("PUT", "/a%20b?x=1", {{"X-One", "1"}, {"x-one", "2"}}, "content"),
               [](context& ctx) {
                 CHECK(ctx.method() == "PUT");
                 CHECK(ctx.path() == "/a%20b");
                 CHECK(ctx.body() == "content");
                 CHECK(ctx.header("x-ONE") == "1");
                 CHECK(ctx.header("X-Two").empty());
                 CHECK(ctx.request().target() == "/a%20b?x=1");
               });
}

TEST_CASE("take_body() gives the content away, unless the request is shared",
          "[routing][context]") {
  const std::string content(1000, 'x');
  with_request(request::make("PUT", "/", {}, content), [&](context& ctx) {
    const void* const where = ctx.body().data();
    const auto taken = ctx.take_body();
    CHECK(taken == content);
    CHECK(taken.data() == where);
    CHECK(ctx.body().empty());
  });
  with_request(request::make("PUT", "/", {}, content), [&](context& ctx) {
    const request kept = ctx.request();
    CHECK(ctx.take_body() == content);
    CHECK(kept.content() == content);
  });
}

TEST_CASE("query() decodes, and keeps repeated names", "[routing][context]") {
  with_request(request::make("GET", "/?q=a%26b+c&tag=1&tag=2&empty=&flag"), [](context& ctx) {
    CHECK(ctx.query("q") == "a&b c");
    CHECK(ctx.query("tag") == "1");
    CHECK(ctx.query_array("tag") == std::vector<std::string_view>{"1", "2"});
    CHECK(ctx.query("flag").empty());
    CHECK(ctx.default_query("empty", "otherwise").empty());
    CHECK(ctx.default_query("missing", "otherwise") == "otherwise");
    CHECK(ctx.query_array("missing").empty());
  });
}

TEST_CASE("a request without a query has no query parameters", "[routing][context]") {
  with_request(request::make("GET", "/"), [](context& ctx) {
    CHECK(ctx.query("q").empty());
    CHECK(ctx.default_query("q", "otherwise") == "otherwise");
    CHECK(ctx.query_array("q").empty());
  });
}

TEST_CASE("query parameters belong to the current request, not to the one before",
          "[routing][context]") {
  std::string seen;
  test_context ctx{[&](context& c) { seen += c.query("q"); }};
  ctx.serve(request::make("GET", "/?q=1"));
  ctx.forget();
  ctx.serve(request::make("GET", "/?q=2"));
  CHECK(seen == "12");
}

TEST_CASE("values of any type pass from layer to layer", "[routing][context]") {
  struct user {
    std::string name;
  };
  std::string seen;
  test_context ctx{[](context& c) {
                     c.set("user", user{"ann"});
                     c.set("n", 1);
                     c.set("n", 2);
                     const std::string text = "text";
                     c.set("text", text);
                     c.set("shared", std::make_shared<int>(7));
                   },
                   [&](context& c) {
                     c.must_get<user>("user").name += "a";
                     seen = c.must_get<user>("user").name;
                     CHECK(c.must_get<int>("n") == 2);
                     CHECK(*c.get<std::string>("text") == "text");
                     CHECK(**c.get<std::shared_ptr<int>>("shared") == 7);
                     CHECK(c.get<int>("missing") == nullptr);
                     CHECK(c.get<long>("n") == nullptr);
                   }};
  ctx.serve();
  CHECK(seen == "anna");
}

TEST_CASE("must_get throws where get finds nothing", "[routing][context]") {
  with_request({}, [](context& ctx) {
    ctx.set("n", 1);
    CHECK_THROWS_AS(ctx.must_get<int>("m"), std::out_of_range);
    CHECK_THROWS_AS(ctx.must_get<std::string>("n"), std::out_of_range);
    CHECK_THROWS_WITH(ctx.must_get<int>("m"), Catch::Matchers::ContainsSubstring("key m"));
  });
}

TEST_CASE("values end with their request", "[routing][context]") {
  const auto token = std::make_shared<int>(0);
  test_context ctx{[&](context& c) {
    CHECK(c.get<std::shared_ptr<int>>("token") == nullptr);
    c.set("token", token);
  }};
  ctx.serve();
  CHECK(token.use_count() == 2);
  ctx.forget();
  CHECK(token.use_count() == 1);
  ctx.serve();
}

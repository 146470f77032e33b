// The ways in which a handler answers.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using sake::context;
using sake::http::request;
using sake::http::response;
using sake::test::test_context;

namespace {

struct point {
  int x = 0;
  std::vector<std::string> names;
};
SAKE_JSON(point, x, names);

// The response of `handler` to `message`.
response answer(const std::function<void(context&)>& handler, request message = {}) {
  test_context ctx{[&](context& c) { handler(c); }};
  return ctx.serve(std::move(message));
}

// All fields in the order in which they are sent.
std::string fields(const response& of) {
  std::string text;
  for (const auto& [name, value] : of.fields())
    text.append(name).append("=").append(value).append(";");
  return text;
}

} // namespace

TEST_CASE("each writer sets status, Content-Type and content", "[routing][context]") {
  auto got = answer([](context& ctx) { ctx.string(201, "text"); });
  CHECK(got.status() == 201);
  CHECK(got.content() == "text");
  CHECK(fields(got) == "Content-Type=text/plain; charset=utf-8;");

  got = answer([](context& ctx) { ctx.html(200, "<p>"); });
  CHECK(got.content() == "<p>");
  CHECK(fields(got) == "Content-Type=text/html; charset=utf-8;");

  got = answer([](context& ctx) { ctx.data(203, "image/png", std::string{"\0\n\xff", 3}); });
  CHECK(got.status() == 203);
  CHECK(got.content() == std::string_view{"\0\n\xff", 3});
  CHECK(fields(got) == "Content-Type=image/png;");

  got = answer([](context& ctx) {
    ctx.set_header("Content-Type", "text/plain");
    ctx.data(200, "", "octets");
  });
  CHECK(got.content() == "octets");
  CHECK(fields(got).empty());
}

TEST_CASE("data() sends shared and static octets from where they lie", "[routing][context]") {
  const auto text = std::make_shared<const std::string>("shared");
  auto got = answer([&](context& ctx) { ctx.data(200, "a/b", text); });
  CHECK(got.content().data() == text->data());
  CHECK(got.content() == "shared");
  CHECK(fields(got) == "Content-Type=a/b;");

  const auto bytes = std::make_shared<std::vector<std::byte>>(3, std::byte{'x'});
  got = answer([&](context& ctx) { ctx.data(200, "a/b", bytes); });
  CHECK(got.content() == "xxx");
  CHECK(static_cast<const void*>(got.content().data()) == bytes->data());

  static constexpr std::string_view forever = "static";
  got = answer([](context& ctx) { ctx.data(200, "", sake::static_octets(forever)); });
  CHECK(got.content().data() == forever.data());
  got = answer([](context& ctx) { ctx.data(200, "", sake::static_octets("literal")); });
  CHECK(got.content() == "literal");

  const std::shared_ptr<const std::string> none;
  CHECK_THROWS_AS(sake::http::kept_octets{none}, std::invalid_argument);
}

TEST_CASE("a writer may be given texts of the response that it replaces", "[routing][context]") {
  const std::string before = GENERATE(std::string{"short"}, std::string(3000, '"'));
  using change = std::function<void(context&)>;
  const auto changed = [&](const change& by) {
    return answer([&](context& ctx) {
      ctx.set_header("X-Before", before);
      ctx.string(404, before);
      by(ctx);
    });
  };
  const auto view = [](context& ctx) { return ctx.response().content(); };
  const auto field = [](context& ctx) { return *ctx.response().header("X-Before"); };
  CHECK(changed([&](context& ctx) { ctx.string(200, view(ctx)); }).content() == before);
  CHECK(changed([&](context& ctx) { ctx.html(200, view(ctx).substr(2)); }).content()
        == before.substr(2));
  CHECK(changed([&](context& ctx) { ctx.string(200, field(ctx)); }).content() == before);
  CHECK(changed([&](context& ctx) {
          ctx.set_header("X-Before", field(ctx).substr(1));
        }).header("X-Before")
        == before.substr(1));
  CHECK(changed([&](context& ctx) { ctx.add_header("X-After", field(ctx)); }).header("X-After")
        == before);
  CHECK(changed([&](context& ctx) {
          ctx.data(200, field(ctx).substr(0, 5), "x");
        }).header("Content-Type")
        == before.substr(0, 5));

  std::string expected;
  sake::http::json_writer out{expected};
  sake::http::write_json(out, std::map<std::string, std::string>{{"error", before}});
  CHECK(changed([&](context& ctx) {
          ctx.json(200, {{"error", view(ctx)}});
        }).content()
        == expected);
  CHECK(changed([&](context& ctx) {
          ctx.json(200, std::map<std::string, std::string_view>{{"error", view(ctx)}});
        }).content()
        == expected);
  CHECK(changed([&](context& ctx) {
          ctx.json(200, {{"error", field(ctx)}});
        }).content()
        == expected);

  const auto shared = std::make_shared<const std::string>(before);
  const auto got = answer([&](context& ctx) {
    ctx.data(200, "a/b", std::shared_ptr<const std::string>{shared});
    ctx.string(200, view(ctx));
  });
  CHECK(got.content() == before);
}

TEST_CASE("json() writes values, structs and literals", "[routing][context]") {
  auto got = answer([](context& ctx) { ctx.json(200, point{3, {"a", "b\"c"}}); });
  CHECK(got.content() == R"({"x":3,"names":["a","b\"c"]})");
  CHECK(fields(got) == "Content-Type=application/json;");

  got = answer([](context& ctx) {
    ctx.json(202, {{"message", "hi"}, {"n", 3}, {"inner", {{"yes", true}}}});
  });
  CHECK(got.status() == 202);
  CHECK(got.content() == R"({"message":"hi","n":3,"inner":{"yes":true}})");
}

TEST_CASE("a writer replaces earlier content", "[routing][context]") {
  const auto got = answer([](context& ctx) {
    ctx.set_header("X-Kept", "1");
    ctx.html(500, "<p>long before</p>");
    ctx.json(200, {{"n", 1}});
    ctx.string(200, "last");
  });
  CHECK(got.status() == 200);
  CHECK(got.content() == "last");
  CHECK(fields(got) == "X-Kept=1;Content-Type=text/plain; charset=utf-8;");
}

TEST_CASE("set_header replaces a line, add_header adds one", "[routing][context]") {
  const auto got = answer([](context& ctx) {
    ctx.set_header("X-One", "1").set_header("x-one", "2");
    ctx.add_header("Set-Cookie", "a=1").add_header("Set-Cookie", "b=2");
  });
  CHECK(fields(got) == "x-one=2;Set-Cookie=a=1;Set-Cookie=b=2;");
}

TEST_CASE("redirect() sets Location and no content", "[routing][context]") {
  const auto got = answer([](context& ctx) {
    ctx.string(200, "before");
    ctx.redirect(303, "/elsewhere?x=1");
  });
  CHECK(got.status() == 303);
  CHECK(got.content().empty());
  CHECK(fields(got) == "Location=/elsewhere?x=1;");
  CHECK(answer([](context& ctx) { ctx.redirect(299, "/"); }).status() == 500);
  CHECK(answer([](context& ctx) { ctx.redirect(309, "/"); }).status() == 500);
  CHECK(answer([](context& ctx) { ctx.redirect(308, "/"); }).status() == 308);
}

TEST_CASE("a handler cannot inject a field line (RFC 9110 §5.5)", "[routing][context]") {
  using namespace std::string_literals;
  const auto evil = GENERATE(as<std::string>{}, "x\r\nSet-Cookie: a=1"s, "x\ny"s, "x\ry"s, "\r\n"s,
                             "x\0y"s, "x\x7f"s);
  const auto attempt = GENERATE(0, 1, 2, 3, 4);
  const auto got = answer([&](context& ctx) {
    switch (attempt) {
      case 0:
        ctx.set_header("X-Name", evil);
        break;
      case 1:
        ctx.add_header("X-Name", evil);
        break;
      case 2:
        ctx.set_header(evil, "value");
        break;
      case 3:
        ctx.redirect(302, evil);
        break;
      default:
        ctx.data(200, evil, "content");
    }
  });
  CHECK(got.status() == 500);
  CHECK(fields(got) == "Content-Type=text/plain; charset=utf-8;");
}

TEST_CASE("a handler cannot set framing fields or invalid statuses", "[routing][context]") {
  CHECK(answer([](context& ctx) { ctx.set_header("Content-Length", "3"); }).status() == 500);
  CHECK(answer([](context& ctx) { ctx.add_header("transfer-encoding", "chunked"); }).status()
        == 500);
  CHECK(answer([](context& ctx) { ctx.status(101); }).status() == 500);
  CHECK(answer([](context& ctx) { ctx.string(600, ""); }).status() == 500);
}

TEST_CASE("bind_json reads the content, or answers 400 with the reason", "[routing][context]") {
  const auto bind = [](context& ctx) {
    if (const auto value = ctx.bind_json<point>())
      ctx.string(200, std::to_string(value->x) + value->names.at(0));
  };
  auto got = answer(bind, request::make("POST", "/", {}, R"({"names":["n"],"x":7})"));
  CHECK(got.content() == "7n");

  got = answer(bind, request::make("POST", "/", {}, R"({"names":["n"],"x":"7"})"));
  CHECK(got.status() == 400);
  CHECK_THAT(std::string{got.content()},
             Catch::Matchers::StartsWith("content is not the JSON expected: x: "));

  got = answer(bind, request::make("POST", "/"));
  CHECK(got.status() == 400);
}

TEST_CASE("a middleware that cannot bind ends the chain", "[routing][context]") {
  bool ran = false;
  test_context ctx{sake::reads_content([](context& c) { (void)c.bind_json<point>(); }),
                   [&](context&) { ran = true; }};
  CHECK(ctx.serve(request::make("POST", "/", {}, "{")).status() == 400);
  CHECK_FALSE(ran);
}

TEST_CASE("respond() takes a whole response and keeps fields set before", "[routing][context]") {
  SECTION("no field was set before") {
    const auto got = answer([](context& ctx) { ctx.respond(response::text(404, "gone")); });
    CHECK(got.status() == 404);
    CHECK(got.content() == "gone");
    CHECK(fields(got) == "Content-Type=text/plain; charset=utf-8;");
  }
  SECTION("a field of the response replaces the earlier one") {
    const auto got = answer([](context& ctx) {
      ctx.set_header("X-Before", "1").set_header("content-type", "mine");
      ctx.respond(response::text(200, "theirs"));
    });
    CHECK(got.content() == "theirs");
    CHECK(fields(got) == "Content-Type=text/plain; charset=utf-8;X-Before=1;");
  }
  SECTION("every line of a repeated field is kept") {
    const auto got = answer([](context& ctx) {
      ctx.add_header("Set-Cookie", "a=1").add_header("Set-Cookie", "b=2");
      ctx.respond(response{204});
    });
    CHECK(fields(got) == "Set-Cookie=a=1;Set-Cookie=b=2;");
  }
  SECTION("lines of list fields are combined without duplicates") {
    const auto got = answer([](context& ctx) {
      ctx.add_header("Vary", "Origin").add_header("Set-Cookie", "a=1");
      ctx.set_header("Link", "</a>; rel=preload").set_header("Cache-Control", "no-store");
      ctx.respond(response{204}
                      .add_header("vary", "Accept")
                      .add_header("Vary", "Origin")
                      .add_header("Set-Cookie", "b=2")
                      .set_header("Cache-Control", "max-age=1"));
    });
    CHECK(fields(got)
          == "vary=Accept;Vary=Origin;Set-Cookie=b=2;Cache-Control=max-age=1;Set-Cookie=a=1;"
             "Link=</a>; rel=preload;");
  }
  SECTION("the caller's copy of the response stays unchanged") {
    const auto theirs = response::text(200, "theirs");
    const auto got = answer([&](context& ctx) {
      ctx.set_header("X-Before", "1");
      ctx.respond(theirs);
    });
    CHECK(got.header("X-Before"));
    CHECK_FALSE(theirs.header("X-Before"));
  }
}

TEST_CASE("abort_with_status answers with the reason phrase", "[routing][context]") {
  const auto got = answer([](context& ctx) {
    ctx.html(200, "<p>before</p>");
    ctx.abort_with_status(403);
  });
  CHECK(got.status() == 403);
  CHECK(got.content() == "Forbidden\n");
  CHECK(fields(got) == "Content-Type=text/plain; charset=utf-8;");
}

// Streams without a connection: the operations of a handler, and the whole message that results.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <sake/routing/event_stream.hpp>

#include <chrono>
#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

using sake::context;
using sake::response;
using sake::server_event;
using sake::task;
using sake::test::test_context;
using namespace std::chrono_literals;

namespace {

// The events as a handler sends them, in their encoding.
std::string sent(const std::vector<server_event>& events) {
  test_context ctx{[&events](context& c) -> task<> {
    auto out = c.event_stream();
    for (const auto& each : events)
      co_await out.send(each);
  }};
  return std::string{ctx.serve().content()};
}

} // namespace

// -- reading ------------------------------------------------------------------------

TEST_CASE("whole content is read as one piece", "[routing][streams]") {
  std::vector<std::string> pieces;
  test_context ctx{[&pieces](context& c) -> task<> {
    while (auto piece = co_await c.read())
      pieces.push_back(*piece);
    CHECK_FALSE(co_await c.read());
    CHECK(c.body().size() == 3);
  }};
  ctx.serve(sake::request::make("POST", "/", {}, "abc"));
  CHECK(pieces == std::vector<std::string>{"abc"});
  CHECK(ctx.is_finished());
}

TEST_CASE("empty content is read as no piece", "[routing][streams]") {
  bool has_read = false;
  test_context ctx{[&has_read](context& c) -> task<> {
    has_read = true;
    CHECK_FALSE(co_await c.read());
  }};
  ctx.serve();
  CHECK(has_read);
}

// -- writing ------------------------------------------------------------------------

TEST_CASE("written pieces become the content", "[routing][streams]") {
  test_context ctx{[](context& c) -> task<> {
    c.set_header("X-Before", "1");
    auto out = c.stream(201, "text/csv");
    co_await out.write("a,");
    co_await out.write("");
    co_await out.write(std::string{"b\n"});
  }};
  const response& got = ctx.serve();
  CHECK(got.status() == 201);
  CHECK(got.header("Content-Type") == "text/csv");
  CHECK(got.header("X-Before") == "1");
  CHECK(got.content() == "a,b\n");
}

TEST_CASE("a middleware may begin a stream, with or without calling its handler",
          "[routing][streams]") {
  bool reached = false;
  const auto handler = [&reached](context& c) {
    reached = true;
    c.string(200, "inner");
  };
  SECTION("the middleware does not call next()") {
    test_context ctx{[](context& c) -> task<> { co_await c.stream(200, "").write("x"); }, handler};
    CHECK(ctx.serve().content() == "x");
    CHECK_FALSE(reached);
  }
  SECTION("the middleware streams after next()") {
    test_context ctx{[](context& c) -> task<> {
                       co_await c.next();
                       const std::string inner{c.response().content()};
                       auto out = c.stream(200, "");
                       co_await out.write("<" + inner + ">");
                     },
                     handler};
    CHECK(ctx.serve().content() == "<inner>");
    CHECK(reached);
  }
}

TEST_CASE("a status without content cannot be streamed", "[routing][streams]") {
  const int status = GENERATE(204, 205, 304, 199, 600);
  CAPTURE(status);
  test_context ctx{[status](context& c) -> task<> {
    CHECK_THROWS_AS(c.stream(status, "text/plain"), std::invalid_argument);
    co_return;
  }};
  CHECK(ctx.serve().status() == 200);
}

TEST_CASE("a response can be streamed only once", "[routing][streams]") {
  test_context ctx{[](context& c) -> task<> {
    auto out = c.stream(200, "");
    CHECK_THROWS_AS(c.stream(200, ""), std::logic_error);
    co_await out.write("x");
  }};
  CHECK(ctx.serve().content() == "x");
}

TEST_CASE("a stream ends with its handler", "[routing][streams]") {
  std::optional<sake::response_stream> kept;
  test_context ctx{[](context& c) -> task<> {
                     co_await c.next();
                     CHECK(c.response().content() == "x");
                   },
                   [&kept](context& c) -> task<> {
                     kept = c.stream(200, "");
                     co_await kept->write("x");
                   }};
  ctx.serve();
  REQUIRE(kept);
  CHECK_THROWS_AS(kept->write("y"), std::logic_error);
}

TEST_CASE("written content must match the announced length", "[routing][streams]") {
  std::string_view written;
  const std::vector<sake::handler> layers{[&written](context& c) -> task<> {
    auto out = c.stream(200, "", 3);
    co_await out.write(written.substr(0, 2));
    co_await out.write(written.substr(2));
  }};
  test_context ctx;
  ctx.set_layers(layers);
  SECTION("the content has the announced length") {
    written = "abc";
    CHECK(ctx.serve().content() == "abc");
    CHECK(ctx.reports.empty());
    return;
  }
  SECTION("the content is longer") {
    written = "abcd";
  }
  SECTION("the content is shorter") {
    written = "a";
  }
  CHECK(ctx.serve().status() == 500);
  REQUIRE(ctx.reports.size() == 1);
  CHECK(ctx.reports[0].find("announced length") != std::string::npos);
}

TEST_CASE("the content collected for one message is limited", "[routing][streams]") {
  std::size_t written = 0;
  test_context ctx{[&written](context& c) -> task<> {
    const std::string piece(1024 * 1024, 'x');
    for (auto out = c.stream(200, "");; ++written)
      co_await out.write(piece);
  }};
  CHECK(ctx.serve().status() == 500);
  CHECK(written == 16);
}

// -- server-sent events (WHATWG HTML §9.2) --------------------------------------------

TEST_CASE("WHATWG HTML §9.2: an event stream has its media type and is not cached",
          "[routing][events]") {
  test_context ctx{[](context& c) -> task<> {
    auto out = c.event_stream();
    co_await out.send({.data = "x"});
  }};
  const response& got = ctx.serve();
  CHECK(got.status() == 200);
  CHECK(got.header("Content-Type") == "text/event-stream");
  CHECK(got.header("Cache-Control") == "no-store");
  CHECK(got.content() == "data: x\n\n");
}

TEST_CASE("WHATWG HTML §9.2.5: each field of an event is a line, and an empty line ends it",
          "[routing][events]") {
  CHECK(sent({{.event = "tick", .data = "1", .id = "7", .retry = 1500ms}})
        == "retry: 1500\nid: 7\nevent: tick\ndata: 1\n\n");
  CHECK(sent({{.data = "a"}, {.data = "b"}}) == "data: a\n\ndata: b\n\n");
  CHECK(sent({{.data = " a"}}) == "data:  a\n\n"); // a client drops one space
  CHECK(sent({{.event = "ping"}}) == "event: ping\ndata: \n\n");
  CHECK(sent({{.id = ""}}) == "id: \n\n");
  CHECK(sent({{.retry = 0ms}}) == "retry: 0\n\n");
}

TEST_CASE("WHATWG HTML §9.2.5: data of several lines is a field for each line",
          "[routing][events]") {
  CHECK(sent({{.data = "a\nb\r\nc\rd"}}) == "data: a\ndata: b\ndata: c\ndata: d\n\n");
  CHECK(sent({{.data = "a\n\r"}}) == "data: a\ndata: \ndata: \n\n");
  CHECK(sent({{.data = "\n"}}) == "data: \ndata: \n\n");
}

TEST_CASE("WHATWG HTML §9.2: a type or id with a line ending is refused", "[routing][events]") {
  const std::string bad{GENERATE(as<std::string>{}, "a\nb", "a\rb", std::string("a\0b", 3), "\n")};
  test_context ctx{[&bad](context& c) -> task<> {
    auto out = c.event_stream();
    CHECK_THROWS_AS(out.send({.event = bad, .data = "x"}), std::invalid_argument);
    CHECK_THROWS_AS(out.send({.data = "x", .id = bad}), std::invalid_argument);
    CHECK_THROWS_AS(out.send({.data = "x", .retry = -1ms}), std::invalid_argument);
    co_await out.comment();
  }};
  CHECK(ctx.serve().content() == ": \n\n");
}

TEST_CASE("WHATWG HTML §9.2.5: a comment begins each of its lines with a colon",
          "[routing][events]") {
  test_context ctx{[](context& c) -> task<> {
    auto out = c.event_stream();
    co_await out.comment("a\ndata: b");
  }};
  CHECK(ctx.serve().content() == ": a\n: data: b\n\n");
}

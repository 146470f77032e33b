// A handler that runs in another process: here on a second setup of the same routes.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <sake/http/wire/message.hpp>
#include <sake/http/wire/octet_writer.hpp>
#include <sake/routing/group.hpp>
#include <sake/routing/registry.hpp>
#include <sake/routing/remote_call.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

using namespace std::chrono_literals;
using namespace std::string_literals;
using namespace std::string_view_literals;
using sake::context;
using sake::wire_codec;
using sake::http::request;
using sake::http::response;
using sake::routing::decode_remote_call;
using sake::routing::remote_call;
using sake::test::test_context;

namespace errors = sake::http::wire::errors;
namespace remote_call_errors = sake::routing::remote_call_errors;

namespace {

/// What an application's middleware finds out about a client.
struct account {
  std::string name;
  bool is_admin = false;
};

} // namespace

template <>
struct sake::wire_codec<account> {
  static constexpr std::string_view type = "account/1";
  static void encode(std::string& out, const account& value) {
    http::wire::octet_writer to{out};
    to.text(value.name);
    to.u8(value.is_admin ? 1 : 0);
  }
  static std::optional<account> decode(std::string_view octets) {
    http::wire::octet_reader from{octets};
    account read;
    read.name = from.text();
    const auto flag = from.u8();
    if (!from.is_at_end() || flag > 1)
      return std::nullopt;
    read.is_admin = flag == 1;
    return read;
  }
};

namespace {

/// One process: its routes.
class node : private sake::routing_registry, public sake::route_group {
public:
  node() : route_group(static_cast<sake::routing_registry&>(*this)) {}

  const sake::routing::route_map& routes() {
    if (map_ == nullptr)
      map_ = seal();
    return *map_;
  }

private:
  std::unique_ptr<const sake::routing::route_map> map_;
};

void authenticate(context& ctx) {
  ctx.set_travelling("account", account{"Ali", true});
  ctx.set_travelling("tenant", 7);
  ctx.set("here", "only here"s);
  ctx.set_header("X-Front", "1");
  ctx.next(
      [](context& done) { done.set_header("X-Status", std::to_string(done.response().status())); });
}

/// What a handler sees.
std::string seen(context& ctx) {
  const auto* const who = ctx.get<account>("account");
  const auto* const tenant = ctx.get<int>("tenant");
  return std::string{ctx.method()} + ' ' + std::string{ctx.request().target()}
         + " id=" + std::string{ctx.param("id")} + " x=" + std::string{ctx.query("x")}
         + " body=" + std::string{ctx.body()} + " peer=" + ctx.request().peer().to_string()
         + " account=" + (who == nullptr ? "none" : who->name + (who->is_admin ? "!" : ""))
         + " tenant=" + (tenant == nullptr ? "none" : std::to_string(*tenant))
         + " here=" + (ctx.get<std::string>("here") == nullptr ? "none" : "some");
}

void register_routes(node& at) {
  at.use(authenticate);
  at.get("/", [](context& ctx) { ctx.string(200, "root"); });
  at.put("/users/:id", [](context& ctx) {
    ctx.set_header("X-Back", "2");
    ctx.string(201, seen(ctx));
  });
  at.get("/fails", [](context&) { throw std::runtime_error("no"); });
  at.get("/waits", [](context& ctx) -> sake::task<> {
    co_await ctx.sleep(1s);
    ctx.string(200, "waited");
  });
  at.post("/streams", [](context& ctx) { ctx.string(200, ""); }).streams_content();
}

/// Runs the middleware of a request, and gives the work of its handler away.
struct front {
  front() { register_routes(at); }

  std::string send(request message, std::optional<std::chrono::milliseconds> time_left = {}) {
    const auto index = at.routes().find(message.data());
    ctx.set_chain(at.routes().endpoints().at(index).layers);
    ctx.defers = true;
    ctx.serve(std::move(message));
    REQUIRE(ctx.is_deferred);
    std::string octets;
    encode(octets, ctx.to_remote_call(index, time_left), at.routes());
    return octets;
  }

  const response& receive(std::string_view octets) {
    auto read = sake::http::wire::decode_response(octets);
    REQUIRE(read.has_value());
    ctx.respond(std::move(*read));
    ctx.run_on();
    REQUIRE(ctx.is_finished());
    return ctx.response();
  }

  node at;
  test_context ctx;
};

/// Runs the handlers.
struct worker {
  worker() { register_routes(at); }

  void begin(std::string_view octets) {
    auto call = decode_remote_call(octets, at.routes());
    REQUIRE(call.has_value());
    const auto& layers = at.routes().endpoints().at(call->endpoint).layers;
    ctx.serve(std::move(*call), layers);
  }

  std::string response() {
    REQUIRE(ctx.is_finished());
    std::string octets;
    sake::http::wire::encode(octets, ctx.response());
    return octets;
  }

  std::string work(std::string_view octets) {
    begin(octets);
    return response();
  }

  node at;
  test_context ctx;
};

request sample() {
  auto message = request::make("PUT", "/users/a%20b?x=1", {{"Host", "a"}}, "hello");
  message.data().peer = {sake::http::peer::family::ipv4, 80, {203, 0, 113, 7}};
  return message;
}

} // namespace

TEST_CASE("a handler in another process sees its request, and its client the response",
          "[routing][remote_call]") {
  front here;
  worker there;
  const auto& got = here.receive(there.work(here.send(sample())));
  CHECK(got.status() == 201);
  CHECK(got.content()
        == "PUT /users/a%20b?x=1 id=a b x=1 body=hello peer=203.0.113.7:80 account=Ali! tenant=7 "
           "here=none");
  // The middleware ran here alone, before and after.
  CHECK(got.header("X-Front") == "1");
  CHECK(got.header("X-Back") == "2");
  CHECK(got.header("X-Status") == "201");
}

TEST_CASE("a coroutine in another process waits there", "[routing][remote_call]") {
  front here;
  worker there;
  there.begin(here.send(request::make("GET", "/waits")));
  CHECK_FALSE(there.ctx.is_finished());
  there.ctx.wake();
  REQUIRE(there.ctx.run_ready());
  CHECK(here.receive(there.response()).content() == "waited");
}

TEST_CASE("a handler that throws in another process makes the response 500",
          "[routing][remote_call]") {
  front here;
  worker there;
  const auto& got = here.receive(there.work(here.send(request::make("GET", "/fails"))));
  CHECK(got.status() == 500);
  CHECK(got.header("X-Status") == "500");
  CHECK(there.ctx.reports == std::vector<std::string>{"no"});
}

TEST_CASE("the time left travels in milliseconds", "[routing][remote_call]") {
  const auto left = [](std::optional<std::chrono::milliseconds> time) {
    front here;
    const auto octets = here.send(sample(), time);
    return decode_remote_call(octets, here.at.routes())->time_left;
  };
  CHECK(left(1500ms) == 1500ms);
  CHECK_FALSE(left(std::nullopt).has_value());
  // What is late is not without a limit.
  CHECK(left(0ms) == 1ms);
  CHECK(left(-5ms) == 1ms);
  CHECK(left(std::chrono::hours{24 * 365}) == 4294967295ms);
}

// -- values -----------------------------------------------------------------------

TEST_CASE("a value that travels is here as any other", "[routing][remote_call]") {
  std::string text;
  test_context ctx{authenticate, [&text](context& c) { text = seen(c); }};
  ctx.serve(request::make("GET", "/"));
  CHECK(text.ends_with("account=Ali! tenant=7 here=some"));
}

TEST_CASE("a value travels if it was marked when it was set last", "[routing][remote_call]") {
  test_context ctx{[](context& c) {
    c.set_travelling("a", 1);
    c.set("a", 2);
    c.set("b", "1"s);
    c.set_travelling("b", "2"s);
  }};
  ctx.serve();
  const auto call = ctx.to_remote_call(0, std::nullopt);
  REQUIRE(call.values.size() == 1);
  CHECK(call.values[0] == sake::routing::wire_value{"b", "text", "2"});
}

TEST_CASE("a value that came is read as its own type, if its octets are one",
          "[routing][remote_call]") {
  node at;
  at.get("/", [](context& ctx) {
    CHECK(ctx.get<std::string>("n") == nullptr);
    CHECK(ctx.get<unsigned>("n") == nullptr);
    CHECK(ctx.get<std::vector<int>>("n") == nullptr); // does not travel
    REQUIRE(ctx.get<int>("n") != nullptr);
    CHECK(*ctx.get<int>("n") == -3);
    ctx.must_get<int>("n") = 4;
    CHECK(ctx.must_get<int>("n") == 4);
    CHECK(ctx.get<int>("long") == nullptr);
    CHECK(ctx.get<account>("account") == nullptr);
    CHECK_THROWS_AS(ctx.must_get<account>("account"), std::out_of_range);
    CHECK(ctx.get<int>("missing") == nullptr);
    ctx.set("account", account{"Eve"});
    CHECK(ctx.must_get<account>("account").name == "Eve");
    ctx.string(200, "seen");
  });
  remote_call call;
  call.request = request::make("GET", "/");
  call.values = {{"n", "i32", "\xff\xff\xff\xff\xff\xff\xff\xfd"},
                 {"long", "i32", "\0\0\0\1\0\0\0\0"s},
                 {"account", "account/1", "\0\0\0\5Eve"s}};
  test_context ctx;
  CHECK(ctx.serve(std::move(call), at.routes().endpoints()[0].layers).content() == "seen");
}

TEMPLATE_TEST_CASE("integers travel", "[routing][remote_call]", signed char, std::uint8_t,
                   std::int16_t, std::uint16_t, int, unsigned, std::int64_t, std::uint64_t) {
  using range = std::numeric_limits<TestType>;
  for (const TestType value : {range::min(), TestType{0}, TestType{1}, range::max()}) {
    std::string octets;
    wire_codec<TestType>::encode(octets, value);
    CHECK(octets.size() == 8);
    CHECK(wire_codec<TestType>::decode(octets) == value);
    CHECK_FALSE(wire_codec<TestType>::decode(octets + '\0').has_value());
    octets.pop_back();
    CHECK_FALSE(wire_codec<TestType>::decode(octets).has_value());
  }
  if (sizeof(TestType) < 8) {
    CHECK_FALSE(wire_codec<TestType>::decode("\x7f\xff\xff\xff\xff\xff\xff\xff"sv).has_value());
    CHECK_FALSE(wire_codec<TestType>::decode("\x80\0\0\0\0\0\0\0"sv).has_value());
  }
}

TEST_CASE("a bool travels as 0 or 1", "[routing][remote_call]") {
  std::string octets;
  wire_codec<bool>::encode(octets, true);
  wire_codec<bool>::encode(octets, false);
  CHECK(octets == "\1\0"sv);
  CHECK(wire_codec<bool>::decode("\1"sv) == true);
  CHECK(wire_codec<bool>::decode("\0"sv) == false);
  CHECK_FALSE(wire_codec<bool>::decode("\2"sv).has_value());
  CHECK_FALSE(wire_codec<bool>::decode("").has_value());
}

// -- the octets ---------------------------------------------------------------------

TEST_CASE("version 1 of a remote call is these octets", "[routing][remote_call][golden]") {
  node at;
  at.get("/a", [](context&) {});
  at.any("/users/:id", [](context&) {});
  const auto& routes = at.routes();
  CHECK(routes.id_of(1) == 0xc7407dbea12ed4b1);
  remote_call call;
  call.endpoint = 1;
  call.request = request::make("GET", "/users/7");
  call.request.data().add_parameter("id", "7");
  call.time_left = 1500ms;
  call.values = {{"user", "text", "Ali"}};
  constexpr auto golden = "\x01"
                          "\xc7\x40\x7d\xbe\xa1\x2e\xd4\xb1"
                          "\0\0\x05\xdc"
                          "\0"
                          "\0\0\0\x01"
                          "\0\0\0\x04user\0\0\0\x04text\0\0\0\x03"
                          "Ali"
                          "\0\0\0\x2d"
                          "\x01\0\0\0\x03GET\0\0\0\x08/users/7\x01\0"
                          "\0\0\0\0"
                          "\0\0\0\x01\0\0\0\x02id\0\0\0\x01"
                          "7"
                          "\0\0\0\0"sv;
  std::string octets;
  encode(octets, call, routes);
  CHECK(octets == golden);
  const auto read = decode_remote_call(golden, routes);
  REQUIRE(read.has_value());
  CHECK(read->endpoint == 1);
  CHECK(read->time_left == 1500ms);
  CHECK(read->values == call.values);
  CHECK(read->request.param("id") == "7");
}

TEST_CASE("a remote call that is malformed is refused", "[routing][remote_call]") {
  front here;
  const auto& routes = here.at.routes();
  const auto whole = here.send(sample(), 1500ms);
  const auto why = [&routes](std::string_view octets) {
    const auto read = decode_remote_call(octets, routes);
    return read ? ""sv : read.error().reason;
  };
  const auto changed = [&whole](std::size_t at, std::string_view to) {
    auto octets = whole;
    return octets.replace(at, to.size(), to);
  };
  CHECK(why(whole).empty());
  CHECK(why(changed(0, "\2")) == errors::unknown_version.reason);
  CHECK(why(changed(1, "x")) == remote_call_errors::no_remote_route.reason);
  std::string id;
  sake::http::wire::octet_writer{id}.u64(routes.id_of(4)); // streams its content
  CHECK(why(changed(1, id)).empty());
  CHECK(why(changed(13, "\1")) == remote_call_errors::bad_content.reason);
  CHECK(why(changed(13, "\2")) == remote_call_errors::bad_content.reason);
  CHECK(why(changed(14, "\0\0\1\1"sv)) == remote_call_errors::too_many_values.reason);
  CHECK(why(whole + '\0') == errors::left_over.reason);
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK(why({whole.data(), size}) == errors::ends_early.reason);
  // The request in it is judged as any.
  const auto method = whole.find("PUT");
  CHECK(why(changed(method, "P T")) == sake::http::refusals::bad_method.reason);
  CHECK(why(changed(method - 5, "\2")) == errors::unknown_version.reason);
}

TEST_CASE("a changed octet of a remote call is refused, or makes another call with its own octets",
          "[routing][remote_call]") {
  front here;
  const auto& routes = here.at.routes();
  const auto whole = here.send(sample(), 1500ms);
  bool is_same = true;
  for (std::size_t at = 0; at < whole.size(); ++at)
    for (int change = 1; change < 256; ++change) {
      std::string octets = whole;
      octets[at] = static_cast<char>(octets[at] ^ change);
      if (const auto read = decode_remote_call(octets, routes)) {
        std::string own;
        encode(own, *read, routes);
        is_same = is_same && own == octets;
      }
    }
  CHECK(is_same);
}

TEST_CASE("what cannot run elsewhere has no remote call", "[routing][remote_call]") {
  node at;
  register_routes(at);
  remote_call call;
  call.request = request::make("GET", "/");
  std::string out;
  for (const std::size_t endpoint : {std::size_t{5}, std::size_t{100}}) {
    call.endpoint = endpoint;
    CHECK_THROWS_AS(encode(out, call, at.routes()), std::logic_error);
  }
  call.endpoint = 0;
  call.values.resize(sake::routing::max_travelling_values + 1);
  CHECK_THROWS_AS(encode(out, call, at.routes()), std::length_error);
  CHECK(out.empty());
}

TEST_CASE("the id of a route is that of its method, pattern, name and version",
          "[routing][remote_call]") {
  const auto id = [](auto add) {
    node at;
    at.get("/other", [](context&) {});
    add(at);
    const auto& routes = at.routes();
    CHECK(routes.find_id(routes.id_of(1)) == 1);
    CHECK_FALSE(routes.find_id(routes.id_of(1) + 1).has_value());
    return routes.id_of(1);
  };
  const auto handler = [](context&) {};
  const auto first = id([&](node& at) { at.get("/a", handler); });
  CHECK(id([](node& at) { at.group("/a").get("", authenticate).worker().idempotent(); }) == first);
  CHECK(id([&](node& at) { at.put("/a", handler); }) != first);
  CHECK(id([&](node& at) { at.get("/b", handler); }) != first);
  CHECK(id([&](node& at) { at.get("/a", handler).name("a"); }) != first);
  CHECK(id([&](node& at) { at.get("/a", handler).version("2"); }) != first);
}

// Registration: the layers that a request passes on each route.
#include "../../support/catch.hpp"
#include "../../support/test_context.hpp"

#include <sake/routing/group.hpp>
#include <sake/routing/registry.hpp>

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <utility>

using sake::context;
using sake::route_group;
using sake::test::test_context;

namespace {

class registration : private sake::routing_registry, public route_group {
public:
  registration() : route_group(static_cast<sake::routing_registry&>(*this)) {}

  // The endpoint that a request finds.
  const sake::routing::endpoint& find(std::string_view method, std::string_view target) {
    if (map_ == nullptr)
      map_ = seal();
    request_ = sake::http::request::make(method, target);
    return map_->endpoints().at(map_->find(request_.data()));
  }

  sake::http::response ask(std::string_view method, std::string_view target) {
    const auto& found = find(method, target);
    test_context ctx;
    ctx.set_chain(found.layers);
    return ctx.serve(request_);
  }

  std::string content(std::string_view method, std::string_view target) {
    return std::string{ask(method, target).content()};
  }

  [[nodiscard]] bool wants_workers() const { return map_->wants_workers(); }

private:
  std::unique_ptr<const sake::routing::route_map> map_;
  sake::http::request request_;
};

// Appends `name` to the path of layers in the response.
auto mark(std::string name) {
  return [name](context& ctx) {
    if (ctx.get<std::string>("way") == nullptr)
      ctx.set("way", std::string{});
    ctx.must_get<std::string>("way") += name + ' ';
  };
}

void show_way(context& ctx) {
  const auto* way = ctx.get<std::string>("way");
  ctx.string(200, way != nullptr ? *way : "straight");
}

} // namespace

TEST_CASE("a request passes the middleware of the engine, of its groups and of its route",
          "[routing][group]") {
  registration app;
  auto outer = app.group("/outer");
  auto inner = outer.group("/inner");
  inner.get("/deep", show_way).use(mark("route"), mark("route2"));
  outer.get("/here", show_way);
  app.get("/", show_way);
  // Registered after the routes, and yet run before their handlers.
  inner.use(mark("inner"));
  outer.use(mark("outer"));
  app.use(mark("a"), mark("b"));
  app.group("/other").use(mark("other"));

  CHECK(app.content("GET", "/outer/inner/deep") == "a b outer inner route route2 ");
  CHECK(app.content("GET", "/outer/here") == "a b outer ");
  CHECK(app.content("GET", "/") == "a b ");
}

TEST_CASE("requests without a matching route pass the global middleware", "[routing][group]") {
  registration app;
  std::string seen;
  app.use([&](context& ctx) { seen += std::string{ctx.method()} + ' '; });
  app.get("/a", show_way);
  app.put("/a", show_way);

  CHECK(app.ask("GET", "/b").status() == 404);
  auto got = app.ask("POST", "/a");
  CHECK(got.status() == 405);
  CHECK(got.header("Allow") == "GET, HEAD, OPTIONS, PUT");
  got = app.ask("OPTIONS", "/a");
  CHECK(got.status() == 204);
  CHECK(got.header("Allow") == "GET, HEAD, OPTIONS, PUT");
  CHECK(got.content().empty());
  CHECK(app.ask("BREW", "/a").status() == 501);
  CHECK(seen == "GET POST OPTIONS BREW ");
}

TEST_CASE("a global middleware may answer in place of a 404", "[routing][group]") {
  registration app;
  app.use([](context& ctx) { ctx.string(200, "caught"); });
  CHECK(app.ask("GET", "/nowhere").status() == 200);
}

TEST_CASE("each registration function registers its method", "[routing][group]") {
  registration app;
  const auto named = [](std::string name) {
    return [name](context& ctx) { ctx.string(200, name); };
  };
  app.get("/", named("get"));
  app.post("/", named("post"));
  app.put("/", named("put"));
  app.delete_("/", named("delete"));
  app.patch("/", named("patch"));
  app.options("/", named("options"));
  app.head("/", named("head"));
  app.handle("PURGE", "/", named("purge"));
  app.any("/any", named("any"));
  app.get("/any", named("rather get"));
  for (const auto& [method, name] : {std::pair{"GET", "get"},
                                     {"POST", "post"},
                                     {"PUT", "put"},
                                     {"DELETE", "delete"},
                                     {"PATCH", "patch"},
                                     {"OPTIONS", "options"},
                                     {"HEAD", "head"},
                                     {"PURGE", "purge"}})
    CHECK(app.content(method, "/") == name);
  CHECK(app.content("POST", "/any") == "any");
  CHECK(app.content("GET", "/any") == "rather get");
}

TEST_CASE("path parameters reach the handler decoded", "[routing][group]") {
  registration app;
  app.group("/users/:user").get("/files/*path", [](context& ctx) {
    ctx.string(200, std::string{ctx.param("user")} + '|' + std::string{ctx.param("path")} + '|'
                        + std::string{ctx.param("other")});
  });
  CHECK(app.content("GET", "/users/a%20b/files/x/y%2fz") == "a b|x/y/z|");
}

TEST_CASE("a route has a place and a name", "[routing][group]") {
  using kind = sake::routing::placement::kind;
  registration app;
  app.get("/plain", show_way);
  app.get("/fib/:n", show_way).worker().name("fibonacci");
  app.any("/any", show_way);
  CHECK(app.find("GET", "/plain").place.where == kind::automatic);
  CHECK(app.find("GET", "/plain").name == "GET /plain");
  CHECK(app.find("GET", "/fib/3").place.where == kind::pool);
  CHECK(app.find("GET", "/fib/3").place.pool.empty());
  CHECK(app.find("GET", "/fib/3").name == "fibonacci");
  CHECK(app.find("PUT", "/any").name == "ANY /any");
  CHECK(app.wants_workers());
}

TEST_CASE("an endpoint has the pattern of its route, with the prefixes of its groups",
          "[routing][group]") {
  registration app;
  app.group("/users").group("/:id").get("/files/*path", show_way).name("file");
  CHECK(app.find("GET", "/users/7/files/a/b").pattern == "/users/:id/files/*path");
  CHECK(app.find("GET", "/users/7/files/a/b").name == "file");
  CHECK(app.find("GET", "/nowhere").pattern.empty());
  CHECK(app.find("GET", "/nowhere").name == "not found");
}

TEST_CASE("two routes cannot have one name", "[routing][group]") {
  registration app;
  auto& first = app.get("/a", show_way).name("a");
  auto& second = app.get("/b", show_way);
  CHECK_THROWS_WITH(second.name("a"), "route GET /b: route GET /a has the name \"a\"");
  first.name("a"); // is its name already
  second.name("b");
  CHECK(app.find("GET", "/a").name == "a");
  CHECK(app.find("GET", "/b").name == "b");
}

TEST_CASE("a route has one name", "[routing][group]") {
  registration app;
  auto& only = app.any("/a", show_way).name("a");
  CHECK_THROWS_WITH(only.name("b"), "route a: .name() is called twice, now with \"b\"");
  CHECK_THROWS_AS(only.name("b"), std::logic_error);
  app.get("/b", show_way).name("b");
  CHECK_THROWS_WITH(app.get("/c", show_way).name("a"),
                    "route GET /c: route ANY /a has the name \"a\"");
  CHECK(app.find("PUT", "/a").name == "a");
}

TEST_CASE("a name of a route is one word", "[routing][group]") {
  registration app;
  auto& only = app.get("/a", show_way);
  CHECK_THROWS_WITH(only.name(""), "route GET /a: .name() needs one word, not \"\"");
  CHECK_THROWS_AS(only.name("GET /b"), std::invalid_argument);
  CHECK_THROWS_AS(only.name("tab\tbed"), std::invalid_argument);
  CHECK_THROWS_AS(only.name("line\n"), std::invalid_argument);
  only.name("GET /a"); // is its name already
  CHECK(app.find("GET", "/a").name == "GET /a");
}

TEST_CASE("an application without a worker route needs no workers", "[routing][group]") {
  registration app;
  app.get("/", show_way);
  (void)app.find("GET", "/");
  CHECK_FALSE(app.wants_workers());
}

TEST_CASE("an invalid registration is refused with its reason", "[routing][group]") {
  registration app;
  app.group("/a").get("/:x", show_way);
  CHECK_THROWS_AS(app.get("no-slash", show_way), std::invalid_argument);
  CHECK_THROWS_WITH(app.get("/a/:y", show_way),
                    "cannot add route GET /a/:y: GET /a/:x matches the same paths");
  CHECK_THROWS_WITH(app.group("/a").get("/:x", show_way),
                    "cannot add route GET /a/:x: it was added before");
  CHECK_THROWS_AS(app.handle("B@D", "/", show_way), std::invalid_argument);
  CHECK_THROWS_WITH(
      app.handle("*", "/every", show_way),
      "cannot add a route for \"/every\": the method \"*\" is refused, as any() is for "
      "every method");
  CHECK_THROWS_AS(app.handle("*", "/every", show_way), std::invalid_argument);
  CHECK_THROWS_AS(app.handle("CONNECT", "/*all", show_way), std::invalid_argument);
  // A refused route is not registered.
  CHECK(app.ask("GET", "/a/1").status() == 200);
}

TEST_CASE("registration is refused once the routes are in use", "[routing][group]") {
  registration app;
  auto group = app.group("/g");
  app.get("/", show_way);
  (void)app.find("GET", "/");
  CHECK_THROWS_AS(app.get("/late", show_way), std::logic_error);
  CHECK_THROWS_AS(group.use(show_way), std::logic_error);
  CHECK_THROWS_AS(app.group("/late"), std::logic_error);
}

TEST_CASE("a handler that holds nothing is refused with the name of its route",
          "[routing][group]") {
  using function = void(context&);
  const std::string why =
      " is empty: it is a null function pointer, an empty std::function or actor "
      "handle, or was moved from";
  registration app;
  auto inner = app.group("/api").group("/v1");
  sake::handler moved{show_way};
  app.get("/first", std::move(moved));
  const auto refused = [&](const sake::handler& empty) {
    CHECK_THROWS_WITH(inner.get("/:id", empty),
                      "cannot add route GET /api/v1/:id: its handler" + why);
    CHECK_THROWS_WITH(app.any("/any", empty), "cannot add route ANY /any: its handler" + why);
    CHECK_THROWS_WITH(app.use(empty), "the engine: a middleware" + why);
    CHECK_THROWS_WITH(inner.use(empty), "group /api/v1: a middleware" + why);
    CHECK_THROWS_WITH(inner.use(sake::reads_content(empty)), "group /api/v1: a middleware" + why);
  };
  refused(moved); // NOLINT: what it was moved from is the test
  refused(static_cast<function*>(nullptr));
  refused(static_cast<sake::task<> (*)(context&)>(nullptr));
  refused(std::function<function>{});
  CHECK_THROWS_WITH(app.get("/second", show_way).use(std::function<function>{}),
                    "route GET /second: a middleware" + why);
  // A refused route is not registered.
  inner.get("/:id", &show_way);
  CHECK(app.content("GET", "/api/v1/7") == "straight");
}

TEST_CASE("options of a route are refused once the engine has started", "[routing][group]") {
  using namespace std::chrono_literals;
  const std::string why = "route GET /: its options are set before the engine starts";
  registration app;
  auto& kept = app.get("/", show_way);
  (void)app.find("GET", "/");
  CHECK_THROWS_WITH(kept.name("late"), why);
  CHECK_THROWS_WITH(kept.name("GET /"), why);
  CHECK_THROWS_WITH(kept.use(show_way), why);
  CHECK_THROWS_WITH(kept.worker(), why);
  CHECK_THROWS_WITH(kept.worker("images"), why);
  CHECK_THROWS_WITH(kept.on_scheduler(), why);
  CHECK_THROWS_WITH(kept.detached(), why);
  CHECK_THROWS_WITH(kept.pinned_to_reactor(), why);
  CHECK_THROWS_WITH(kept.max_in_flight(1), why);
  CHECK_THROWS_WITH(kept.max_queued(1), why);
  CHECK_THROWS_WITH(kept.high_priority(), why);
  CHECK_THROWS_WITH(kept.streams_content(), why);
  CHECK_THROWS_WITH(kept.limits({.content_bytes = 1}), why);
  CHECK_THROWS_WITH(kept.timeout(1s), why);
  CHECK_THROWS_WITH(kept.per_request(), why);
  CHECK_THROWS_WITH(kept.keyed_by("id"), why);
  CHECK_THROWS_WITH(kept.supervised({}), why);
  CHECK_THROWS_AS(kept.worker(), std::logic_error);
}

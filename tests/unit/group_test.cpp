// Registration: what a request passes on each route.
#include "../support/catch.hpp"
#include "../support/test_context.hpp"

#include <sake/routing/registry.hpp>

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

  // The plan that a request finds.
  const sake::routing::plan& find(std::string_view method, std::string_view target) {
    if (map_ == nullptr)
      map_ = seal();
    request_ = sake::http::request::make(method, target);
    return map_->plans().at(map_->find(request_.data()));
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

// Marks its way in the response: names in order.
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

TEST_CASE("A request passes the global middleware, that of its groups, and that of its route",
          "[routing][group]") {
  registration app;
  auto outer = app.group("/outer");
  auto inner = outer.group("/inner");
  inner.get("/deep", show_way).use(mark("route"), mark("route2"));
  outer.get("/here", show_way);
  app.get("/", show_way);
  // Later than the routes, and yet before them.
  inner.use(mark("inner"));
  outer.use(mark("outer"));
  app.use(mark("a"), mark("b"));
  app.group("/other").use(mark("other"));

  CHECK(app.content("GET", "/outer/inner/deep") == "a b outer inner route route2 ");
  CHECK(app.content("GET", "/outer/here") == "a b outer ");
  CHECK(app.content("GET", "/") == "a b ");
}

TEST_CASE("Requests that no route matches pass the global middleware", "[routing][group]") {
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

TEST_CASE("A global middleware may answer in place of a 404", "[routing][group]") {
  registration app;
  app.use([](context& ctx) { ctx.string(200, "caught"); });
  CHECK(app.ask("GET", "/nowhere").status() == 200);
}

TEST_CASE("Each registration names its method", "[routing][group]") {
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

TEST_CASE("Path parameters reach the handler, decoded", "[routing][group]") {
  registration app;
  app.group("/users/:user").get("/files/*path", [](context& ctx) {
    ctx.string(200, std::string{ctx.param("user")} + '|' + std::string{ctx.param("path")} + '|'
                        + std::string{ctx.param("other")});
  });
  CHECK(app.content("GET", "/users/a%20b/files/x/y%2fz") == "a b|x/y/z|");
}

TEST_CASE("A route says where it runs, and what it is called", "[routing][group]") {
  using kind = sake::routing::placement::kind;
  registration app;
  app.get("/plain", show_way);
  app.get("/fib/:n", show_way).worker().name("fibonacci");
  app.any("/any", show_way);
  CHECK(app.find("GET", "/plain").place.where == kind::by_nature);
  CHECK(app.find("GET", "/plain").title == "GET /plain");
  CHECK(app.find("GET", "/fib/3").place.where == kind::pool);
  CHECK(app.find("GET", "/fib/3").place.pool.empty());
  CHECK(app.find("GET", "/fib/3").title == "fibonacci");
  CHECK(app.find("PUT", "/any").title == "ANY /any");
  CHECK(app.wants_workers());
}

TEST_CASE("Without a worker route nobody wants workers", "[routing][group]") {
  registration app;
  app.get("/", show_way);
  (void)app.find("GET", "/");
  CHECK_FALSE(app.wants_workers());
}

TEST_CASE("A registration that cannot be is refused with its reason", "[routing][group]") {
  registration app;
  app.group("/a").get("/:x", show_way);
  CHECK_THROWS_AS(app.get("no-slash", show_way), std::invalid_argument);
  CHECK_THROWS_WITH(app.get("/a/:y", show_way),
                    "cannot add route GET /a/:y: GET /a/:x matches the same paths");
  CHECK_THROWS_WITH(app.group("/a").get("/:x", show_way),
                    "cannot add route GET /a/:x: it was added before");
  CHECK_THROWS_AS(app.handle("B@D", "/", show_way), std::invalid_argument);
  // What was refused is not there.
  CHECK(app.ask("GET", "/a/1").status() == 200);
}

TEST_CASE("Nothing is registered any more once the routes are in use", "[routing][group]") {
  registration app;
  auto group = app.group("/g");
  app.get("/", show_way);
  (void)app.find("GET", "/");
  CHECK_THROWS_AS(app.get("/late", show_way), std::logic_error);
  CHECK_THROWS_AS(group.use(show_way), std::logic_error);
  CHECK_THROWS_AS(app.group("/late"), std::logic_error);
}

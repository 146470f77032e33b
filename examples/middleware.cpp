// Three forms of middleware: it passes on, ends a request, or waits for the response.
#include <sake/sake.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

// [after]
/// Logs each request. The function given to `next` runs once the response is ready. The line
/// contains method, route and peer, and never blocks a reactor.
void logger(sake::context& ctx) {
  ctx.next([](sake::context& done) {
    done.log(sake::log_level::info, "answered",
             {{"path", done.path()}, {"status", done.response().status()}});
  });
}
// [/after]

/// Tells the client how long its request took. A coroutine may wait for the response.
sake::task<> timing(sake::context& ctx) {
  const auto start = std::chrono::steady_clock::now();
  co_await ctx.next();
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
  ctx.set_header("Server-Timing", "app;dur=" + std::to_string(taken.count()));
}

/// Passes on requests with the right token and ends all others.
// [guard]
void auth(sake::context& ctx) {
  if (ctx.header("Authorization") != "Bearer open-sesame") {
    ctx.set_header("WWW-Authenticate", "Bearer");
    ctx.abort_with_status(401);
    return;
  }
  ctx.set("user", std::string{"Ali"});
  // Returning without an answer passes the request on, as ctx.next() would.
}
// [/guard]

/// Passes on requests with the parameter `name`. Middleware with an argument is a function that
/// returns a middleware.
auto require_query(std::string name) {
  return [name = std::move(name)](sake::context& ctx) {
    if (ctx.query(name).empty()) {
      ctx.string(400, "the query parameter " + name + " is missing\n");
      ctx.abort();
    }
  };
}

int main(int argc, char** argv) {
  sake::engine app;
  app.use(logger, timing); // before every request, also those without a route

  app.get("/", [](sake::context& ctx) { ctx.string(200, "open to everybody\n"); });

  auto cave = app.group("/cave");
  cave.use(auth); // before the routes of this group and its inner groups

  cave.get("/", [](sake::context& ctx) {
    ctx.string(200, "welcome, " + ctx.must_get<std::string>("user") + "\n");
  });
  cave.get("/collapse", [](sake::context&) { throw std::runtime_error{"the roof comes down"}; });

  auto treasure = cave.group("/treasure");
  const auto hand_over = [](sake::context& ctx) {
    ctx.string(200, "one " + std::string{ctx.param("what")} + " for you\n");
  };
  treasure.get("/:what", hand_over).use(require_query("please")); // before this route only

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

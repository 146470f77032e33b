// Middleware in its three forms: what passes on, what stops, what waits for the response.
#include <sake/sake.hpp>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

/// Logs each request. What it hands to `next` runs once the response is ready. The line names method,
/// route and peer by itself, and no reactor waits for it.
void logger(sake::context& ctx) {
  ctx.next([](sake::context& done) {
    done.log(sake::log_level::info, "answered",
             {{"path", done.path()}, {"status", done.response().status()}});
  });
}

/// Tells the client how long its request took. A coroutine may wait for the response.
sake::task<> timing(sake::context& ctx) {
  const auto start = std::chrono::steady_clock::now();
  co_await ctx.next();
  const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - start;
  ctx.set_header("Server-Timing", "app;dur=" + std::to_string(taken.count()));
}

/// Lets in who knows the token: for anybody else the request ends here.
void auth(sake::context& ctx) {
  if (ctx.header("Authorization") != "Bearer open-sesame") {
    ctx.set_header("WWW-Authenticate", "Bearer");
    ctx.abort_with_status(401);
    return;
  }
  ctx.set("user", std::string{"Ali"});
  // Returning without an answer passes the request on, as ctx.next() would.
}

/// Lets in who asks nicely. Middleware with a parameter is a function that returns one.
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
  app.use(logger, timing); // before everything, also where no route matches

  app.get("/", [](sake::context& ctx) { ctx.string(200, "open to everybody\n"); });

  auto cave = app.group("/cave");
  cave.use(auth); // before this group and the groups within it

  cave.get("/", [](sake::context& ctx) {
    ctx.string(200, "welcome, " + ctx.must_get<std::string>("user") + "\n");
  });
  cave.get("/collapse", [](sake::context&) { throw std::runtime_error{"the roof comes down"}; });

  auto treasure = cave.group("/treasure");
  const auto hand_over = [](sake::context& ctx) {
    ctx.string(200, "one " + std::string{ctx.param("what")} + " for you\n");
  };
  treasure.get("/:what", hand_over).use(require_query("please")); // before this route alone

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

// The smallest service: one route with a parameter.
#include <sake/sake.hpp>

#include <string>

// [main]
int main(int argc, char** argv) {
  sake::engine app;

  app.get("/", [](sake::context& ctx) { ctx.string(200, "Try /hello/you\n"); });

  app.get("/hello/:name", [](sake::context& ctx) {
    ctx.string(200, "Hello, " + std::string{ctx.param("name")} + "!\n");
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}
// [/main]

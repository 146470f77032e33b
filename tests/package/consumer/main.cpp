#include <sake/sake.hpp>

#include <thread>

int main() {
  sake::engine app;
  app.get("/", [](sake::context& ctx) { ctx.string(200, "hi"); });
  std::jthread stop{[&] { app.shutdown(); }};
  return app.run("127.0.0.1:0");
}

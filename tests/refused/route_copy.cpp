// expected: deleted
#include <sake/sake.hpp>

void add(sake::engine& app) {
  auto added = app.get("/", [](sake::context& ctx) { ctx.string(200, "answered"); });
  added.worker();
}

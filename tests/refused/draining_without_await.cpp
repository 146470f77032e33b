// expected: write co_await
#include <sake/sake.hpp>

void answer(sake::context& ctx) {
  ctx.draining();
  ctx.string(200, "answered");
}

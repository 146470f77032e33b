// expected: write co_await
#include <sake/sake.hpp>

void answer(sake::context& ctx) {
  ctx.offload([] { return 1; });
  ctx.string(200, "answered");
}

// expected: write co_await
#include <sake/sake.hpp>

void answer(sake::context& ctx) {
  ctx.sleep(std::chrono::seconds{1});
  ctx.string(200, "slept");
}

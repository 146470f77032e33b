// expected: write co_await
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/actor.hpp>

void answer(sake::context& ctx, caf::actor whom) {
  ctx.ask<int>(whom, std::chrono::seconds{1}, 1);
  ctx.string(200, "asked");
}

// expected: not the result: write co_await
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/actor.hpp>

sake::task<> answer(sake::context& ctx, caf::actor whom) {
  auto n = ctx.ask<int>(whom, std::chrono::seconds{1}, 1);
  if (n)
    ctx.string(200, "asked");
  co_return;
}

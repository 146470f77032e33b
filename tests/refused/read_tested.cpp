// expected: not the result: write co_await
#include <sake/sake.hpp>

sake::task<> answer(sake::context& ctx) {
  int pieces = 0;
  while (auto piece = ctx.read())
    ++pieces;
  co_return ctx.string(200, std::to_string(pieces));
}

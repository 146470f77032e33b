// expected: name what offload gives and await that
// only: g++ 12
#include <sake/sake.hpp>

#include <string>

sake::task<> answer(sake::context& ctx, std::string text) {
  const auto size = co_await ctx.offload([text] { return text.size(); });
  ctx.string(200, std::to_string(size));
}

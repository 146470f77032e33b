// expected: an awaiter that has a name
#include <sake/routing/when.hpp>
#include <sake/sake.hpp>

#include <coroutine>

sake::task<> answer(sake::context& ctx) {
  std::suspend_never own;
  co_await sake::when_any(own, ctx.sleep(std::chrono::seconds{1}));
}

// expected: name what ask gives and await that
// only: g++ 12
#include <sake/actors.hpp>
#include <sake/routing/when.hpp>
#include <sake/sake.hpp>

#include <caf/actor.hpp>

#include <string>

struct add_todo {
  std::string text;
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(add_todo)

sake::task<> answer(sake::context& ctx, caf::actor todos) {
  co_await sake::when_any(ctx.ask<int>(todos, std::chrono::seconds{1}, add_todo{"tea"}),
                          ctx.sleep(std::chrono::seconds{1}));
}

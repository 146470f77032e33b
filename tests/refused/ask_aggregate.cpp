// expected: name what ask gives and await that
// only: g++ 12
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/actor.hpp>

#include <string>

struct add_todo {
  std::string text;
};
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(add_todo)

sake::task<> answer(sake::context& ctx, caf::actor todos, std::string text) {
  const auto added =
      co_await ctx.ask<int>(todos, std::chrono::seconds{1}, add_todo{std::move(text)});
  ctx.string(200, added ? "added" : "lost");
}

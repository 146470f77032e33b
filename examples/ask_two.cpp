// A coroutine that asks two actors at once; another that waits only 50 ms for an optional answer.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <map>
#include <string>
#include <variant>

using namespace std::chrono_literals;

/// Knows a number for each item: its price, or its stock. 0 for unknown items.
caf::behavior catalogue(caf::event_based_actor*, std::map<std::string, int> numbers) {
  return {[numbers = std::move(numbers)](caf::get_atom, const std::string& item) {
    const auto found = numbers.find(item);
    return found != numbers.end() ? found->second : 0;
  }};
}

/// Never answers, like a service that hangs.
caf::behavior stuck(caf::event_based_actor* self) {
  return {[=](caf::get_atom, const std::string&) { return self->make_response_promise<int>(); }};
}

int main(int argc, char** argv) {
  sake::engine app;
  using numbers = std::map<std::string, int>;
  const auto prices = app.system().spawn(catalogue, numbers{{"tea", 4}, {"rice", 2}});
  const auto stock = app.system().spawn(catalogue, numbers{{"tea", 120}, {"rice", 7}});
  const auto reviews = app.system().spawn<caf::hidden>(stuck);

  // [all]
  // Both are asked before either has answered.
  app.get("/offers/:item", [=](sake::context& ctx) -> sake::task<> {
    const std::string item{ctx.param("item")};
    const auto [price, count] =
        co_await sake::when_all(ctx.ask<int>(prices, 1s, caf::get_atom_v, item),
                                ctx.ask<int>(stock, 1s, caf::get_atom_v, item));
    if (!price || !count)
      co_return ctx.abort_with_status(502);
    ctx.json(200, {{"item", item}, {"price", *price}, {"count", *count}});
  });
  // [/all]

  // Reviews are optional: after 50 ms the response is sent without them.
  app.get("/reviews/:item", [=](sake::context& ctx) -> sake::task<> {
    const std::string item{ctx.param("item")};
    // [any]
    const auto first =
        co_await sake::when_any(ctx.ask<int>(reviews, 10s, caf::get_atom_v, item), ctx.sleep(50ms));
    const auto* stars = std::get_if<0>(&first);
    // [/any]
    ctx.string(200, stars != nullptr && *stars ? std::to_string(**stars) + " stars\n"
                                               : "no reviews just now\n");
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

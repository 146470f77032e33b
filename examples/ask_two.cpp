// A coroutine that asks two actors at once, and one that does not wait for the slower of two.
#include <sake/actors/ask.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>

#include <chrono>
#include <map>
#include <string>
#include <variant>

using namespace std::chrono_literals;

/// Knows a number for each item: a price, or how many there are. 0 for what it does not know.
caf::behavior catalogue(caf::event_based_actor*, std::map<std::string, int> numbers) {
  return {[numbers = std::move(numbers)](caf::get_atom, const std::string& item) {
    const auto found = numbers.find(item);
    return found != numbers.end() ? found->second : 0;
  }};
}

/// Thinks for ever: as a service does that is down without telling.
caf::behavior stuck(caf::event_based_actor* self) {
  return {[=](caf::get_atom, const std::string&) { return self->make_response_promise<int>(); }};
}

int main(int argc, char** argv) {
  sake::engine app;
  using numbers = std::map<std::string, int>;
  const auto prices = app.system().spawn(catalogue, numbers{{"tea", 4}, {"rice", 2}});
  const auto stock = app.system().spawn(catalogue, numbers{{"tea", 120}, {"rice", 7}});
  const auto reviews = app.system().spawn<caf::hidden>(stuck);

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

  // Reviews are nice to have: after 50 ms the answer goes out without them.
  app.get("/reviews/:item", [=](sake::context& ctx) -> sake::task<> {
    const std::string item{ctx.param("item")};
    const auto first =
        co_await sake::when_any(ctx.ask<int>(reviews, 10s, caf::get_atom_v, item), ctx.sleep(50ms));
    const auto* stars = std::get_if<0>(&first);
    ctx.string(200, stars != nullptr && *stars ? std::to_string(**stars) + " stars\n"
                                               : "no reviews just now\n");
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

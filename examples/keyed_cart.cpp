// One actor per key: a shopping cart for each customer, spawned at the first request.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <map>
#include <string>

using namespace std::chrono_literals;

struct items {
  std::map<std::string, int> count;
};

/// The cart of one customer. Only this actor uses its state: requests for the same cart are handled
/// one after the other, requests for different carts do not wait for each other.
caf::behavior cart(caf::stateful_actor<items>* self) {
  return {[=](const sake::request& request) {
    auto& count = self->state.count;
    const std::string item{request.param("item")}; // empty if the path has none
    if (request.method() == sake::http::method::put)
      ++count[item];
    else if (request.method() == sake::http::method::delete_)
      count.erase(item);
    std::string text;
    for (const auto& [name, n] : count)
      text += name + ": " + std::to_string(n) + "\n";
    return sake::response::text(200, text);
  }};
}

int main(int argc, char** argv) {
  sake::engine app;
  // Routes with the same handler share its actors. A cart ends after half an hour without a
  // request; at most 1000 are kept per reactor.
  // [routes]
  const sake::handler carts = cart;
  app.get("/carts/:customer", carts).keyed_by("customer", 30min, 1000);
  app.any("/carts/:customer/:item", carts).keyed_by("customer", 30min, 1000);
  // [/routes]
  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

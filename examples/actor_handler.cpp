// CAF actors as handlers: a route accepts any actor that answers a request with a response.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

struct visits {
  int count = 0;
};

// [counter]
/// A dynamic actor with state: it counts requests, and tells other actors the count.
caf::behavior counter(caf::stateful_actor<visits>* self) {
  return {
      [=](const sake::request&) {
        return sake::response::text(200, "visit " + std::to_string(++self->state.count) + "\n");
      },
      [=](caf::get_atom) { return self->state.count; },
  };
}
// [/counter]

/// A typed actor: the compiler checks that it takes requests and answers with responses.
sake::typed_handler::behavior_type greeter() {
  return {[](const sake::request& request) {
    return sake::response::text(200, "Hello, " + std::string{request.param("name")} + "!\n");
  }};
}

struct wish {
  std::string text = "none yet";
};
SAKE_JSON(wish, text);

/// A typed actor with state. It handles one message at a time, so its state needs no lock.
sake::typed_handler::behavior_type wishes(sake::typed_handler::stateful_pointer<wish> self) {
  return {[=](const sake::request& request) {
    if (request.method() == sake::http::method::put) {
      auto wanted = sake::bind_json<wish>(request);
      if (!wanted)
        return wanted.error(); // 400, with place and reason
      self->state = std::move(*wanted);
    }
    return sake::response::text(200, self->state.text + "\n");
  }};
}

int main(int argc, char** argv) {
  sake::engine app;
  // [routes]
  const auto visitors = app.system().spawn(counter);

  app.get("/visit", visitors);
  app.get("/hello/:name", app.system().spawn(greeter));
  app.any("/wish", app.system().spawn(wishes));
  // [/routes]

  // The same actor, asked by a coroutine.
  app.get("/visitors", [visitors](sake::context& ctx) -> sake::task<> {
    const auto count = co_await ctx.ask<int>(visitors, 1s, caf::get_atom_v);
    count ? ctx.json(200, {{"visitors", *count}}) : ctx.abort_with_status(503);
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

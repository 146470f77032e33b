// CAF actors as handlers: what answers a request with a response can be given to a route.
#include <sake/actors/ask.hpp>
#include <sake/actors/handler.hpp>
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

/// A dynamic actor with state: it counts requests, and tells other actors how many there were.
caf::behavior counter(caf::stateful_actor<visits>* self) {
  return {
      [=](const sake::request&) {
        return sake::response::text(200, "visit " + std::to_string(++self->state.count) + "\n");
      },
      [=](caf::get_atom) { return self->state.count; },
  };
}

/// A typed actor: that it takes requests and answers with responses is checked by the compiler.
sake::handler_actor::behavior_type greeter() {
  return {[](const sake::request& request) {
    return sake::response::text(200, "Hello, " + std::string{request.param("name")} + "!\n");
  }};
}

struct wish {
  std::string text = "none yet";
};
SAKE_JSON(wish, text);

/// A typed actor with state. Its messages come one at a time, so nothing here is locked.
sake::handler_actor::behavior_type wishes(sake::handler_actor::stateful_pointer<wish> self) {
  return {[=](const sake::request& request) {
    if (request.method() == sake::http::method::put) {
      auto wanted = sake::bind_json<wish>(request);
      if (!wanted)
        return wanted.error(); // 400, with the place and the reason
      self->state = std::move(*wanted);
    }
    return sake::response::text(200, self->state.text + "\n");
  }};
}

int main(int argc, char** argv) {
  sake::engine app;
  const auto visitors = app.system().spawn(counter);

  app.get("/visit", visitors);
  app.get("/hello/:name", app.system().spawn(greeter));
  app.any("/wish", app.system().spawn(wishes));

  // The same actor, asked by a coroutine.
  app.get("/visitors", [visitors](sake::context& ctx) -> sake::task<> {
    const auto count = co_await ctx.ask<int>(visitors, 1s, caf::get_atom_v);
    count ? ctx.json(200, {{"visitors", *count}}) : ctx.abort_with_status(503);
  });

  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

// Actors that routes spawn themselves: one for all requests, one for each request.
#include <sake/actors/spawned.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <string>
#include <utility>

struct count {
  int visits = 0;
};

/// A function that gives a behavior is a handler: the route spawns the actor. Its messages come one
/// at a time, whichever reactor they come from, so its state needs no lock.
caf::behavior counter(caf::stateful_actor<count>* self) {
  return {[=](const sake::request&) {
    return sake::response::text(200, "visit " + std::to_string(++self->state.visits) + "\n");
  }};
}

/// A class is one as well. This one is spawned for each request, and ends when it has answered.
class greeter : public caf::event_based_actor {
public:
  greeter(caf::actor_config& cfg, std::string greeting)
      : caf::event_based_actor(cfg), greeting_(std::move(greeting)) {}

  caf::behavior make_behavior() override {
    return {[this](const sake::request& request) {
      return sake::response::text(200, greeting_ + std::string{request.param("name")} + "!\n");
    }};
  }

private:
  std::string greeting_;
};

int main(int argc, char** argv) {
  sake::engine app;
  app.get("/visit", counter);
  app.get("/hello/:name", sake::spawned<greeter>("Hello, ")).per_request();
  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

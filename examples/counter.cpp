// Actors that routes spawn: one for all requests, one for each request.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <string>
#include <utility>

struct count {
  int visits = 0;
};

// [behavior]
/// A function that returns a behavior is a handler: the route spawns the actor, which handles one
/// message at a time, whichever reactor it comes from. So its state needs no lock.
caf::behavior counter(caf::stateful_actor<count>* self) {
  return {[=](const sake::request&) {
    return sake::response::text(200, "visit " + std::to_string(++self->state.visits) + "\n");
  }};
}
// [/behavior]

/// A class is a handler as well. Its route spawns one for each request; it ends after its answer.
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
  // [routes]
  app.get("/visit", counter);
  app.get("/hello/:name", sake::spawned<greeter>("Hello, ")).per_request();
  // [/routes]
  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

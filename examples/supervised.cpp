// An actor that fails: another takes its place, with state anew; too many failures, and it rests.
#include <sake/actors/spawned.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

struct balance {
  int total = 0;
};

/// One account. What is no number throws, and ends the actor: nobody has to think of what state it
/// may have left behind, for the next one starts with its own.
caf::behavior account(caf::stateful_actor<balance>* self) {
  return {[=](const sake::request& request) {
    self->state.total += std::stoi(std::string{request.param("amount")});
    return sake::response::text(200, std::to_string(self->state.total) + "\n");
  }};
}

int main(int argc, char** argv) {
  sake::engine app;
  // Two failures in ten seconds are followed by another actor: the first at once, the second after
  // 100 ms, while requests for the account wait. The third, where most of the requests since the
  // first have failed, closes the account, and no other, for two seconds: 503 with Retry-After.
  app.put("/accounts/:name/:amount", account)
      .keyed_by("name")
      .supervised({.restarts = 2, .within = 10s, .backoff = 100ms, .quarantine = 2s});
  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

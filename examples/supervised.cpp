// A failed actor is replaced by one with fresh state; after too many failures comes quarantine.
#include <sake/actors.hpp>
#include <sake/sake.hpp>

#include <caf/event_based_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <chrono>
#include <string>

using namespace std::chrono_literals;

struct balance {
  int total = 0;
};

/// One account. Text that is not a number throws, which ends the actor: the next actor starts with
/// state of its own, so no broken state remains.
caf::behavior account(caf::stateful_actor<balance>* self) {
  return {[=](const sake::request& request) {
    self->state.total += std::stoi(std::string{request.param("amount")});
    return sake::response::text(200, std::to_string(self->state.total) + "\n");
  }};
}

int main(int argc, char** argv) {
  sake::engine app;
  // [route]
  // After each of the first two failures within ten seconds another actor starts: at once after the
  // first, 100 ms after the second, while requests for the account wait. If most requests since the
  // first failure have failed, the third puts the account, and no other, in quarantine for two
  // seconds: 503 with Retry-After.
  app.put("/accounts/:name/:amount", account)
      .keyed_by("name")
      .supervised({.restarts = 2, .within = 10s, .backoff = 100ms, .quarantine = 2s});
  // [/route]
  return app.run(argc > 1 ? argv[1] : "127.0.0.1:8080");
}

// Two actors write to one variable: ThreadSanitizer must report this race although every handler
// runs above CAF's frames. Prints the sum, and the sum that there would be without it.
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>

#include <cstdio>

int main() {
  constexpr int messages = 1000;
  long shared = 0;

  caf::actor_system_config config;
  caf::actor_system system{config};
  const auto racer = [&shared](caf::event_based_actor*) -> caf::behavior {
    return {[&shared](int n) { shared += n; }};
  };
  caf::scoped_actor self{system};
  const auto first = self->spawn<caf::detached>(racer);
  const auto second = self->spawn<caf::detached>(racer);
  for (int i = 0; i < messages; ++i) {
    self->send(first, 1);
    self->send(second, 1);
  }
  self->send_exit(first, caf::exit_reason::user_shutdown);
  self->send_exit(second, caf::exit_reason::user_shutdown);
  self->wait_for(first, second);
  std::printf("%ld of %d\n", shared, 2 * messages);
}

// The reference for the worker pool: CAF's own request to a detached actor, one at a time.
//
// A scoped actor asks a detached event-based actor for fib(1) and waits for the reply, which takes
// two wake-ups of a thread and no other work. The result depends on the cores of the two threads,
// so each can be pinned. CAF's scheduler is not used; it is set to `sharing` with one thread so
// that no idle worker of it polls during the measurement.

#include "common/fib.hpp"
#include "common/flags.hpp"
#include "common/latency.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <pthread.h>
#include <sched.h>

#include <cstddef>
#include <cstdint>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

constexpr auto usage = "[--count 20000] [--warmup 1000] [--ask-core N] [--worker-core N]";

using core = std::optional<std::size_t>;

core core_from(const sake::bench::flags& flags, const char* name) {
  return flags.has(name) ? core{flags.number(name, 0)} : std::nullopt;
}

void pin_this_thread(core where) {
  if (!where)
    return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(*where, &set);
  if (::pthread_setaffinity_np(::pthread_self(), sizeof set, &set) != 0)
    throw std::runtime_error("cannot pin a thread to core " + std::to_string(*where));
}

/// A detached actor runs its body on its own thread, so the body pins that thread.
caf::behavior fib_actor(caf::event_based_actor*, core where) {
  pin_this_thread(where);
  return {[](std::uint32_t n) { return sake::bench::fib(n); }};
}

/// One round trip; throws if the actor answers with an error or a wrong number.
void ask(caf::scoped_actor& self, const caf::actor& worker) {
  self->request(worker, caf::infinite, std::uint32_t{1})
      .receive(
          [](std::uint64_t number) {
            if (number != 1)
              throw std::runtime_error("fib(1) came back wrong");
          },
          [&](const caf::error& reason) {
            throw std::runtime_error(self->system().render(reason));
          });
}

} // namespace

int main(int argc, char** argv) {
  return sake::bench::run_program("sake-bench-caf-roundtrip", usage, [&] {
    sake::bench::flags flags{argc, argv, {"--count", "--warmup", "--ask-core", "--worker-core"}};
    const auto count = flags.number("--count", 20'000);
    const auto warmup = flags.number("--warmup", 1'000);

    caf::actor_system_config config;
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads", 1);
    caf::actor_system system{config};
    auto worker = system.spawn<caf::detached>(fib_actor, core_from(flags, "--worker-core"));
    caf::scoped_actor self{system};
    pin_this_thread(core_from(flags, "--ask-core"));

    auto record = sake::bench::measure_round_trips(count, warmup, [&] { ask(self, worker); });
    record.write_json(std::cout);
    caf::anon_send_exit(worker, caf::exit_reason::user_shutdown);
    return 0;
  });
}

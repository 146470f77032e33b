#include "engine_actor_system.hpp"

#include "../actors/reactor/log.hpp"
#include "logging.hpp"

#include <caf/atom.hpp>
#include <caf/logger.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <thread>
#include <vector>

namespace sake {

namespace {

using namespace std::chrono_literals;

// How long the end waits for actors of the program before it logs a warning.
constexpr auto patience_with_actors = 1s;

// Threads that CAF runs besides those of its scheduler: clock and printer.
constexpr std::size_t own_threads_of_caf = 2;

// CAF's threads start before `config::check` runs, so the number is clamped here.
std::size_t scheduler_threads(const config& options) {
  return std::clamp<std::size_t>(options.scheduler_threads(), 1, actors::max_threads);
}

// Throws std::system_error if `count` threads cannot run at the same time. In that case CAF's actor
// system would end the process.
void probe_threads(std::size_t count) {
  std::atomic<bool> may_end{false};
  std::vector<std::jthread> threads;
  const auto end = [&may_end] {
    may_end = true;
    may_end.notify_all();
  };
  try {
    while (threads.size() < count)
      threads.emplace_back([&may_end] { may_end.wait(false); });
  } catch (...) {
    end();
    throw;
  }
  end();
}

caf::actor_system_config& configure(caf::actor_system_config& system, const config& options) {
  probe_threads(scheduler_threads(options) + own_threads_of_caf);
  const bool shares = options.scheduler_policy() == scheduler_policy::sharing;
  system.set("scheduler.policy", shares ? caf::atom("sharing") : caf::atom("stealing"));
  system.set("scheduler.max-threads", scheduler_threads(options));
  system.set("scheduler.max-throughput",
             std::clamp<std::size_t>(options.scheduler_throughput(), 1, 1'000'000));
  return system;
}

} // namespace

logger_release::~logger_release() {
  caf::logger::set_current_actor_system(nullptr);
}

engine_actor_system::engine_actor_system(const config& options)
    : system_(configure(config_, options)) {
  const logger_release at_the_end;
}

engine_actor_system::~engine_actor_system() {
  const auto running = [this] { return system_.registry().running(); };
  const auto enough = std::chrono::steady_clock::now() + patience_with_actors;
  while (running() > 0 && std::chrono::steady_clock::now() < enough)
    std::this_thread::sleep_for(1ms);
  if (const auto left = running(); left > 0) {
    actors::log_event(log_level::warning,
                      "the end waits for actors of the program, which nobody has told to exit",
                      {{"actors", left}});
    flush_log();
  }
}

} // namespace sake

#include "engine_actor_system.hpp"

#include "../actors/nodes/basp/middleman_settings.hpp"
#include "../actors/reactor/log.hpp"
#include "logging.hpp"

#include <caf/atom.hpp>
#include <caf/logger.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include <signal.h>
#include <sys/types.h>
#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

// How long the end waits for actors of the program before it logs a warning.
constexpr auto patience_with_actors = 1s;

// How long the start waits until the system no longer counts threads that have ended.
constexpr auto patience_with_threads = 1s;

// Threads that CAF runs besides those of its scheduler: clock and printer.
constexpr std::size_t own_threads_of_caf = 2;

// CAF's threads start before `config::check` runs, so the number is clamped here.
std::size_t scheduler_threads(const config& options) {
  return std::clamp<std::size_t>(options.scheduler_threads(), 1, actors::max_threads);
}

// Waits until the system no longer counts a thread that has been joined: a join returns a little
// earlier, and until then the thread counts against the limit (setrlimit(2), RLIMIT_NPROC).
void await_release(pid_t thread) {
  const auto enough = std::chrono::steady_clock::now() + patience_with_threads;
  while (::tgkill(::getpid(), thread, 0) == 0 && std::chrono::steady_clock::now() < enough)
    std::this_thread::yield();
}

// Throws std::system_error if `count` threads cannot run at the same time. In that case CAF's actor
// system would end the process.
void probe_threads(std::size_t count) {
  std::atomic<bool> may_end{false};
  std::vector<pid_t> ids(count);
  const auto end = [&may_end] {
    may_end = true;
    may_end.notify_all();
  };
  const auto run = [&may_end](pid_t& id) {
    id = ::gettid();
    may_end.wait(false);
  };
  {
    std::vector<std::jthread> threads;
    try {
      for (auto& id : ids)
        threads.emplace_back(run, std::ref(id));
    } catch (...) {
      end();
      throw;
    }
    end();
  }
  for (const auto id : ids)
    await_release(id);
}

caf::actor_system_config& configure(caf::actor_system_config& system, const config& options) {
  probe_threads(scheduler_threads(options) + own_threads_of_caf);
  const bool shares = options.scheduler_policy() == scheduler_policy::sharing;
  system.set("scheduler.policy", shares ? caf::atom("sharing") : caf::atom("stealing"));
  system.set("scheduler.max-threads", scheduler_threads(options));
  system.set("scheduler.max-throughput",
             std::clamp<std::size_t>(options.scheduler_throughput(), 1, 1'000'000));
  if (options.node().is_on())
    actors::nodes::load_middleman(system);
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

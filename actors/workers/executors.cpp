#include "executors.hpp"

#include "worker_pool.hpp"

#include <string>

namespace sake::actors {

executors::executors(caf::actor_system& system, executor_settings chosen)
    : executor_finder(system, chosen.pool.max_queued), settings_(std::move(chosen)) {
  if (!settings_.has_pools)
    return;
  pools_.emplace_back("", std::make_unique<worker_pool>(system, settings_.pool));
  for (const auto& [name, settings] : settings_.named_pools)
    pools_.emplace_back(name, std::make_unique<worker_pool>(system, settings, name));
}

executors::~executors() = default;

executor* executors::start_pool(std::string_view name) {
  auto* const found = pool(name);
  if (found != nullptr)
    found->start();
  return found;
}

executor& executors::start_detached() {
  const pool_settings alone{.workers = 1,
                            .max_queued = settings_.pool.max_queued,
                            .pinned = false,
                            .scheduling = scheduling::normal};
  const auto name = "detached-" + std::to_string(detached_.size());
  detached_.push_back(std::make_unique<worker_pool>(system(), alone, name));
  detached_.back()->start();
  return *detached_.back();
}

worker_pool* executors::pool(std::string_view name) const noexcept {
  for (const auto& [known, found] : pools_)
    if (known == name)
      return found.get();
  return nullptr;
}

bool executors::stop(std::chrono::milliseconds patience) {
  std::vector<worker_pool*> workers;
  for (const auto& [name, each] : pools_)
    workers.push_back(each.get());
  for (const auto& each : detached_)
    workers.push_back(each.get());
  // Stop all before waiting, as they share the remaining time.
  for (auto* const each : workers)
    each->begin_stop();
  if (scheduler() != nullptr)
    scheduler()->begin_stop();
  const auto deadline = time_after(std::chrono::steady_clock::now(), patience);
  bool have_ended = true;
  for (auto* const each : workers)
    have_ended = each->await_end(deadline) && have_ended;
  return (scheduler() == nullptr || scheduler()->await_end(deadline)) && have_ended;
}

} // namespace sake::actors

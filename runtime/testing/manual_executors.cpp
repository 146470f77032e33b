#include "manual_executors.hpp"

#include <utility>

namespace sake::testing {

manual_executors::manual_executors(caf::actor_system& system, actors::executor_settings chosen)
    : actors::executor_finder(system, chosen.pool.max_queued), settings_(std::move(chosen)) {}

manual_executors::~manual_executors() = default;

manual_executor& manual_executors::pool(std::string_view name) {
  const auto found = all_.find(name);
  if (found != all_.end())
    return *found->second;
  const auto* chosen = &settings_.pool;
  for (const auto& [known, settings] : settings_.named_pools)
    if (known == name)
      chosen = &settings;
  auto made = std::make_unique<manual_executor>(system(), chosen->workers, chosen->max_queued,
                                                std::string{name});
  return *all_.emplace(name, std::move(made)).first->second;
}

void manual_executors::set_pool(std::string_view name, std::unique_ptr<manual_executor> other) {
  all_[std::string{name}] = std::move(other);
}

actors::executor* manual_executors::start_pool(std::string_view name) {
  return settings_.has_pools ? &pool(name) : nullptr;
}

// In an engine a detached route has a thread of its own.
actors::executor& manual_executors::start_detached() {
  auto name = "detached-" + std::to_string(detached_++);
  auto made = std::make_unique<manual_executor>(system(), 1, settings_.pool.max_queued, name);
  return *all_.emplace('(' + std::move(name) + ')', std::move(made)).first->second;
}

std::size_t manual_executors::ready() {
  std::size_t count = 0;
  for (const auto& [name, each] : all_)
    count += each->ready();
  return count;
}

void manual_executors::run(std::size_t i) {
  for (const auto& [name, each] : all_) {
    if (i < each->ready()) {
      each->run(i);
      return;
    }
    i -= each->ready();
  }
}

void manual_executors::drop() {
  for (const auto& [name, each] : all_)
    each->drop();
}

} // namespace sake::testing

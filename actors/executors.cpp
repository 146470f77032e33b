#include <sake/actors/executors.hpp>

#include <sake/actors/scheduler_executor.hpp>
#include <sake/actors/worker_pool.hpp>

#include <string>

namespace sake::actors {

executors::executors(caf::actor_system& system, executor_settings chosen)
    : system_(system), settings_(std::move(chosen)) {
  if (!settings_.has_pools)
    return;
  pools_.emplace_back("", std::make_unique<worker_pool>(system, settings_.pool));
  for (const auto& [name, settings] : settings_.named_pools)
    pools_.emplace_back(name, std::make_unique<worker_pool>(system, settings, name));
}

executors::~executors() = default;

executor* executors::find(const routing::placement& wanted) {
  using kind = routing::placement::kind;
  switch (wanted.where) {
    case kind::by_nature:
    case kind::reactor:
      break;
    case kind::scheduler:
      if (scheduler_ == nullptr)
        scheduler_ = std::make_unique<scheduler_executor>(system_, settings_.pool.queue_bound);
      return scheduler_.get();
    case kind::detached:
      return &detach();
    case kind::pool:
      if (auto* const found = pool(wanted.pool)) {
        found->start();
        return found;
      }
      break;
  }
  return nullptr;
}

worker_pool& executors::detach() {
  const pool_settings alone{.workers = 1,
                            .queue_bound = settings_.pool.queue_bound,
                            .pinned = false,
                            .scheduling = scheduling::normal};
  const auto name = "detached-" + std::to_string(detached_.size());
  detached_.push_back(std::make_unique<worker_pool>(system_, alone, name));
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
  // All at once, for they share the time that is left.
  for (auto* const each : workers)
    each->begin_stop();
  if (scheduler_ != nullptr)
    scheduler_->begin_stop();
  const auto deadline = time_after(std::chrono::steady_clock::now(), patience);
  bool have_ended = true;
  for (auto* const each : workers)
    have_ended = each->await_end(deadline) && have_ended;
  return (scheduler_ == nullptr || scheduler_->await_end(deadline)) && have_ended;
}

void assign_places(const routing::route_map& routes, route_state* states,
                   const std::function<executor*(const routing::placement&)>& find) {
  for (const routing::plan& plan : routes.plans()) {
    route_state& state = *states++;
    const bool is_scheduled = plan.place.where == routing::placement::kind::scheduler;
    if (!plan.layers.back()->is_actor())
      state.place = find(plan.place);
    else if (state.actors_of != &state)
      continue;
    else if (is_scheduled)
      state.actor_place = nullptr; // CAF's scheduler knows actors itself
    else if (auto* const place = find(plan.place))
      state.actor_place = place;
  }
}

} // namespace sake::actors

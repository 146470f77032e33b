#include <sake/runtime/config.hpp>

#include <sake/actors/cores.hpp>
#include <sake/actors/cpu_quota.hpp>

#include <algorithm>

namespace sake {

namespace {

// Where the configuration does not say how many: one for each core, within the quota.
std::size_t or_cores(std::size_t threads, const std::vector<std::size_t>& cores) {
  if (threads != 0)
    return threads;
  return actors::useful_threads(cores.empty() ? actors::usable_cores().size() : cores.size(),
                                actors::cpu_quota());
}

} // namespace

std::size_t config::reactors() const {
  return or_cores(reactors_, reactor_cores_);
}

std::size_t config::workers() const {
  return or_cores(workers_, worker_cores_);
}

config& config::with_pool(std::string name, const pool_settings& settings) {
  const auto known = std::find_if(pools_.begin(), pools_.end(),
                                  [&name](const named_pool& each) { return each.name == name; });
  if (known != pools_.end())
    known->settings = settings;
  else
    pools_.push_back({std::move(name), settings});
  return *this;
}

} // namespace sake

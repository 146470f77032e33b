#include "config_values.hpp"

#include "../../actors/reactor/cores.hpp"
#include "../../actors/reactor/cpu_quota.hpp"

#include <algorithm>
#include <utility>

namespace sake {

namespace {

// If the configuration names no number: one per core, within the CPU quota.
std::size_t or_cores(std::size_t threads, const std::vector<std::size_t>& cores) {
  if (threads != 0)
    return threads;
  return actors::useful_threads(cores.empty() ? actors::usable_cores().size() : cores.size(),
                                actors::cpu_quota());
}

} // namespace

std::size_t config_values::reactor_count() const {
  return or_cores(reactors, reactor_cores);
}

actors::executor_settings config_values::sized_executors() const {
  auto sized = executors;
  sized.pool.workers = or_cores(sized.pool.workers, sized.pool.cores);
  return sized;
}

http::settings config_values::connection_settings() const {
  auto made = connections;
  if (!server_name.empty())
    made.server_line = "Server: " + server_name + "\r\n";
  return made;
}

void config_values::set_pool(std::string name, const pool_settings& settings) {
  auto& pools = executors.named_pools;
  const auto known = std::find_if(pools.begin(), pools.end(),
                                  [&name](const named_pool& each) { return each.name == name; });
  if (known != pools.end())
    known->settings = settings;
  else
    pools.push_back({std::move(name), settings});
}

} // namespace sake

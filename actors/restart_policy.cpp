#include <sake/actors/restart_policy.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sake::actors {

restart_policy::decision restart_policy::on_failure(const supervision& bounds, time_point now) {
  const auto counts = std::find_if(failures_.begin(), failures_.end(),
                                   [&](time_point failed) { return now - failed < bounds.within; });
  failures_.erase(failures_.begin(), counts);
  failures_.push_back(now);
  const std::size_t failures = failures_.size();
  if (!on_probation_ && failures <= bounds.restarts)
    return {decision::kind::restart, now + delay(bounds), failures};
  failures_ = {};
  on_probation_ = true;
  return {decision::kind::quarantine, now + bounds.quarantine, failures};
}

std::chrono::milliseconds restart_policy::delay(const supervision& bounds) const noexcept {
  if (failures_.size() == 1)
    return {};
  auto delay = bounds.backoff;
  for (std::size_t i = 2; i < failures_.size() && delay < bounds.backoff_max; ++i)
    delay *= 2;
  return std::min(delay, bounds.backoff_max);
}

} // namespace sake::actors

#include "restart_policy.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sake::actors {

restart_policy::decision restart_policy::on_failure(const supervision& policy, time_point now,
                                                    std::uint32_t begun) {
  note(policy, {now, begun});
  const std::size_t failures = failures_.size();
  if (!fails_mostly(begun))
    return {decision::kind::restart, now, failures};
  if (!on_probation_ && failures <= policy.restarts)
    return {decision::kind::restart, time_after(now, delay(policy)), failures};
  failures_ = {};
  on_probation_ = true;
  begun_before_probation_ = begun;
  return {decision::kind::quarantine, time_after(now, policy.quarantine), failures};
}

// Keeps at most `restarts` + 1 failures.
void restart_policy::note(const supervision& policy, failure latest) {
  std::erase_if(failures_,
                [&](const failure& each) { return latest.when - each.when >= policy.within; });
  if (failures_.size() > policy.restarts)
    failures_.erase(failures_.begin());
  failures_.push_back(latest);
}

bool restart_policy::fails_mostly(std::uint32_t begun) const noexcept {
  if (on_probation_)
    return 2 * failures_.size() > std::uint32_t{begun - begun_before_probation_};
  // The count begins at the oldest failure.
  const std::size_t counted = failures_.size() - 1;
  return counted == 0 || 2 * counted > std::uint32_t{begun - failures_.front().begun};
}

std::chrono::milliseconds restart_policy::delay(const supervision& policy) const noexcept {
  if (failures_.size() == 1)
    return {};
  auto delay = policy.backoff;
  for (std::size_t i = 2; i < failures_.size() && delay < policy.backoff_max; ++i)
    delay *= 2;
  return std::min(delay, policy.backoff_max);
}

} // namespace sake::actors

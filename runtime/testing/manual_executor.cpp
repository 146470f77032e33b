#include "manual_executor.hpp"

#include <algorithm>
#include <utility>

namespace sake::testing {

bool manual_executor::submit(std::shared_ptr<routing::work> task) {
  if (!load_.admit(*task, workers_ + max_queued_))
    return false;
  insert(std::move(task));
  return true;
}

void manual_executor::resubmit(std::shared_ptr<routing::work> task) {
  load_.add(*task);
  insert(std::move(task));
}

void manual_executor::insert(std::shared_ptr<routing::work> task) {
  const auto at = task->has_priority() ? first_without_priority() : tasks_.end();
  tasks_.insert(at, std::move(task));
}

void manual_executor::drop() {
  for (const auto& each : std::exchange(tasks_, {}))
    load_.remove(*each);
}

manual_executor::tasks::iterator manual_executor::first_without_priority() {
  return std::find_if(tasks_.begin(), tasks_.end(),
                      [](const auto& each) { return !each->has_priority(); });
}

// Tasks with priority are at the front.
std::size_t manual_executor::urgent() {
  return static_cast<std::size_t>(first_without_priority() - tasks_.begin());
}

bool manual_executor::is_turn_of_urgent() {
  const auto waiting = urgent();
  return waiting == tasks_.size() || (waiting > 0 && urgent_in_a_row_ < max_urgent_in_a_row);
}

std::size_t manual_executor::ready() {
  return is_turn_of_urgent() ? urgent() : tasks_.size() - urgent();
}

void manual_executor::run(std::size_t i) {
  const bool is_urgent = is_turn_of_urgent() && urgent() > 0;
  urgent_in_a_row_ = is_urgent ? urgent_in_a_row_ + 1 : 0;
  const auto at = tasks_.begin() + static_cast<std::ptrdiff_t>(is_urgent ? i : i + urgent());
  auto task = std::move(*at);
  tasks_.erase(at);
  const stay here{system()};
  task->run();
  load_.remove(*task);
  task.reset();
}

} // namespace sake::testing

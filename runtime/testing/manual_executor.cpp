#include <sake/testing/manual_executor.hpp>

#include <algorithm>
#include <utility>

namespace sake::testing {

bool manual_executor::submit(std::shared_ptr<routing::work> task) {
  if (load() >= workers_ + queue_bound_ && !task->has_priority())
    return false;
  resubmit(std::move(task));
  return true;
}

void manual_executor::resubmit(std::shared_ptr<routing::work> task) {
  const auto at = task->has_priority() ? first_without_priority() : tasks_.end();
  tasks_.insert(at, std::move(task));
}

manual_executor::tasks::iterator manual_executor::first_without_priority() {
  return std::find_if(tasks_.begin(), tasks_.end(),
                      [](const auto& each) { return !each->has_priority(); });
}

std::size_t manual_executor::ready() {
  const auto urgent = static_cast<std::size_t>(first_without_priority() - tasks_.begin());
  return urgent > 0 ? urgent : tasks_.size();
}

void manual_executor::run(std::size_t i) {
  auto task = std::move(tasks_[i]);
  tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(i));
  ++running_;
  {
    const stay here;
    task->run();
    // Let go of the task before the count says that it is over.
    task.reset();
  }
  --running_;
}

} // namespace sake::testing

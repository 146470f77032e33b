#include <sake/testing/manual_executor.hpp>

#include <utility>

namespace sake::testing {

bool manual_executor::submit(std::shared_ptr<routing::work> task) {
  if (load() >= workers_ + queue_bound_ && !task->has_priority())
    return false;
  resubmit(std::move(task));
  return true;
}

void manual_executor::resubmit(std::shared_ptr<routing::work> task) {
  if (task->has_priority())
    tasks_.push_front(std::move(task));
  else
    tasks_.push_back(std::move(task));
}

void manual_executor::run(std::size_t i) {
  auto task = std::move(tasks_[i]);
  tasks_.erase(tasks_.begin() + static_cast<std::ptrdiff_t>(i));
  ++running_;
  {
    const stay here;
    task->run();
    // Let go of the task before the count says that it is over, as a worker does.
    task.reset();
  }
  --running_;
}

} // namespace sake::testing

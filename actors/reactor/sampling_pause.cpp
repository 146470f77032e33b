#include "sampling_pause.hpp"

namespace sake::actors {

bool sampling_pause::wait(std::optional<std::chrono::nanoseconds> time) {
  std::unique_lock lock{mutex_};
  const auto is_over = [this] { return is_woken_ || is_stopped_; };
  if (time)
    changed_.wait_for(lock, *time, is_over);
  else
    changed_.wait(lock, is_over);
  is_woken_ = false;
  return !is_stopped_;
}

void sampling_pause::wake() noexcept {
  {
    const std::lock_guard lock{mutex_};
    is_woken_ = true;
  }
  changed_.notify_one();
}

void sampling_pause::stop() noexcept {
  {
    const std::lock_guard lock{mutex_};
    is_stopped_ = true;
  }
  changed_.notify_one();
}

} // namespace sake::actors

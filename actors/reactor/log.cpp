#include "log.hpp"

#include "log_limiter.hpp"

#include <chrono>
#include <mutex>

namespace sake::actors {

namespace {

std::mutex limiter_mutex;

log_limiter& limiter() {
  // Never destroyed: a thread may log while the process exits.
  static auto& only = *new log_limiter;
  return only;
}

// If another thread holds the lock, the line is written uncounted: no thread waits for a thread
// that was taken off its core.
bool admits(const log_record& record) noexcept {
  const std::unique_lock lock{limiter_mutex, std::try_to_lock};
  if (!lock)
    return true;
  try {
    return limiter().admits(record, std::chrono::steady_clock::now());
  } catch (...) {
    return true; // no memory to count with
  }
}

} // namespace

void log_event(log_level level, std::string_view text, std::span<const log_field> fields) noexcept {
  if (logs(level) && admits({level, text, fields}))
    sake::log(level, text, fields);
}

bool tell_left_out() noexcept {
  const std::lock_guard lock{limiter_mutex};
  return limiter().tell_left_out(std::chrono::steady_clock::now());
}

void tell_all_left_out() noexcept {
  const std::lock_guard lock{limiter_mutex};
  limiter().tell_left_out(log_limiter::time_point::max());
}

} // namespace sake::actors

#include "clock.hpp"

namespace sake::actors {

namespace {

timespec read(clockid_t id) noexcept {
  timespec now{};
  clock_gettime(id, &now);
  return now;
}

time_point to_time_point(timespec t) noexcept {
  return time_point{std::chrono::seconds{t.tv_sec} + std::chrono::nanoseconds{t.tv_nsec}};
}

} // namespace

time_point clock::now() const noexcept {
  return to_time_point(read(CLOCK_MONOTONIC));
}

time_point clock::coarse_now() const noexcept {
  return to_time_point(read(CLOCK_MONOTONIC_COARSE));
}

std::time_t clock::time_of_day() const noexcept {
  return read(CLOCK_REALTIME_COARSE).tv_sec;
}

const clock& clock::system() noexcept {
  static const clock instance;
  return instance;
}

} // namespace sake::actors

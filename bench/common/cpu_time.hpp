// The CPU time of a thread, and work that takes some.
#pragma once

#include <chrono>

#include <time.h>

namespace sake::bench {

/// The CPU time of the calling thread so far.
inline std::chrono::nanoseconds cpu_time() {
  timespec had{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &had);
  return std::chrono::seconds{had.tv_sec} + std::chrono::nanoseconds{had.tv_nsec};
}

/// Burns `time` of CPU time, as a computing handler does: it takes longer if it loses its core.
inline void burn(std::chrono::microseconds time) {
  const auto end = cpu_time() + time;
  while (cpu_time() < end) {
  }
}

} // namespace sake::bench

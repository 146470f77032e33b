// Measures how long work on a worker would have held a reactor.
#pragma once

#include <algorithm>
#include <chrono>

#include <sys/resource.h>
#include <time.h>

namespace sake::actors::detail {

/// Measures how long work on this thread would have held a reactor: the elapsed time if the thread
/// has slept voluntarily, else its CPU time, as waiting for a core says nothing about the work.
class stopwatch {
public:
  stopwatch() noexcept : sleeps_(sleeps()), begun_(cpu_time()) {}

  /// @param taken  the elapsed time by the clock
  [[nodiscard]] std::chrono::nanoseconds held(
      std::chrono::steady_clock::duration taken) const noexcept {
    if (sleeps() != sleeps_)
      return taken;
    return std::min<std::chrono::nanoseconds>(cpu_time() - begun_, taken);
  }

private:
  // Neither call can fail with these arguments. The times of getrusage(2) are those of the last
  // scheduler tick, up to 10 ms ago.
  static long sleeps() noexcept {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
  }
  static std::chrono::nanoseconds cpu_time() noexcept {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  }

  long sleeps_;
  std::chrono::nanoseconds begun_;
};

} // namespace sake::actors::detail

// How long work on a worker would have held a reactor.
#pragma once

#include <algorithm>
#include <chrono>

#include <sys/resource.h>
#include <time.h>

namespace sake::actors::detail {

/// How long work on this thread would have held a reactor. A worker of the idle class is taken off
/// its core for as long as anybody else wants it, which says nothing about the work: so this is
/// the CPU time, as long as the thread has never slept of its own accord.
class stopwatch {
public:
  stopwatch() noexcept : sleeps_(sleeps()), begun_(cpu_time()) {}

  /// @param taken  what the clock says
  [[nodiscard]] std::chrono::nanoseconds held(
      std::chrono::steady_clock::duration taken) const noexcept {
    if (sleeps() != sleeps_)
      return taken;
    return std::min<std::chrono::nanoseconds>(cpu_time() - begun_, taken);
  }

private:
  // Neither call can fail with these arguments. The times that getrusage(2) gives as well are of
  // the last tick of the scheduler, up to 10 ms ago.
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

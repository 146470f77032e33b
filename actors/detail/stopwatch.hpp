// How long work on a worker would have held a reactor.
#pragma once

#include <chrono>

#include <sys/resource.h>
#include <sys/time.h>

namespace sake::actors::detail {

/// How long work on this thread would have held a reactor. A worker of the idle class is taken off
/// its core for as long as anybody else wants it, which says nothing about the work: so this is
/// the CPU time, as long as the thread has never slept of its own accord.
class stopwatch {
public:
  stopwatch() noexcept : begun_(read()) {}

  /// @param taken  what the clock says
  [[nodiscard]] std::chrono::microseconds held(
      std::chrono::steady_clock::duration taken) const noexcept {
    const rusage now = read();
    if (now.ru_nvcsw != begun_.ru_nvcsw)
      return std::chrono::duration_cast<std::chrono::microseconds>(taken);
    return cpu_time(now) - cpu_time(begun_);
  }

private:
  static rusage read() noexcept {
    rusage usage{};
    ::getrusage(RUSAGE_THREAD, &usage); // getrusage(2): cannot fail with these
    return usage;
  }
  static std::chrono::microseconds cpu_time(const rusage& of) noexcept {
    return time_of(of.ru_utime) + time_of(of.ru_stime);
  }
  static std::chrono::microseconds time_of(const timeval& of) noexcept {
    return std::chrono::seconds{of.tv_sec} + std::chrono::microseconds{of.tv_usec};
  }

  rusage begun_;
};

} // namespace sake::actors::detail

// CPU and wait times of a thread, as another thread sees them.
#pragma once

#include <chrono>

#include <sys/types.h>
#include <time.h>

namespace sake::actors::detail {

/// A thread of this process, and the clock of its CPU time.
struct thread_identity {
  pid_t id = 0;
  clockid_t cpu_clock = CLOCK_MONOTONIC;

  /// The calling thread.
  static thread_identity here() noexcept;
};

/// The times of a thread so far.
struct thread_times {
  /// Time on a core.
  std::chrono::nanoseconds cpu{0};
  /// Time in which it was runnable but had no core: other threads had them, or the quota of the
  /// control group was used up. Excludes the current wait.
  std::chrono::nanoseconds waited{0};
};

/// Reads /proc. Returns zeros for a thread that has ended.
thread_times times_of(const thread_identity& thread) noexcept;

/// Returns whether the thread runs, or would run if it had a core; false while it sleeps.
bool is_runnable(const thread_identity& thread) noexcept;

/// Returns how long a thread has worked since `before`: its CPU time and the time that it slept,
/// without the time that it waited for a core.
///
/// @param passed  the time by the clock
/// @param runs  whether the thread is runnable now, so that the rest of the time was a wait for a
///        core
std::chrono::nanoseconds time_spent(const thread_times& before, const thread_times& now,
                                    std::chrono::nanoseconds passed, bool runs) noexcept;

} // namespace sake::actors::detail

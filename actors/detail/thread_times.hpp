// What a thread has done with its time, as another thread sees it.
#pragma once

#include <chrono>

#include <sys/types.h>
#include <time.h>

namespace sake::actors::detail {

/// A thread of this process, and the clock of its CPU time.
struct thread_identity {
  pid_t id = 0;
  clockid_t cpu_clock = CLOCK_MONOTONIC;

  /// Of the calling thread.
  static thread_identity here() noexcept;
};

/// What a thread has done with its time so far.
struct thread_times {
  /// Time on a core.
  std::chrono::nanoseconds cpu{0};
  /// Time in which it could have run, but had no core: others had them, or the quota of the control
  /// group was used up. What it waits just now is not in it yet.
  std::chrono::nanoseconds waited{0};
};

/// Reads /proc; all zero for a thread that has ended.
thread_times times_of(const thread_identity& thread) noexcept;

/// Whether the thread runs, or would run if it had a core; false while it sleeps.
bool is_runnable(const thread_identity& thread) noexcept;

/// How long a thread has been at something since `before`: its CPU time and the time that it slept,
/// but not the time that it waited for a core.
///
/// @param passed  what the clock says
/// @param runs  whether it is runnable now, so that the rest of the time was a wait for a core
std::chrono::nanoseconds time_spent(const thread_times& before, const thread_times& now,
                                    std::chrono::nanoseconds passed, bool runs) noexcept;

} // namespace sake::actors::detail

// The pauses of a thread that samples reactors.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace sake::actors {

/// The pauses of a thread that samples reactors. Reactors share it with that thread, so that one
/// may wake it while it ends.
class sampling_pause {
public:
  /// Waits for `time`, or without one until `wake`. One thread calls it.
  /// @returns false once `stop` has been called
  bool wait(std::optional<std::chrono::nanoseconds> time);

  /// Ends the pause, or the next one. Any thread.
  void wake() noexcept;
  /// Ends this pause and every later one. Any thread.
  void stop() noexcept;

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_woken_ = false;
  bool is_stopped_ = false;
};

} // namespace sake::actors

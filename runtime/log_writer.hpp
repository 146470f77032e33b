// Writes log lines to a file descriptor.
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <semaphore>
#include <string>
#include <thread>

namespace sake {

/// Writes log lines to a file descriptor by write(2), on a thread of its own. A thread that logs
/// takes no lock and never waits: past `max_pending_bytes` its line is left out and counted, and a
/// later line reports the count. If the descriptor refuses octets, only lines are lost.
///
/// The end of the process waits for nothing here: the object is never destroyed, and its thread
/// holds no lock that others need.
class log_writer {
public:
  /// Limit on the octets waiting to be written.
  static constexpr std::size_t max_pending_bytes = 4 * 1024 * 1024;

  /// @param descriptor  where lines go
  /// @param make_line  returns the line, with its ending, that reports how many lines were left out
  /// @param on_pause  called on the writer's thread after each batch of lines, and each second
  ///                  while it returns true
  /// @throws std::system_error if no thread is available
  log_writer(int descriptor, std::string (*make_line)(std::size_t left_out), bool (*on_pause)());
  log_writer(const log_writer&) = delete;
  log_writer& operator=(const log_writer&) = delete;

  /// Queues one line, with its ending. Safe from any thread.
  void add(std::string line) noexcept;

  /// Counts a line that could not be made.
  void leave_out() noexcept { left_out_.fetch_add(1, std::memory_order_relaxed); }

  /// Writes all further lines to `descriptor`. The previous one stays open.
  void redirect(int descriptor) noexcept { descriptor_.store(descriptor); }

  /// Blocks until all lines queued so far are written, at most for `patience`.
  /// @returns whether they are written
  bool flush(std::chrono::milliseconds patience) noexcept;

private:
  struct node {
    node* next;
    std::string line;
  };

  void run();
  [[nodiscard]] bool await_lines();
  node* take_all() noexcept;
  void write_all(node* oldest);
  void write_batch(std::string& batch, std::size_t lines);
  void tell_left_out();

  std::atomic<int> descriptor_;
  std::string (*make_line_)(std::size_t);
  bool (*on_pause_)();
  std::atomic<node*> newest_{nullptr};
  std::atomic<std::size_t> pending_bytes_{0};
  std::atomic<std::size_t> left_out_{0};
  /// Lines queued, and lines written or left out since.
  std::atomic<std::uint64_t> taken_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<bool> is_waiting_{false};
  std::counting_semaphore<> wake_{0};
  bool has_pause_ = false;
};

} // namespace sake

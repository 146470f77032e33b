#include "log_writer.hpp"

#include <cerrno>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

namespace sake {

namespace {

using namespace std::chrono_literals;

// Octets that are collected for one call of write(2).
constexpr std::size_t batch_bytes = 64 * 1024;

// How long one poll waits for a descriptor that takes no octets.
constexpr int poll_ms = 1000;

// Signals must go to the threads of the program.
void block_signals() noexcept {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

// Returns false if the octets cannot be written.
bool write_octets(int descriptor, std::string_view octets) noexcept {
  while (!octets.empty()) {
    const auto n = ::write(descriptor, octets.data(), octets.size());
    if (n >= 0) {
      octets.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN) {
      pollfd writable{descriptor, POLLOUT, 0};
      ::poll(&writable, 1, poll_ms);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

} // namespace

log_writer::log_writer(int descriptor, std::string (*make_line)(std::size_t), bool (*on_pause)())
    : descriptor_(descriptor), make_line_(make_line), on_pause_(on_pause) {
  std::thread{[this] { run(); }}.detach();
}

void log_writer::add(std::string line) noexcept {
  const auto size = line.size();
  if (pending_bytes_.fetch_add(size, std::memory_order_relaxed) + size > max_pending_bytes) {
    pending_bytes_.fetch_sub(size, std::memory_order_relaxed);
    leave_out();
    return;
  }
  auto* const added = new (std::nothrow) node{nullptr, std::move(line)};
  if (added == nullptr) {
    pending_bytes_.fetch_sub(size, std::memory_order_relaxed);
    leave_out();
    return;
  }
  taken_.fetch_add(1, std::memory_order_relaxed);
  added->next = newest_.load(std::memory_order_relaxed);
  while (!newest_.compare_exchange_weak(added->next, added)) {
  }
  if (is_waiting_.load() && is_waiting_.exchange(false))
    wake_.release();
}

bool log_writer::flush(std::chrono::milliseconds patience) noexcept {
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto wanted = taken_.load();
  while (done_.load() < wanted) {
    if (std::chrono::steady_clock::now() >= until)
      return false;
    std::this_thread::sleep_for(1ms);
  }
  return true;
}

void log_writer::run() {
  block_signals();
  ::pthread_setname_np(::pthread_self(), "sake-log");
  for (;;) {
    if (await_lines())
      write_all(take_all());
    has_pause_ = on_pause_();
  }
}

// Returns false if the pause has ended without a new line.
bool log_writer::await_lines() {
  is_waiting_.store(true);
  const bool is_empty = newest_.load() == nullptr;
  bool is_woken = false;
  if (is_empty && !has_pause_) {
    wake_.acquire();
    is_woken = true;
  } else if (is_empty) {
    is_woken = wake_.try_acquire_for(1s);
  }
  // A thread that has cleared the flag releases the semaphore, or has done so.
  if (!is_woken && !is_waiting_.exchange(false))
    wake_.acquire();
  return newest_.load() != nullptr;
}

// Takes all queued lines, the oldest first.
log_writer::node* log_writer::take_all() noexcept {
  node* newest = newest_.exchange(nullptr);
  node* oldest = nullptr;
  while (newest != nullptr)
    oldest = std::exchange(newest, std::exchange(newest->next, oldest));
  return oldest;
}

void log_writer::write_all(node* oldest) {
  std::string batch;
  std::size_t lines = 0;
  while (oldest != nullptr) {
    const std::unique_ptr<node> first{std::exchange(oldest, oldest->next)};
    batch += first->line;
    ++lines;
    if (batch.size() >= batch_bytes)
      write_batch(batch, std::exchange(lines, 0));
  }
  write_batch(batch, lines);
  tell_left_out();
}

void log_writer::write_batch(std::string& batch, std::size_t lines) {
  if (!write_octets(descriptor_.load(), batch))
    left_out_.fetch_add(lines, std::memory_order_relaxed);
  pending_bytes_.fetch_sub(batch.size(), std::memory_order_relaxed);
  done_.fetch_add(lines);
  batch.clear();
}

void log_writer::tell_left_out() {
  const auto count = left_out_.exchange(0, std::memory_order_relaxed);
  if (count > 0 && !write_octets(descriptor_.load(), make_line_(count)))
    left_out_.fetch_add(count, std::memory_order_relaxed);
}

} // namespace sake

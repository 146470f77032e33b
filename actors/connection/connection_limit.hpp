// How many connections an engine has open.
#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

namespace sake::actors {

/// Counts the open connections of an engine, and decides at each new one whether it is served. Safe
/// from any thread.
class connection_limit {
public:
  class place;

  /// The limit of an engine that sets none.
  static constexpr std::size_t default_max = 10'000;

  /// Past `max` open connections, a connection is refused; past `max_refused` that are open to be
  /// refused, it is dropped.
  connection_limit(std::size_t max, std::size_t max_refused) noexcept
      : served_{max}, refused_{max_refused} {}
  connection_limit(const connection_limit&) = delete;
  connection_limit& operator=(const connection_limit&) = delete;

  /// Counts a connection until its place is destroyed. Does not count one that is dropped.
  [[nodiscard]] place take() noexcept;

  /// The number of connections with a place.
  [[nodiscard]] std::size_t open() const noexcept {
    return served_.count.load(std::memory_order_relaxed)
           + refused_.count.load(std::memory_order_relaxed);
  }

private:
  struct counter {
    explicit counter(std::size_t most) noexcept : max(most) {}
    [[nodiscard]] bool take() noexcept;

    const std::size_t max;
    std::atomic<std::size_t> count{0};
  };

  counter served_;
  counter refused_;
};

/// The place of one connection, given back where it is destroyed. The limit must outlive it. A
/// default one is dropped.
class connection_limit::place {
public:
  place() noexcept = default;
  place(place&& other) noexcept
      : in_(std::exchange(other.in_, nullptr)), is_served_(other.is_served_) {}
  place& operator=(place&& other) noexcept {
    std::swap(in_, other.in_);
    std::swap(is_served_, other.is_served_);
    return *this;
  }
  ~place() {
    if (in_ != nullptr)
      in_->count.fetch_sub(1, std::memory_order_relaxed);
  }

  [[nodiscard]] bool is_served() const noexcept { return is_served_; }
  [[nodiscard]] bool is_dropped() const noexcept { return in_ == nullptr; }

private:
  friend connection_limit;
  place(counter* in, bool is_served) noexcept : in_(in), is_served_(is_served) {}

  counter* in_ = nullptr;
  bool is_served_ = false;
};

// Compares before it adds: of two threads that take the last place, one gets it.
inline bool connection_limit::counter::take() noexcept {
  auto now = count.load(std::memory_order_relaxed);
  while (now < max)
    if (count.compare_exchange_weak(now, now + 1, std::memory_order_relaxed))
      return true;
  return false;
}

inline connection_limit::place connection_limit::take() noexcept {
  if (served_.take())
    return {&served_, true};
  if (refused_.take())
    return {&refused_, false};
  return {};
}

} // namespace sake::actors

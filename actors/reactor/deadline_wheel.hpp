// Deadlines of one reactor, in a hierarchical timing wheel.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace sake::actors {

class deadline_wheel;

namespace detail {

/// An element of a circular list, or the head of one.
struct deadline_link {
  deadline_link() noexcept : next_link(this), previous_link(this) {}
  deadline_link(const deadline_link&) = delete;
  deadline_link& operator=(const deadline_link&) = delete;

  deadline_link* next_link;
  deadline_link* previous_link;
};

} // namespace detail

/// A point in time at which `expired` is called, unless the deadline is disarmed first. Derive from
/// it: the deadline lives inside the object that it watches, so arming allocates nothing, and it
/// disarms itself when destroyed. Neither copied nor moved. Belongs to the thread of its wheel.
class deadline : private detail::deadline_link {
public:
  using time_point = std::chrono::steady_clock::time_point;

  [[nodiscard]] bool is_armed() const noexcept { return wheel_ != nullptr; }

protected:
  deadline() noexcept = default;
  virtual ~deadline();

private:
  friend class deadline_wheel;

  /// Called by `deadline_wheel::advance(now)`, once for each time that the deadline was armed. The
  /// deadline is already disarmed then. May arm, disarm and destroy any deadline, itself included.
  virtual void expired(time_point now) = 0;

  std::uint64_t tick_ = 0;
  deadline_wheel* wheel_ = nullptr;
};

/// Expires the deadlines of one reactor.
///
/// A hierarchical timing wheel (G. Varghese and T. Lauck, Hashed and Hierarchical Timing Wheels,
/// SOSP 1987) with ticks of 1 ms and 64 slots to a level; a slot of one level spans the whole level
/// below. Ticks are read as numbers in base 64: the first digit in which a deadline differs from
/// the present gives its level, the value of that digit its slot. So two turns of a wheel never
/// share a slot, deadlines in a lower level are due before deadlines in a higher one, and the
/// levels reach as far as the clock does.
///
/// Has no clock: callers pass the time. Never allocates. No call is safe from another thread.
class deadline_wheel {
public:
  using time_point = deadline::time_point;

  /// @param start  the present; earlier times count as this one
  explicit deadline_wheel(time_point start) noexcept;
  deadline_wheel(const deadline_wheel&) = delete;
  deadline_wheel& operator=(const deadline_wheel&) = delete;

  /// Disarms every deadline.
  ~deadline_wheel();

  /// Makes `what` expire in the first `advance` that reaches `when`, rounded up to a tick; in the
  /// next `advance` where `when` has passed already. If `what` is armed, it is moved to `when`.
  /// O(1).
  void arm(deadline& what, time_point when) noexcept;

  /// Disarms `what`. Does nothing if it is not armed. O(1).
  void disarm(deadline& what) noexcept;

  /// Expires the deadlines that are due at `now`, in the order of ticks. A deadline armed during
  /// the call waits for the next call, even if it is due. A `now` earlier than in a previous call
  /// counts as the latest of them.
  ///
  /// Costs O(deadlines due and deadlines that move to a lower level), however far ahead `now` is.
  ///
  /// @throws any exception that `expired` throws; the remaining due deadlines then expire in the
  ///         next call
  void advance(time_point now);

  /// Returns when to call `advance` next so that nothing expires late: in the past where a deadline
  /// is due, empty where none is armed. That call may find nothing due yet. O(levels).
  [[nodiscard]] std::optional<time_point> next() const noexcept;

  /// Returns whether no deadline is armed.
  [[nodiscard]] bool empty() const noexcept;

private:
  using tick = std::uint64_t;
  using link = detail::deadline_link;

  static constexpr unsigned digit_bits = 6;
  static constexpr std::size_t slots_per_level = std::size_t{1} << digit_bits;
  // 2^48 ms: a clock that counts nanoseconds in 64 bits spans less than 2^45.
  static constexpr std::size_t levels = 8;

  struct place {
    std::size_t level;
    std::size_t slot;
  };

  [[nodiscard]] place place_of(tick at) const noexcept;
  [[nodiscard]] tick start_of(place where) const noexcept;
  [[nodiscard]] std::optional<place> first_occupied() const noexcept;
  [[nodiscard]] link& slot_at(place where) noexcept { return slots_[where.level][where.slot]; }
  [[nodiscard]] tick tick_at(std::chrono::milliseconds since_epoch) const noexcept;
  [[nodiscard]] time_point time_at(tick at) const noexcept;
  void insert(deadline& what, link& when_due) noexcept;
  void open(place where) noexcept;

  std::chrono::milliseconds start_;
  // Deadlines in slots are later than now_; due ones are in one of the two lists.
  tick now_ = 0;
  link due_;      // for the next advance
  link expiring_; // of the current advance, or of one that an exception ended
  std::array<std::uint64_t, levels> occupied_{};
  std::array<std::array<link, slots_per_level>, levels> slots_;
};

} // namespace sake::actors

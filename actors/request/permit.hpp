// A count against a limit.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace sake::actors {

/// One unit of a limited number, such as the requests that a route may have in flight. Given back
/// once: by `release`, by the caller of `detach`, or on destruction.
class permit {
public:
  using count = std::atomic<std::uint32_t>;

  permit() noexcept = default;
  permit(const permit&) = delete;
  permit& operator=(const permit&) = delete;
  ~permit() { release(); }

  /// Counts one more in `of`, unless there are `max` already. `of` must outlive the permit. The
  /// permit must not be held before.
  [[nodiscard]] bool acquire(count& of, std::size_t max) noexcept {
    if (of.fetch_add(1, std::memory_order_relaxed) >= max) {
      of.fetch_sub(1, std::memory_order_relaxed);
      return false;
    }
    held_.store(&of, std::memory_order_release);
    return true;
  }

  /// Gives the permit back, if it is held. Safe from any thread.
  void release() noexcept {
    if (auto* const of = detach())
      of->fetch_sub(1, std::memory_order_relaxed);
  }

  /// Returns the count, which the caller must decrement in place of the permit; null if the permit
  /// is not held.
  [[nodiscard]] count* detach() noexcept {
    if (held_.load(std::memory_order_relaxed) == nullptr)
      return nullptr; // the usual case
    return held_.exchange(nullptr, std::memory_order_acq_rel);
  }

  [[nodiscard]] bool is_held() const noexcept {
    return held_.load(std::memory_order_relaxed) != nullptr;
  }

private:
  std::atomic<count*> held_{nullptr};
};

} // namespace sake::actors

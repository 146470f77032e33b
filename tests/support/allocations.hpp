// Counts allocations, and has them fail.
#pragma once

#include <cstddef>

namespace sake::test {

/// How often this thread has called `operator new` so far. A program that calls this function gets
/// an `operator new` that counts.
[[nodiscard]] std::size_t allocation_count() noexcept;

/// As long as it lives, `operator new` on this thread throws `std::bad_alloc` for blocks of `size`
/// octets and more. One at a time.
class failing_allocations {
public:
  explicit failing_allocations(std::size_t size) noexcept;
  failing_allocations(const failing_allocations&) = delete;
  failing_allocations& operator=(const failing_allocations&) = delete;
  ~failing_allocations();

  /// How many have failed.
  [[nodiscard]] std::size_t count() const noexcept;
};

} // namespace sake::test

// Counts allocations and makes them fail.
#pragma once

#include <cstddef>

namespace sake::test {

/// The number of calls of `operator new` on this thread so far. A program that calls this function
/// gets a counting `operator new`.
[[nodiscard]] std::size_t allocation_count() noexcept;

/// While it lives, `operator new` on this thread throws `std::bad_alloc` for blocks of `size`
/// octets and more. At most one may live per thread.
class failing_allocations {
public:
  explicit failing_allocations(std::size_t size) noexcept;
  failing_allocations(const failing_allocations&) = delete;
  failing_allocations& operator=(const failing_allocations&) = delete;
  ~failing_allocations();

  /// The number of allocations that have failed.
  [[nodiscard]] std::size_t count() const noexcept;
};

} // namespace sake::test

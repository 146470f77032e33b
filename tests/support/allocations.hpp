// Counts allocations.
#pragma once

#include <cstddef>

namespace sake::test {

/// How often this thread has called `operator new` so far. A program that calls this function gets
/// an `operator new` that counts.
[[nodiscard]] std::size_t allocation_count() noexcept;

} // namespace sake::test

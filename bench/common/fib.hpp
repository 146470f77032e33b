// The CPU work of the benches: the Fibonacci number, by plain recursion.
#pragma once

#include <cstdint>

namespace sake::bench {

/// The `n`-th Fibonacci number, deliberately by O(1.6^n) calls: about 5 ms for n = 32.
inline std::uint64_t fib(std::uint32_t n) {
  return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

} // namespace sake::bench

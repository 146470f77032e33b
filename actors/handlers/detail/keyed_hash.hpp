// A hash of keys that clients choose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::actors::detail {

/// SipHash-1-3 (J.-P. Aumasson and D. J. Bernstein, 2012) with a secret: without it, a client
/// cannot choose keys that collide.
struct keyed_hash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  /// Returns a hash with a random secret from the system.
  /// @throws std::exception  if the system has no randomness
  [[nodiscard]] static keyed_hash with_random_secret();

  [[nodiscard]] std::size_t operator()(std::string_view key) const noexcept;
};

} // namespace sake::actors::detail

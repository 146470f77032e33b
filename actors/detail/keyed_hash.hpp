// A hash of keys that clients choose.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::actors::detail {

/// SipHash-1-3 (J.-P. Aumasson and D. J. Bernstein, 2012) under a secret: who does not know it cannot
/// choose keys that collide.
struct keyed_hash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  /// With a secret of the system's. @throws std::exception where it has none
  [[nodiscard]] static keyed_hash with_random_secret();

  [[nodiscard]] std::size_t operator()(std::string_view key) const noexcept;
};

} // namespace sake::actors::detail

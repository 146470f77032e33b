// Random numbers from a seed.
#pragma once

#include <cstdint>

namespace sake::testing {

/// Spreads the bits of `x` (the finaliser of SplitMix64, G. Steele and others, OOPSLA 2014).
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
  return x ^ (x >> 31);
}

/// Random numbers from a seed, the same on every machine: SplitMix64.
class seeded_random {
public:
  explicit seeded_random(std::uint64_t seed) noexcept : state_(mixed(seed)) {}

  std::uint64_t next() noexcept { return mixed(state_ += 0x9e3779b97f4a7c15ull); }
  /// 0 to `limit` - 1. The bias of the remainder does not matter here.
  std::uint64_t below(std::uint64_t limit) noexcept { return next() % limit; }
  bool chance(unsigned percent) noexcept { return below(100) < percent; }

private:
  std::uint64_t state_;
};

} // namespace sake::testing

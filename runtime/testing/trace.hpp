// What happened in a run, as one number.
#pragma once

#include <sake/testing/seeded_random.hpp>

#include <cstdint>
#include <string_view>

namespace sake::testing {

/// What happened in a run, in order, as one number: two runs with the same number did the same.
class trace {
public:
  void note(std::uint64_t what) noexcept { hash_ = mixed(hash_ * 0x100000001b3ull + what + 1); }
  void note(std::string_view octets) noexcept {
    // FNV-1a.
    std::uint64_t hash = 0xcbf29ce484222325ull;
    for (const char each : octets)
      hash = (hash ^ static_cast<unsigned char>(each)) * 0x100000001b3ull;
    note(hash);
  }
  [[nodiscard]] std::uint64_t hash() const noexcept { return hash_; }

private:
  std::uint64_t hash_ = 0;
};

} // namespace sake::testing

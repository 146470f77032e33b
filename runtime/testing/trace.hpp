// A hash of the events of a run.
#pragma once

#include "seeded_random.hpp"

#include <cstdint>
#include <string_view>

namespace sake::testing {

/// The events of a run, in order, as one hash: runs with the same hash did the same.
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

// Memory of large content that a thread keeps for the next content.
#pragma once

#include <cstddef>
#include <string>

namespace sake::http::detail {

/// Memory of large content that a thread keeps for the next content, which then needs neither new
/// pages nor octets set to zero. A thread keeps none before it sets a limit. Keeps the memory of
/// the last content until `drop`, or until the thread ends.
class spare_octets {
public:
  /// The most octets of content that is cheaper without: it is left to the heap.
  static constexpr std::size_t least = 64 * 1024;

  /// Sets the octets that this thread keeps at most, and frees what is beyond.
  static void set_limit(std::size_t octets) noexcept;

  /// Returns a string for content of `wanted` octets, with octets that may be overwritten; empty if
  /// none is kept that is of use, or one much larger.
  [[nodiscard]] static std::string take(std::size_t wanted) noexcept;
  /// Keeps the memory of `used`, or frees it.
  static void give(std::string&& used) noexcept;

  /// Octets that this thread keeps.
  [[nodiscard]] static std::size_t held() noexcept { return held_; }
  /// Frees the memory that this thread keeps.
  static void drop() noexcept;

private:
  // Trivial, so that they can be read at any time of the thread without a check for their set-up.
  static inline constinit thread_local std::size_t held_ = 0;
  static inline constinit thread_local std::size_t limit_ = 0;
};

} // namespace sake::http::detail

// Classes of octets in a head, 64 octets at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::detail {

/// The octets of a block that belong to each class: bit i stands for octet i. Aligned so that an
/// index into an array of them is a shift.
struct alignas(32) octet_masks {
  static constexpr std::size_t block = 64;

  std::uint64_t line_feeds;
  /// Control octets other than HTAB, CR and LF included.
  std::uint64_t controls;
  /// Octets that no token holds (RFC 9110 §5.6.2), all controls included.
  std::uint64_t non_token;

  friend bool operator==(const octet_masks&, const octet_masks&) = default;
};

/// Classifies the octets of a head up to its empty line.
///
/// @param to  one for each whole block of `input`, and one more
/// @returns octets of the head with its empty line, if a control octet stands before every line
/// feed,
///          and no control octet stands elsewhere: whether the one is a CR, the caller must check.
///          Else 0, also if no empty line is found
using head_classifier = std::size_t (*)(std::string_view input, octet_masks* to) noexcept;

/// For any processor.
std::size_t classify_portably(std::string_view input, octet_masks* to) noexcept;
#if defined(__x86_64__)
std::size_t classify_with_sse2(std::string_view input, octet_masks* to) noexcept;
/// Needs a processor with AVX2 and BMI.
std::size_t classify_with_avx2(std::string_view input, octet_masks* to) noexcept;
#endif

/// Returns the fastest classifier for this processor.
[[nodiscard]] head_classifier choose_classifier() noexcept;

} // namespace sake::http::detail

// The fast path for heads: reads those that are plainly well-formed.
#pragma once

#include "../../detail/framing.hpp"
#include "../../detail/request_data.hpp"
#include "../../limits.hpp"
#include "octet_masks.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::detail {

/// A head that is read in one pass over its octets, if it is plainly well-formed: complete, with a
/// target in origin-form, within the limits, and without what a rule may refuse or few clients
/// send. Refuses nothing: of every other head `head_scanner` and `parse_head` decide, and what this
/// class reads they would read alike.
///
/// The octets are classified 64 at a time, and then the lines are visited by their bits (Langdale,
/// Lemire: Parsing Gigabytes of JSON per Second, 2019).
class plain_head {
public:
  /// Finds the end of the head that `input` starts with. `input` must outlive this object.
  explicit plain_head(std::string_view input) noexcept;

  /// Octets of the head with its empty line; 0 if it is incomplete or not plain.
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Reads the head as `parse_head` does. Call it once, and only if there is a size.
  ///
  /// @param data  an empty object
  /// @returns false if the head is not plain; `data` and `content` are then unspecified
  [[nodiscard]] bool read(const limits& max, request_data& data, framing& content) const;

private:
  class line_cursor;

  // Longer heads are rare.
  static constexpr std::size_t max_blocks = 256;

  [[nodiscard]] std::uint32_t read_request_line(line_cursor& lines, const limits& max,
                                                request_data& data) const;
  [[nodiscard]] bool read_fields(line_cursor& lines, std::uint32_t section, const limits& max,
                                 request_data& data, framing& content) const;

  std::string_view input_;
  std::size_t size_ = 0;
  /// One for each block of the head, and one for the octets behind the last whole block; the others
  /// are not initialised.
  std::array<octet_masks, max_blocks + 1> masks_;
};

} // namespace sake::http::detail

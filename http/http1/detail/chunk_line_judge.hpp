// Refuses the line that starts a chunk before it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::detail {

/// Reads the line that starts a chunk, octet by octet: its size, and extensions, which are checked
/// and dropped (RFC 9112 §7.1, §7.1.1).
///
/// One judge is for one line; assign a new one for the next.
class chunk_line_judge {
public:
  enum class verdict : std::uint8_t { good, malformed, too_large };

  /// Continues with the octets not yet seen.
  ///
  /// @param line  the octets from the start of the line, without the LF at its end: those of the
  ///              call before, and more
  /// @param most  the largest size to accept
  /// @returns the first error by position; `good` if there is none yet
  verdict judge(std::string_view line, std::uint64_t most) noexcept;

  /// The size, once the line is complete.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

private:
  enum class part : std::uint8_t {
    start,
    size,
    before_semicolon,
    before_name,
    name,
    behind_name,
    before_value,
    token,
    quoted,
    escaped,
    behind_value,
    line_end,
    malformed
  };

  verdict take(char octet, std::uint64_t most) noexcept;
  [[nodiscard]] static part next(part at, char octet) noexcept;

  std::uint64_t size_ = 0;
  std::size_t seen_ = 0;
  part at_ = part::start;
};

} // namespace sake::http::detail

// Finds where the head of a request ends, and enforces how its lines are framed.
#pragma once

#include <sake/http/limits.hpp>
#include <sake/http/refusal.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http {

/// Finds the empty line that ends a field section, be it of a head or of a trailer. Remembers how
/// far it has looked, so input that arrives octet by octet costs no more than input that arrives
/// at once.
///
/// Refuses a line that does not end in CRLF, a folded line, and a section past its bounds, the
/// moment the octets that break the rule are there. What it refuses does not depend on how the
/// input is cut.
class field_section_scanner {
public:
  struct outcome {
    /// Octets of the section with its empty line, 0 until that has arrived; where the section is
    /// refused, the octets before the error.
    std::size_t size = 0;
    /// Set where the section is refused.
    const refusal* why = nullptr;
  };

  /// Looks on.
  ///
  /// @param section  everything from the start of the section; in each call what it was in the
  ///                 call before, with more behind it
  outcome scan(std::string_view section, const limits& bounds) noexcept;

private:
  std::uint32_t scanned_ = 0;
  std::uint32_t line_ = 0; // where the line starts that `scanned_` is in
  std::uint32_t count_ = 0;
};

/// Finds the end of a head: the empty lines that may precede it, a request line, a field section
/// (RFC 9112 §2.1). One scanner finds one head; assign a new one for the next.
class head_scanner {
public:
  struct outcome {
    /// Octets of empty lines before the head. They are to be consumed, found or not.
    std::size_t skipped = 0;
    /// Octets of the head with its empty line, after `skipped`, 0 until that has arrived; where the
    /// head is refused, the octets before the error.
    std::size_t size = 0;
    /// Set where the head is refused.
    const refusal* why = nullptr;
  };

  /// Looks on.
  ///
  /// @param input  everything not consumed; what it was in the call before less what that
  ///               skipped, with more behind it
  outcome scan(std::string_view input, const limits& bounds) noexcept;

  /// Whether no octet of a head has arrived; empty lines do not count.
  [[nodiscard]] bool is_at_start() const noexcept { return scanned_ == 0; }

  /// Octets in the request line, its ending included, once the head is found.
  [[nodiscard]] std::size_t request_line_size() const noexcept { return scanned_; }

private:
  const refusal* skip_empty_lines(std::string_view input, std::size_t& skipped) noexcept;
  void scan_request_line(std::string_view input, const limits& bounds, outcome& result) noexcept;

  field_section_scanner fields_;
  std::uint32_t scanned_ = 0; // of the request line
  std::uint8_t empty_lines_ = 0;
  bool in_fields_ = false;
};

} // namespace sake::http

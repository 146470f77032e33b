// Finds the end of a request head and enforces the framing of its lines.
#pragma once

#include "../limits.hpp"
#include "../refusal.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http {

/// Finds the empty line that ends a field section, of a head or of a trailer. Remembers how far it
/// has looked, so that input octet by octet costs no more than input at once.
///
/// Refuses a line without CRLF at its end, a folded line, and a section past its limits, as soon as
/// the offending octets arrive. The result does not depend on how the input is cut.
class field_section_scanner {
public:
  struct outcome {
    /// Octets of the section with its empty line, 0 until that has arrived. If the section is
    /// refused: the octets before the error.
    std::size_t size = 0;
    /// Set if the section is refused.
    const refusal* why = nullptr;
  };

  /// Continues the search.
  ///
  /// @param section  all octets from the start of the section: those of the call before, and more
  outcome scan(std::string_view section, const limits& max) noexcept;

private:
  std::uint32_t scanned_ = 0;
  std::uint32_t line_ = 0; // start of the line that contains `scanned_`
  std::uint32_t count_ = 0;
};

/// Finds the end of a head: the empty lines that may precede it, a request line, a field section
/// (RFC 9112 §2.1). One scanner finds one head; assign a new one for the next.
class head_scanner {
public:
  struct outcome {
    /// Octets of empty lines before the head. The caller must consume them even if no head is
    /// found.
    std::size_t skipped = 0;
    /// Octets of the head with its empty line, after `skipped`; 0 until that has arrived. If the
    /// head is refused: the octets before the error.
    std::size_t size = 0;
    /// Set if the head is refused.
    const refusal* why = nullptr;
  };

  /// Continues the search.
  ///
  /// @param input  all octets not consumed: those of the call before without the skipped ones, and
  ///               more
  outcome scan(std::string_view input, const limits& max) noexcept;

  /// Whether no octet of a head has arrived; empty lines do not count.
  [[nodiscard]] bool is_at_start() const noexcept { return scanned_ == 0; }

  /// Octets of the request line, its ending included, once the head is found.
  [[nodiscard]] std::size_t request_line_size() const noexcept { return scanned_; }

private:
  const refusal* skip_empty_lines(std::string_view input, std::size_t& skipped) noexcept;
  void scan_request_line(std::string_view input, const limits& max, outcome& result) noexcept;

  field_section_scanner fields_;
  std::uint32_t scanned_ = 0; // of the request line
  std::uint8_t empty_lines_ = 0;
  bool in_fields_ = false;
};

} // namespace sake::http

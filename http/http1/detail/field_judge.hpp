// Refuses a field line before it is complete.
#pragma once

#include "../../refusal.hpp"

#include <cstdint>

namespace sake::http::detail {

/// Finds the first rule that the octets of field lines break, of a head or of a trailer. Takes one
/// octet after another; its caller must find the end of the section.
class field_judge {
public:
  /// @returns why the octet cannot stand there; null if it can
  const refusal* take(char octet) noexcept;

  /// Whether the octets so far are whole lines.
  [[nodiscard]] bool is_at_line_start() const noexcept { return at_ == part::line_start; }

private:
  enum class part : std::uint8_t { line_start, name, value, line_end };

  const refusal* take_name(char octet) noexcept;

  part at_ = part::line_start;
};

} // namespace sake::http::detail

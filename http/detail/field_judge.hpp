// Refuses a field line before it is complete.
#pragma once

#include <sake/http/refusal.hpp>

#include <cstdint>

namespace sake::http::detail {

/// Finds the first rule that the octets of field lines break, of a head or of a trailer. Told one
/// octet after the other; whether a section is over is for others to say.
class field_judge {
public:
  /// @returns why the octet cannot stand there; null where it can
  const refusal* take(char octet) noexcept;

  /// Whether the octets so far are whole lines.
  [[nodiscard]] bool is_at_line_start() const noexcept { return at_ == part::line_start; }

private:
  enum class part : std::uint8_t { line_start, name, value, line_end };

  const refusal* take_name(char octet) noexcept;

  part at_ = part::line_start;
};

} // namespace sake::http::detail

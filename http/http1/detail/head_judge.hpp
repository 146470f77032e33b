// Refuses a head before it is complete.
#pragma once

#include "../../refusal.hpp"
#include "field_judge.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::detail {

/// Finds the first rule that an incomplete head breaks, so that a client learns it at once, and not
/// at the deadline of the head. Reads each octet once, and each line again when a later line is
/// complete. Never refuses a head that `parse_head` takes.
///
/// One judge is for one head; assign a new one for the next.
class head_judge {
public:
  /// Continues with the octets not yet seen.
  ///
  /// @param head  the octets from the start of the request line: those of the call before, and more
  /// @returns the first error by position; null if there is none yet
  const refusal* judge(std::string_view head);

private:
  enum class part : std::uint8_t { method, target, version, fields };

  const refusal* take(char octet) noexcept;
  const refusal* take_method(char octet) noexcept;
  const refusal* take_target(char octet) noexcept;
  const refusal* take_version(char octet) noexcept;

  std::uint32_t seen_ = 0;
  part at_ = part::method;
  std::uint8_t version_octets_ = 0;
  field_judge fields_;
};

} // namespace sake::http::detail

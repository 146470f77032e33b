// Refuses a head before it is complete.
#pragma once

#include <sake/http/detail/field_judge.hpp>
#include <sake/http/refusal.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sake::http::detail {

/// Finds the first rule that an incomplete head breaks, so that a client learns it at once, and not
/// at the deadline of the head. Looks at each octet once, and at each line again when a line behind
/// it is complete. A head that `parse_head` takes is never refused here.
///
/// One judge is for one head; assign a new one for the next.
class head_judge {
public:
  /// Looks on.
  ///
  /// @param head  the octets from the start of the request line; in each call those of the call
  ///              before, with more behind them
  /// @returns the first error by position; null where there is none yet
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

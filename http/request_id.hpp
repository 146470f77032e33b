// The id that a client has given its request.
#pragma once

#include "request.hpp"

#include <string_view>

namespace sake::http {

/// Returns the field X-Request-Id of `message`: 1 to 128 visible ASCII characters, so that it may
/// stand in a log line. Empty if there is none, or an invalid one. Valid as long as `message`.
[[nodiscard]] std::string_view request_id(const request& message) noexcept;

} // namespace sake::http

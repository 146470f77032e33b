// The octets of a part of a file.
#pragma once

#include "../piece.hpp"

#include <string>

namespace sake::http::detail {

/// Returns the octets of `part`. Blocks while the disk is read.
/// @throws std::system_error if it cannot be read, or is shorter than it says
[[nodiscard]] std::string read_part(const file_part& part);

} // namespace sake::http::detail

// Suggests a known name for an unknown one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sake {

/// Returns `; did you mean "…"?` with the nearest candidate; empty if none is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

} // namespace sake

// What a name that is not known was meant to be.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sake {

/// `; did you mean "…"?` with the candidate that is nearest; nothing where none is near.
std::string suggestion(std::string_view name, const std::vector<std::string>& candidates);

} // namespace sake

// Checks the options of a node.
#pragma once

#include "config_values.hpp"
#include "option_problem.hpp"

#include <vector>

namespace sake {

/// Returns the malformed names and addresses of `node`, and its times that contradict each other.
std::vector<option_problem> node_problems(const node_settings& node);

/// Returns the options of a node that lack or contradict others, and its files that cannot be read.
/// Only a start knows: the options may come from several sources.
std::vector<option_problem> node_problems_at_start(const config_values& values);

} // namespace sake

// Checks the values of options.
#pragma once

#include "config_values.hpp"
#include "option_problem.hpp"

#include <string>
#include <vector>

namespace sake {

/// Returns all options that are out of range or contradict each other.
std::vector<option_problem> problems_of(const config_values& values);

/// Returns one sentence for each of them, and for each error of a node that only a start knows
/// (`node_problems_at_start`).
std::vector<std::string> errors_of(const config_values& values);

/// Returns one sentence for each permission of a Unix socket, if `values.address` is not one that
/// the engine makes. Only a start knows: the address may be set after the permissions.
std::vector<std::string> unused_permissions(const config_values& values);

} // namespace sake

// Checks the values of options.
#pragma once

#include "config_values.hpp"

#include <string>
#include <vector>

namespace sake {

/// An error in one option.
struct option_problem {
  /// The option, or the table of a pool.
  std::string name;
  /// The rest of a sentence that starts with the name, such as "must be at least 1, not 0".
  std::string rule;
};

/// Returns all options that are out of range or contradict each other.
std::vector<option_problem> problems_of(const config_values& values);

/// Returns one sentence for each of them.
std::vector<std::string> errors_of(const config_values& values);

/// Returns one sentence for each permission of a Unix socket, if `values.address` is not one that
/// the engine makes. Only a start knows: the address may be set after the permissions.
std::vector<std::string> unused_permissions(const config_values& values);

} // namespace sake

// The text of --help.
#pragma once

#include "option.hpp"

#include <string>
#include <vector>

namespace sake {

/// Returns the text that explains every option, in lines of at most 80 columns; the lines of `own`
/// stay as given.
///
/// @param options  in the order of their groups
/// @param defaults  the values of options that are not given
/// @param own  one line for each option of the program
std::string command_help(const std::string& program, const std::vector<option>& options,
                         const config_values& defaults, const std::vector<std::string>& own);

} // namespace sake

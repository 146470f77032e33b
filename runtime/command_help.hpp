// What --help prints.
#pragma once

#include <sake/runtime/option.hpp>

#include <string>
#include <vector>

namespace sake {

/// Returns the text that explains every option: in lines of at most 80 columns, but for those of
/// `own`, which stand as they were given.
///
/// @param options   in the order of their groups
/// @param defaults  holds the values that an option has where it is not given
/// @param own       one line for each option of the program
std::string command_help(const std::string& program, const std::vector<option>& options,
                         const config& defaults, const std::vector<std::string>& own);

} // namespace sake

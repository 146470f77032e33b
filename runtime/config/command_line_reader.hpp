// Reads options from the command line.
#pragma once

#include "command_line.hpp"
#include "config_values.hpp"

#include <string>
#include <vector>

namespace sake {

/// Sets the options of a command line in `values`; see `config::read_command_line`.
command_line read_command_line(int argc, const char* const* argv,
                               const std::vector<std::string>& own, config_values& values);

} // namespace sake

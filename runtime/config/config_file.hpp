// Options in a TOML file.
#pragma once

#include "config_values.hpp"
#include "settings.hpp"

#include <string>

namespace sake {

/// Reads a TOML file; error lines name it `origin`.
settings settings_of_file(const std::string& path, std::string origin);

/// Returns all options as TOML that `settings_of_file` takes.
std::string to_toml(const config_values& values);

} // namespace sake

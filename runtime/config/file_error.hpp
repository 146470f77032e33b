// Checks that a file can be read.
#pragma once

#include <string>

namespace sake {

/// Returns why `path` cannot be read as a regular file; empty if it can. Never blocks on a pipe.
std::string file_error(const std::string& path);

} // namespace sake

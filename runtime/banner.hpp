// The text an engine prints when it has started.
#pragma once

#include "config/address.hpp"
#include "config/config.hpp"

#include <string>

namespace sake {

/// Returns the text an engine prints when it has started: a line with the address; below it, in
/// lines of at most 80 columns, the number of threads of each kind, and where the options came
/// from.
///
/// @param wants_workers  whether some route is marked `.worker()`
std::string banner(const address& where, const config& options, bool wants_workers);

} // namespace sake

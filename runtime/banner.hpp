// What an engine prints when it has started.
#pragma once

#include <sake/runtime/address.hpp>
#include <sake/runtime/config.hpp>

#include <string>

namespace sake {

/// What an engine prints when it has started: a line that says where it listens; below it, in lines
/// of at most 80 columns, on how many threads of which kind, and where its options came from.
///
/// @param wants_workers  whether some route is marked `.worker()`
std::string banner(const address& where, const config& options, bool wants_workers);

} // namespace sake

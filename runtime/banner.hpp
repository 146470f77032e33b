// The line that an engine prints when it has started.
#pragma once

#include <sake/runtime/address.hpp>
#include <sake/runtime/config.hpp>

#include <string>

namespace sake {

/// The line that an engine prints when it has started: where it listens, on how many threads of
/// which kind, and where its options came from.
///
/// @param wants_workers  whether some route is marked `.worker()`
std::string banner(const address& where, const config& options, bool wants_workers);

} // namespace sake

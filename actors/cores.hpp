// The cores and the priority that a thread runs with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sake::actors {

/// The cores that this process may run on, in ascending order: fewer than the machine's in a
/// container or under taskset. Whatever core the calling thread stays on.
std::vector<std::size_t> usable_cores();

/// Keeps the calling thread on `cores`; where that fails, `who` stays where it is, and the log says
/// so.
/// @returns whether it succeeded
bool keep_on(const std::vector<std::size_t>& cores, const std::string& who);

/// Adds `steps` to the nice value that the process has, for the calling thread; where that fails,
/// `who` keeps its own, and the log says so.
void be_nice(std::size_t steps, const std::string& who);

} // namespace sake::actors

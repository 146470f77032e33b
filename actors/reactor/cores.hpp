// The cores and the priority that a thread runs with.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace sake::actors {

/// Returns the cores that this process may run on, in ascending order: fewer than the machine's in
/// a container or under taskset. Does not depend on the core that the calling thread is pinned to.
std::vector<std::size_t> usable_cores();

/// Pins the calling thread to `cores`. On failure its affinity stays unchanged, and a warning names
/// `who`.
/// @returns whether it succeeded
bool keep_on(const std::vector<std::size_t>& cores, const std::string& who);

/// Sets the nice value of the calling thread to that of the process plus `steps`. On failure it
/// stays unchanged, and a warning names `who`.
void be_nice(std::size_t steps, const std::string& who);

} // namespace sake::actors

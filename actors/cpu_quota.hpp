// How much CPU time the process may use.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace sake::actors {

/// The CPU time that the process's control group, and those above it, may use per unit of time: 0.2
/// where the quota is 20 % of one core. Empty where there is no bound. Reads `cpu.max` of version 2
/// and `cpu.cfs_quota_us` of version 1 (cgroups(7)).
///
/// @param own_groups  /proc/self/cgroup
/// @param mounted  where the groups are mounted
std::optional<double> cpu_quota(const std::filesystem::path& own_groups = "/proc/self/cgroup",
                                const std::filesystem::path& mounted = "/sys/fs/cgroup");

/// How many threads keep `cores` busy under `quota`: one for each core, but no more than the quota
/// feeds, and one at least.
std::size_t useful_threads(std::size_t cores, std::optional<double> quota) noexcept;

} // namespace sake::actors

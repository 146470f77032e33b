// How much CPU time the process may use.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>

namespace sake::actors {

/// Returns the CPU time per unit of time that the process's control group and its ancestors allow:
/// 0.2 where the quota is 20 % of one core; empty where there is no limit. Reads `cpu.max` of
/// version 2 and `cpu.cfs_quota_us` of version 1 (cgroups(7)).
///
/// @param own_groups  /proc/self/cgroup
/// @param mounted  where the groups are mounted
std::optional<double> cpu_quota(const std::filesystem::path& own_groups = "/proc/self/cgroup",
                                const std::filesystem::path& mounted = "/sys/fs/cgroup");

/// Returns the number of threads that keep `cores` busy under `quota`: one for each core, at most
/// as many as the quota supports, at least one.
std::size_t useful_threads(std::size_t cores, std::optional<double> quota) noexcept;

} // namespace sake::actors

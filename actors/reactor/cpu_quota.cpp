#include "cpu_quota.hpp"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <string>

namespace sake::actors {

namespace {

namespace fs = std::filesystem;

std::optional<double> ratio(double quota, double period) {
  return quota > 0 && period > 0 ? std::optional{quota / period} : std::nullopt;
}

// The quota of one group of version 2: "max 100000" or "20000 100000".
std::optional<double> quota_of(const fs::path& group) {
  std::ifstream file{group / "cpu.max"};
  double quota = 0;
  double period = 0;
  return file >> quota >> period ? ratio(quota, period) : std::nullopt;
}

// The quota of one group of version 1, where -1 means no limit.
std::optional<double> old_quota_of(const fs::path& group) {
  std::ifstream quota_file{group / "cpu.cfs_quota_us"};
  std::ifstream period_file{group / "cpu.cfs_period_us"};
  double quota = 0;
  double period = 0;
  return quota_file >> quota && period_file >> period ? ratio(quota, period) : std::nullopt;
}

std::optional<double> least(std::optional<double> a, std::optional<double> b) {
  return a && b ? std::min(*a, *b) : a ? a : b;
}

// The least limit of `group` and its ancestors, up to `top`.
template <class Quota>
std::optional<double> least_above(const fs::path& top, fs::path group, Quota quota) {
  auto found = quota(top);
  for (group = group.relative_path(); !group.empty(); group = group.parent_path())
    found = least(found, quota(top / group));
  return found;
}

bool names_controller(const std::string& list, const std::string& name) {
  return (',' + list + ',').find(',' + name + ',') != std::string::npos;
}

} // namespace

std::optional<double> cpu_quota(const fs::path& own_groups, const fs::path& mounted) {
  std::optional<double> found;
  std::ifstream file{own_groups};
  // "0::/path" in version 2, "4:cpu,cpuacct:/path" in version 1.
  for (std::string line; std::getline(file, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == std::string::npos)
      continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const auto group = line.substr(second + 1);
    if (controllers.empty())
      found = least(found, least_above(mounted, group, quota_of));
    else if (names_controller(controllers, "cpu"))
      found = least(found, least_above(mounted / "cpu", group, old_quota_of));
  }
  return found;
}

std::size_t useful_threads(std::size_t cores, std::optional<double> quota) noexcept {
  if (!quota || *quota >= static_cast<double>(cores))
    return cores;
  return std::max<std::size_t>(static_cast<std::size_t>(std::ceil(*quota)), 1);
}

} // namespace sake::actors

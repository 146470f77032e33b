// How much this process uses.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <unistd.h>

namespace sake::test {

inline std::size_t entries_of(const char* folder) {
  const std::filesystem::directory_iterator all{folder};
  return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

inline std::size_t open_descriptors() {
  return entries_of("/proc/self/fd");
}

inline std::size_t threads() {
  return entries_of("/proc/self/task");
}

/// Memory that is resident, in KiB.
inline std::size_t resident_memory() {
  std::ifstream about{"/proc/self/statm"};
  std::size_t total = 0;
  std::size_t resident = 0;
  about >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) / 1024;
}

} // namespace sake::test

#include "memory.hpp"

#include <cstdlib>
#include <initializer_list>

#include <malloc.h>

namespace sake {

namespace {

#ifdef __GLIBC__

// Smaller blocks are in regular use by connections.
constexpr int large_block = 1024 * 1024;

// Free memory kept at the end of a heap: enough for a burst of small requests.
constexpr int kept_at_the_end = 4 * 1024 * 1024;

bool is_tuned() noexcept {
  for (const char* name : {"GLIBC_TUNABLES", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TRIM_THRESHOLD_"})
    if (std::getenv(name) != nullptr)
      return true;
  return false;
}

bool tune() noexcept {
  if (is_tuned())
    return false;
  ::mallopt(M_MMAP_THRESHOLD, large_block);
  ::mallopt(M_TRIM_THRESHOLD, kept_at_the_end);
  return true;
}

#endif

} // namespace

void give_large_blocks_back() noexcept {
#ifdef __GLIBC__
  [[maybe_unused]] static const bool is_done = tune();
#endif
}

} // namespace sake

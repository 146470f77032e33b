// Tunes how the allocator of the process handles large blocks.
#pragma once

namespace sake {

/// Makes the allocator return freed blocks of 1 MiB and more to the system, for the whole process;
/// otherwise glibc would keep content of that size resident for ever. Only the first call has an
/// effect. Does nothing if the environment tunes the allocator (GLIBC_TUNABLES,
/// MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_), or if it is not glibc's.
void give_large_blocks_back() noexcept;

} // namespace sake

// What the allocator of the process does with large blocks.
#pragma once

namespace sake {

/// Has blocks of 1 MiB and more go back to the system when they are freed, for the whole process:
/// content of that size would stay resident for ever, as glibc keeps what it has once grown to. The
/// first call counts; none does anything where the environment tunes the allocator
/// (GLIBC_TUNABLES, MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_), or it is not glibc's.
void give_large_blocks_back() noexcept;

} // namespace sake

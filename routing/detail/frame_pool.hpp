// Memory of coroutine frames, reused by the same thread.
#pragma once

#include <cstddef>

namespace sake::routing::detail {

/// Returns memory for a coroutine frame: from the thread's pool if a frame of that size class was
/// freed before, else from the heap.
void* allocate_frame(std::size_t size);

/// Frees memory from `allocate_frame(size)`, on any thread.
void free_frame(void* frame, std::size_t size) noexcept;

} // namespace sake::routing::detail

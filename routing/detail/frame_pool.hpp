// Memory of coroutine frames, used again by the same thread.
#pragma once

#include <cstddef>

namespace sake::routing::detail {

/// Gives memory for a coroutine frame: from the thread's pool when a frame of that size class was
/// freed before, else from the heap.
void* allocate_frame(std::size_t size);

/// Takes back what `allocate_frame(size)` gave, on any thread.
void free_frame(void* frame, std::size_t size) noexcept;

} // namespace sake::routing::detail

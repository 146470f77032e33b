// Has AddressSanitizer watch the memory that pools keep.
#pragma once

#include <cstddef>

// The build defines it, for the libraries and for programs that link them: both must agree.
#if defined(SAKE_POISONS_POOLS)
#include <sanitizer/asan_interface.h>
#endif

namespace sake::http::detail {

/// Makes AddressSanitizer report every use of this memory, which a pool keeps. No effect in a
/// library that was built without it.
inline void poison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if defined(SAKE_POISONS_POOLS)
  ASAN_POISON_MEMORY_REGION(memory, size);
#endif
}

/// Ends what `poison` began.
inline void unpoison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if defined(SAKE_POISONS_POOLS)
  ASAN_UNPOISON_MEMORY_REGION(memory, size);
#endif
}

} // namespace sake::http::detail

// Memory that must not be used for now, under AddressSanitizer.
#pragma once

#include <cstddef>

// GCC and Clang announce it in different ways.
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#endif
#endif

namespace sake::http::detail {

/// Makes AddressSanitizer report every use of this memory, which a pool keeps. No cost without it.
inline void poison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if defined(ASAN_POISON_MEMORY_REGION)
  ASAN_POISON_MEMORY_REGION(memory, size);
#endif
}

/// Ends what `poison` began.
inline void unpoison([[maybe_unused]] void* memory, [[maybe_unused]] std::size_t size) noexcept {
#if defined(ASAN_UNPOISON_MEMORY_REGION)
  ASAN_UNPOISON_MEMORY_REGION(memory, size);
#endif
}

} // namespace sake::http::detail

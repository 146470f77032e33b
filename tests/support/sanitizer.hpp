// The sanitizer that the tests run under. GCC and Clang announce it in different ways.
#pragma once

#if !defined(__has_feature)
#define __has_feature(x) 0
#endif

namespace sake::test {

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
inline constexpr bool has_address_sanitizer = true;
#else
inline constexpr bool has_address_sanitizer = false;
#endif

#if defined(__SANITIZE_THREAD__) || __has_feature(thread_sanitizer)
inline constexpr bool has_thread_sanitizer = true;
#else
inline constexpr bool has_thread_sanitizer = false;
#endif

} // namespace sake::test

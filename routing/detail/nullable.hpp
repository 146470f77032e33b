// Functions and handles that may hold nothing.
#pragma once

#include <type_traits>

namespace sake::routing::detail {

/// A type with a value that holds nothing to call: a function pointer, a `std::function`, the
/// handle of an actor. A lambda without captures converts to a function pointer, but always holds
/// its function.
template <class T>
concept nullable = std::is_pointer_v<T> || requires(const T& from) {
  from.operator bool();
  from == nullptr;
};

/// Whether `from` holds nothing to call.
template <class T>
bool is_null(const T& from) noexcept {
  if constexpr (nullable<T>)
    return from == nullptr;
  else
    return false;
}

} // namespace sake::routing::detail

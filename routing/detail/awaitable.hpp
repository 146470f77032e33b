// The base of everything that a coroutine awaits.
#pragma once

#include <concepts>

namespace sake::routing::detail {

/// The base of everything that a coroutine awaits. If `co_await` is forgotten and the result
/// tested, as in `auto n = ctx.ask<int>(…); if (n)`, the compiler says so.
struct awaitable {
  template <std::same_as<bool> Bool>
  explicit operator Bool() const {
    static_assert(!sizeof(Bool), "this is what waits for a result, not the result: write co_await");
    return false;
  }
};

} // namespace sake::routing::detail

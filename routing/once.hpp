// A wait that can begin once.
#pragma once

#include "detail/awaitable.hpp"

#include <optional>
#include <stdexcept>
#include <utility>

namespace sake::routing {

/// A wait that a coroutine begins by `co_await`, once: a second await throws `std::logic_error`,
/// even if the first has ended. The wait lives in the frame of the awaiting coroutine and ends with
/// it, so this object may be a named variable, also as an argument of `when_any`.
///
/// @tparam Suspension  the awaiter, movable until it is awaited. If it has a function
///                     `check_temporary`, a `co_await` of a temporary instantiates that
template <class Suspension>
class [[nodiscard("nothing begins before it is awaited: write co_await")]] once
    : public detail::awaitable {
public:
  explicit once(Suspension prepared) : prepared_(std::move(prepared)) {}

  Suspension operator co_await() & { return take(); }
  Suspension operator co_await() && {
    if constexpr (requires { Suspension::check_temporary(); })
      Suspension::check_temporary();
    return take();
  }

protected:
  Suspension take() {
    if (!prepared_)
      throw std::logic_error("what was awaited already is awaited again");
    Suspension taken = std::move(*prepared_);
    prepared_.reset();
    return taken;
  }

private:
  std::optional<Suspension> prepared_;
};

namespace detail {

// Found in g++ 12.2: in one expression with co_await, closures and aggregates that are temporaries
// are destroyed twice. g++ 13 and clang++ are not affected.
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
inline constexpr bool destroys_temporaries_twice = true;
#else
inline constexpr bool destroys_temporaries_twice = false;
#endif

} // namespace detail

} // namespace sake::routing

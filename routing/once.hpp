// What can be awaited once.
#pragma once

#include <optional>
#include <stdexcept>
#include <utility>

namespace sake::routing {

/// Something that a coroutine begins and waits for by `co_await`, once: a second await throws
/// `std::logic_error`, whatever has become of the first. The wait lives in the coroutine that
/// awaits, and ends with it; so the thing may have a name, and be given to `when_any` by it.
///
/// @tparam Suspension  the awaiter, movable until it is awaited. Where it has a function
///         `check_temporary`, that is instantiated for a `co_await` of a temporary.
template <class Suspension>
class [[nodiscard("nothing begins before it is awaited: write co_await")]] once {
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

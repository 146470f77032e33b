// Waiting for several things at once.
#pragma once

#include "once.hpp"
#include "task.hpp"

#include <array>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <iterator>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

namespace sake {

/// The index and the result of the first of several.
template <class T>
struct first_of {
  std::size_t index = 0;
  T value;
};

namespace routing::detail {

template <class T>
concept awaiter = requires(T& a) {
  { a.await_ready() } -> std::convertible_to<bool>;
  a.await_resume();
};

template <class Awaitable>
struct awaited {
  static auto of(Awaitable&& what) {
    if constexpr (awaiter<Awaitable>)
      return std::type_identity<decltype(what.await_resume())>{};
    else
      return std::type_identity<
          decltype(std::forward<Awaitable>(what).operator co_await().await_resume())>{};
  }
  using type = typename decltype(of(std::declval<Awaitable>()))::type;
};

/// The result of an await, with `monostate` for void.
template <class Awaitable>
using awaited_t = typename awaited<Awaitable>::type;
template <class Awaitable>
using gathered_t =
    std::conditional_t<std::is_void_v<awaited_t<Awaitable>>, std::monostate, awaited_t<Awaitable>>;

// One part of a join. Owns an awaitable passed as rvalue, else refers to the caller's.
template <class Awaitable>
task<gathered_t<Awaitable>> part(Awaitable what) {
  static_assert(!std::is_lvalue_reference_v<Awaitable> || !awaiter<Awaitable>,
                "an awaiter that has a name would outlive the wait in it: give it by std::move, or "
                "let it come from an operator co_await");
  if constexpr (std::is_void_v<awaited_t<Awaitable>>) {
    co_await std::forward<Awaitable>(what);
    co_return std::monostate{};
  } else {
    co_return co_await std::forward<Awaitable>(what);
  }
}

enum class needed : bool { all, any };

/// Starts coroutines and waits until all or any of them have ended, or one has failed. Coroutines
/// that still wait are destroyed with this.
template <class Parts>
class gather_awaiter {
public:
  gather_awaiter(Parts parts, needed how_many) : parts_(std::move(parts)) {
    if (how_many == needed::any)
      gathering_.left = 1;
    else
      each([this](auto&) { ++gathering_.left; });
  }
  gather_awaiter(gather_awaiter&&) = default; // before it is awaited

  bool await_ready() const noexcept { return gathering_.left == 0; }

  bool await_suspend(std::coroutine_handle<> awaiting) {
    each([this](auto& one) { this->start(one); });
    if (gathering_.left == 0)
      return false;
    gathering_.awaiting = awaiting;
    return true;
  }

protected:
  // Rethrows the exception of the part that failed.
  void check() const {
    if (gathering_.failed != nullptr)
      std::rethrow_exception(gathering_.failed->error);
  }

  template <class T>
  [[nodiscard]] bool is_first(const task<T>& one) const noexcept {
    return one.frame() && &one.frame().promise() == gathering_.first;
  }

  template <class Function>
  void each(Function function) {
    if constexpr (requires { parts_.begin(); })
      for (auto& one : parts_)
        function(one);
    else
      std::apply([&function](auto&... one) { (function(one), ...); }, parts_);
  }

  Parts parts_;

private:
  template <class T>
  void start(task<T>& one) {
    if (gathering_.left == 0)
      return;
    auto& promise = one.frame().promise();
    promise.part_of = &gathering_;
    promise.is_beside_others = true;
    one.frame().resume();
  }

  join_state gathering_;
};

template <class... Ts>
class all_awaiter : public gather_awaiter<std::tuple<task<Ts>...>> {
public:
  explicit all_awaiter(task<Ts>... parts)
      : gather_awaiter<std::tuple<task<Ts>...>>({std::move(parts)...}, needed::all) {}

  std::tuple<Ts...> await_resume() {
    this->check();
    return std::apply(
        [](auto&... one) { return std::tuple<Ts...>{one.frame().promise().take()...}; },
        this->parts_);
  }
};

template <class... Ts>
class any_awaiter : public gather_awaiter<std::tuple<task<Ts>...>> {
public:
  using result = std::variant<Ts...>;

  explicit any_awaiter(task<Ts>... parts)
      : gather_awaiter<std::tuple<task<Ts>...>>({std::move(parts)...}, needed::any) {}

  result await_resume() {
    this->check();
    return take(std::make_index_sequence<sizeof...(Ts)>{});
  }

private:
  template <std::size_t First, std::size_t... Rest>
  result take(std::index_sequence<First, Rest...>) {
    auto& one = std::get<First>(this->parts_);
    if constexpr (sizeof...(Rest) > 0)
      if (!this->is_first(one))
        return take(std::index_sequence<Rest...>{});
    return result{std::in_place_index<First>, one.frame().promise().take()};
  }
};

template <class T>
class all_of_range_awaiter : public gather_awaiter<std::vector<task<T>>> {
public:
  explicit all_of_range_awaiter(std::vector<task<T>> parts)
      : gather_awaiter<std::vector<task<T>>>(std::move(parts), needed::all) {}

  std::vector<T> await_resume() {
    this->check();
    std::vector<T> all;
    all.reserve(this->parts_.size());
    for (auto& one : this->parts_)
      all.push_back(one.frame().promise().take());
    return all;
  }
};

template <class T>
class any_of_range_awaiter : public gather_awaiter<std::vector<task<T>>> {
public:
  explicit any_of_range_awaiter(std::vector<task<T>> parts)
      : gather_awaiter<std::vector<task<T>>>(std::move(parts), needed::any) {}

  first_of<T> await_resume() {
    this->check();
    std::size_t i = 0;
    while (!this->is_first(this->parts_[i]))
      ++i;
    return {i, this->parts_[i].frame().promise().take()};
  }
};

} // namespace routing::detail

/// `auto [a, b] = co_await when_all(ctx.ask<int>(x, 1s, …), ctx.ask<int>(y, 1s, …))`: starts all
/// parts, tasks or awaitables from a context, and waits until each has ended. Returns their results
/// in order, `std::monostate` for void.
///
/// The parts take turns where the coroutine runs, never two at a time. If one throws, its exception
/// is rethrown here at once, and the others end where they wait, as with `when_any`.
template <class... Awaitables>
auto when_all(Awaitables&&... parts) {
  return routing::once{routing::detail::all_awaiter<routing::detail::gathered_t<Awaitables>...>{
      routing::detail::part<Awaitables>(std::forward<Awaitables>(parts))...}};
}

/// As `when_all`, for any number of parts of one type: returns a vector.
template <class Awaitable>
auto when_all(std::vector<Awaitable> parts) {
  std::vector<task<routing::detail::gathered_t<Awaitable>>> started;
  started.reserve(parts.size());
  for (auto& one : parts)
    started.push_back(routing::detail::part<Awaitable>(std::move(one)));
  return routing::once{
      routing::detail::all_of_range_awaiter<routing::detail::gathered_t<Awaitable>>{
          std::move(started)}};
}

/// `auto first = co_await when_any(ctx.ask<int>(x, 1s, …), ctx.sleep(20ms))`: starts all parts, and
/// waits until one has ended. Returns its result as a variant with the index of the part, or
/// rethrows its exception.
///
/// The others end where they wait, and their frames are destroyed: a request to an actor is
/// cancelled, offloaded work that has not begun never does. A function that a worker has begun
/// still runs to its end, and must not refer to anything in the destroyed frame.
template <class... Awaitables>
auto when_any(Awaitables&&... parts) {
  static_assert(sizeof...(parts) > 0, "when_any needs something to wait for");
  return routing::once{routing::detail::any_awaiter<routing::detail::gathered_t<Awaitables>...>{
      routing::detail::part<Awaitables>(std::forward<Awaitables>(parts))...}};
}

/// As `when_any`, for any number of parts of one type: returns the index and the result of the
/// first.
/// @throws std::invalid_argument for none
template <class Awaitable>
auto when_any(std::vector<Awaitable> parts) {
  if (parts.empty())
    throw std::invalid_argument("when_any needs something to wait for");
  std::vector<task<routing::detail::gathered_t<Awaitable>>> started;
  started.reserve(parts.size());
  for (auto& one : parts)
    started.push_back(routing::detail::part<Awaitable>(std::move(one)));
  return routing::once{
      routing::detail::any_of_range_awaiter<routing::detail::gathered_t<Awaitable>>{
          std::move(started)}};
}

} // namespace sake

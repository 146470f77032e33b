// The layers of a chain: handlers and the middleware before them.
#pragma once

#include "detail/nullable.hpp"
#include "task.hpp"

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace sake {

class context;

namespace routing {

struct endpoint;

/// The base of the places where chains run.
class chain_host {
protected:
  chain_host() = default;
  ~chain_host() = default;
};

/// One layer of a chain: a middleware or the handler at its end.
class layer {
public:
  virtual ~layer() = default;

  /// Acts on `ctx`. Called on the reactor of the request, or where the route has placed its
  /// handler; by several threads at a time. May throw: the response is then 500.
  virtual void act(context& ctx) const = 0;

  /// Spawns the actors that the layer needs on `host` from the start. Called by each host before it
  /// runs, once for all endpoints that end with this handler.
  /// @param of  the first of these endpoints
  virtual void open(chain_host& host, const endpoint& of) const {
    (void)host;
    (void)of;
  }

  /// Whether an actor answers. The layer itself then stays on the reactor, wherever the actor runs.
  [[nodiscard]] virtual bool is_actor() const noexcept { return false; }

  /// Whether the layer acts only once the content of the request is whole. The last layer of a
  /// chain always does, unless its route streams content.
  [[nodiscard]] virtual bool reads_content() const noexcept { return false; }

  /// Why the route cannot say where its handler runs, as the end of a sentence; null if it can.
  [[nodiscard]] virtual const char* immovable_because() const noexcept { return nullptr; }

  /// Whether the layer spawns the actor that answers, so that the route may set how many there are.
  [[nodiscard]] virtual bool spawns() const noexcept { return false; }
};

/// Makes a layer of a type that is no function. Specialised by `<sake/actors.hpp>` for
/// actor handles.
template <class T>
struct make_layer;

namespace detail {

/// Runs `body` as the coroutine of the layer that `ctx` is in.
void start(context& ctx, task<> body);

template <class Function>
class function_layer final : public layer {
public:
  explicit function_layer(Function function) : function_(std::move(function)) {}
  void act(context& ctx) const override {
    if constexpr (std::is_void_v<std::invoke_result_t<const Function&, context&>>)
      function_(ctx);
    else
      start(ctx, function_(ctx));
  }

private:
  Function function_;
};

template <class F>
concept plain_function = requires(const F& f, context& ctx) {
  { f(ctx) } -> std::same_as<void>;
};

template <class F>
concept coroutine_function = requires(const F& f, context& ctx) {
  { f(ctx) } -> std::same_as<task<>>;
};

template <class F>
concept mutable_function = requires(F& f, context& ctx) { f(ctx); };

template <class T>
concept layer_source = requires(T&& from) {
  {
    make_layer<std::remove_cvref_t<T>>::from(std::forward<T>(from))
  } -> std::convertible_to<std::shared_ptr<const layer>>;
};

} // namespace detail

/// Anything that can answer a request or stand before a handler: a function `void(context&)`, a
/// coroutine `task<>(context&)`, or, with `<sake/actors.hpp>`, an actor.
///
/// One object serves all reactors at once, so a function must be callable as const: mutable state
/// belongs in an actor, or behind a lock of the user's own. Routes with copies of one handler share
/// the actors that it spawns, except with `per_request`, and must configure them alike.
///
/// A handler made from a null function pointer, an empty `std::function` or an empty actor handle
/// is empty, and so is one that was moved from; registration refuses it.
class handler {
public:
  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, handler>)
  handler(F&& from) { // NOLINT: made implicitly from the argument of a route
    using source = std::decay_t<F>;
    if (detail::is_null<source>(from))
      return;
    if constexpr (detail::plain_function<source> || detail::coroutine_function<source>)
      adopt(
          std::unique_ptr<const layer>{new detail::function_layer<source>{std::forward<F>(from)}});
    else if constexpr (detail::layer_source<F>)
      layer_ = make_layer<source>::from(std::forward<F>(from));
    else if constexpr (std::is_invocable_v<const source&, context&>)
      static_assert(!sizeof(source),
                    "a handler returns nothing or a sake::task<>: answer with ctx.string, ctx.json "
                    "and the like");
    else if constexpr (detail::mutable_function<source>)
      static_assert(!sizeof(source),
                    "a handler is shared by all reactors and must be callable as const: keep state "
                    "that changes in an actor (or capture a reference to something locked)");
    else
      static_assert(!sizeof(source),
                    "a handler is void(sake::context&), sake::task<>(sake::context&), or an actor "
                    "(include <sake/actors.hpp> for actors)");
  }

  /// Null if the handler is empty.
  [[nodiscard]] const std::shared_ptr<const layer>& get() const noexcept { return layer_; }

private:
  friend handler reads_content(const handler& middleware);
  handler() = default;

  // Compiled once, where a shared pointer of its own would be compiled for every function.
  void adopt(std::unique_ptr<const layer> made);

  std::shared_ptr<const layer> layer_;
};

/// Returns `middleware`, for `use`, made to act only once the content of the request is whole, so
/// that it may call `ctx.body()`. Other middleware acts at the head; the client need not send
/// content that it refuses. Empty if `middleware` is.
[[nodiscard]] handler reads_content(const handler& middleware);

/// The layers that a request passes, the handler last. Immutable once the engine has started.
using chain = std::vector<std::shared_ptr<const layer>>;

} // namespace routing

using routing::handler;
using routing::reads_content;

} // namespace sake

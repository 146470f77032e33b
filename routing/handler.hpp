// What answers a request, and what stands before it.
#pragma once

#include <sake/routing/task.hpp>

#include <concepts>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace sake {

class context;

namespace routing {

/// One layer of a chain: a middleware or the handler at its end.
class layer {
public:
  virtual ~layer() = default;

  /// Acts on `ctx`. Called on the reactor of the request, or where the route has placed its
  /// handler; by several threads at a time. May throw: the answer is then 500.
  virtual void act(context& ctx) const = 0;

  /// Whether an actor answers: then the layer itself stays on the reactor, wherever the actor runs.
  [[nodiscard]] virtual bool is_actor() const noexcept { return false; }

  /// Whether the layer acts only once the content of the request is whole. The last one of a chain
  /// does in any case, unless its route streams content.
  [[nodiscard]] virtual bool reads_content() const noexcept { return false; }

  /// Why the route cannot say where its handler runs, in words that go on; null where it can.
  [[nodiscard]] virtual const char* immovable_because() const noexcept { return nullptr; }

  /// Whether the layer spawns the actor that answers, so that the route may say how many there are.
  [[nodiscard]] virtual bool spawns() const noexcept { return false; }
};

/// Makes a layer of a type that is no function. Specialised by `<sake/actors/handler.hpp>` for
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
concept mutable_function = requires(F& f, context& ctx) {
  f(ctx);
};

template <class T>
concept layer_source = requires(T&& from) {
  {
    make_layer<std::remove_cvref_t<T>>::from(std::forward<T>(from))
    } -> std::convertible_to<std::shared_ptr<const layer>>;
};

} // namespace detail

/// Anything that can answer a request or stand before a handler: a function `void(context&)`, a
/// coroutine `task<>(context&)`, or, with `<sake/actors/handler.hpp>`, an actor.
///
/// One object serves every reactor at a time, so a function must be callable as const: state that
/// changes belongs into an actor, or behind a lock of the user's own. Routes that are given copies
/// of one handler share the actors that it spawns, `per_request` ones aside, and must say the same
/// of them.
class handler {
public:
  template <class F>
  requires(!std::same_as<std::remove_cvref_t<F>, handler>)
      handler(F&& from) { // NOLINT: made implicitly from what a route is given
    using source = std::decay_t<F>;
    if constexpr (detail::plain_function<source> || detail::coroutine_function<source>)
      layer_ = std::make_shared<detail::function_layer<source>>(std::forward<F>(from));
    else if constexpr (detail::layer_source<F>)
      layer_ = make_layer<source>::from(std::forward<F>(from));
    else if constexpr (detail::mutable_function<source>)
      static_assert(!sizeof(source),
                    "a handler is shared by all reactors and must be callable as const: keep state "
                    "that changes in an actor (or capture a reference to something locked)");
    else
      static_assert(!sizeof(source),
                    "a handler is void(sake::context&), sake::task<>(sake::context&), or an actor "
                    "(include <sake/actors/handler.hpp> for handles, <sake/actors/spawned.hpp> for "
                    "behavior functions and classes)");
  }

  [[nodiscard]] const std::shared_ptr<const layer>& get() const noexcept { return layer_; }

private:
  friend handler reads_content(const handler& middleware);
  handler() = default;

  std::shared_ptr<const layer> layer_;
};

/// The same middleware, for `use`, that acts only once the content of the request is whole: one
/// that looks at `ctx.body()`. Any other acts at the head, before the content is there; what it
/// refuses, the client need not send.
[[nodiscard]] handler reads_content(const handler& middleware);

/// The layers that a request passes, the handler last. Immutable once the engine has started.
using chain = std::vector<std::shared_ptr<const layer>>;

} // namespace routing

using routing::handler;
using routing::reads_content;

} // namespace sake

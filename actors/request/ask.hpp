// Asking actors from a coroutine: include this for `co_await ctx.ask(…)`.
#pragma once

#include "../../routing/context.hpp"
#include "../reactor/messages.hpp"

#include <caf/actor_cast.hpp>
#include <caf/expected.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/response_type.hpp>
#include <caf/sec.hpp>
#include <caf/typed_actor.hpp>
#include <caf/unit.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

namespace sake {

namespace actors::detail {

/// A request to an actor on behalf of a coroutine, until the answer.
class actor_request {
public:
  actor_request(routing::awaiting_chain& own, caf::strong_actor_ptr whom,
                caf::mailbox_element_ptr message, std::chrono::milliseconds deadline);
  actor_request(actor_request&&) noexcept;
  ~actor_request();

  /// Sends the request; `waiting` is resumed where its chain runs, once there is an answer.
  void send(routing::waiter_ptr waiting);

  /// Returns the answer of the actor.
  caf::expected<caf::message> take();

private:
  class state;
  std::shared_ptr<state> state_;
};

// The result type: the type named by the caller, the type of a typed actor's answer, or the
// message.
template <class Result, class Handle, class... Ts>
struct answer {
  using type = Result;
};

template <class Handle, class... Ts>
struct answer<void, Handle, Ts...> {
  using type = caf::message;
};

template <class... Signatures, class... Ts>
struct answer<void, caf::typed_actor<Signatures...>, Ts...> {
  using types = caf::response_type_t<caf::detail::type_list<Signatures...>, std::decay_t<Ts>...>;
  static_assert(caf::detail::tl_size<types>::value <= 1,
                "name the type that a typed actor with several results answers with: "
                "ctx.ask<caf::message>(…)");
  using type = std::conditional_t<caf::detail::tl_size<types>::value == 0, caf::unit_t,
                                  typename caf::detail::tl_head<typename caf::detail::tl_concat<
                                      types, caf::detail::type_list<caf::unit_t>>::type>::type>;
};

// Whether a message value may be a temporary that g++ 12 destroys twice.
template <class T>
inline constexpr bool is_fragile =
    routing::detail::destroys_temporaries_twice && !std::is_lvalue_reference_v<T>
    && std::is_aggregate_v<T> && !std::is_trivially_destructible_v<T>;

template <class Result, bool IsFragile>
class ask_awaiter {
public:
  explicit ask_awaiter(actor_request request) noexcept : request_(std::move(request)) {}

  static void check_temporary() {
    static_assert(
        !IsFragile,
        "g++ 12 destroys twice an aggregate that is made in one expression with co_await; "
        "name what ask gives and await that: "
        "auto asked = ctx.ask<int>(actor, 1s, add_todo{text}); co_await asked;");
  }

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) { request_.send(wait_.begin(waiting)); }
  caf::expected<Result> await_resume() {
    auto answer = request_.take();
    if constexpr (std::is_same_v<Result, caf::message>) {
      return answer;
    } else {
      if (!answer)
        return std::move(answer.error());
      if constexpr (std::is_same_v<Result, caf::unit_t>) {
        if (answer->empty())
          return caf::unit;
      } else if (answer->template match_elements<Result>()) {
        return std::move(answer->template get_mutable_as<Result>(0));
      }
      return caf::make_error(caf::sec::unexpected_response);
    }
  }

private:
  actor_request request_;
  routing::wait wait_;
};

} // namespace actors::detail

namespace routing {

template <class Result, class Handle>
struct make_ask {
  template <class... Ts>
  static auto from(awaiting_chain& own, const Handle& whom, std::chrono::milliseconds deadline,
                   Ts&&... message) {
    using result = typename actors::detail::answer<Result, Handle, Ts...>::type;
    constexpr bool is_fragile = (actors::detail::is_fragile<Ts> || ...);
    return once{actors::detail::ask_awaiter<result, is_fragile>{
        actors::detail::actor_request{own, caf::actor_cast<caf::strong_actor_ptr>(whom),
                                      caf::make_mailbox_element(nullptr, caf::make_message_id(), {},
                                                                std::forward<Ts>(message)...),
                                      deadline}}};
  }
};

} // namespace routing

} // namespace sake

// An actor controlled by the test.
#pragma once

#include "failure.hpp"
#include "test_runtime.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

#include <boost/core/demangle.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <tuple>
#include <typeinfo>
#include <utility>

namespace sake::testing {

namespace detail {

/// "(std::string, int)"
template <class... Ts>
std::string names_of() {
  std::string all;
  ((all += (all.empty() ? "" : ", ") + boost::core::demangle(typeid(Ts).name())), ...);
  return '(' + all + ')';
}

} // namespace detail

/// A message that a probe received; the test may reply to it.
class received_message {
public:
  received_message(test_runtime& on, caf::mailbox_element_ptr message) noexcept
      : runtime_(&on), message_(std::move(message)) {}

  [[nodiscard]] const caf::strong_actor_ptr& sender() const noexcept { return message_->sender; }
  [[nodiscard]] bool is_request() const noexcept { return message_->mid.is_request(); }

  /// The value at position `i`.
  template <class T>
  [[nodiscard]] const T& get(std::size_t i = 0) const {
    return message_->content().get_as<T>(i);
  }

  /// Answers the request. Once. A request without a reply is dropped, and its sender waits.
  template <class... Ts>
  void reply(Ts&&... values) {
    send_after(std::chrono::milliseconds{0}, caf::make_message(std::forward<Ts>(values)...));
  }
  /// Answers after `delay`.
  template <class... Ts>
  void reply_after(std::chrono::milliseconds delay, Ts&&... values) {
    send_after(delay, caf::make_message(std::forward<Ts>(values)...));
  }
  /// Answers with an error.
  void fail(caf::error reason) { reply(std::move(reason)); }

private:
  void send_after(std::chrono::milliseconds delay, caf::message answer);

  test_runtime* runtime_;
  caf::mailbox_element_ptr message_;
};

/// An actor controlled by the test. Pass `handle()` to the code under test as a collaborator, or to
/// a route as its handler; then expect messages and reply to them.
///
///     sake::testing::probe stock{app};
///     auto pending = app.send(request("GET", "/tea"));
///     stock.expect<std::string>().reply(3);
///     CHECK(matches(pending.take(), has_content("3 left")));
class probe {
public:
  explicit probe(test_runtime& on);
  /// @param app  a `test_app`
  template <class App>
    requires requires(App& app) {
      { app.runtime() } -> std::same_as<test_runtime&>;
    }
  explicit probe(App& app) : probe(app.runtime()) {}
  probe(const probe&) = delete;
  probe& operator=(const probe&) = delete;
  /// Kills the actor, unless that was done.
  ~probe() { kill(caf::exit_reason::user_shutdown); }

  [[nodiscard]] caf::actor handle() const { return caf::actor_cast<caf::actor>(actor_); }

  /// Runs until nothing is left to do, then takes the oldest message, which must have these types.
  /// @throws failure if it has other types, or if there is none
  template <class... Ts>
  received_message expect() {
    auto message = oldest(detail::names_of<Ts...>());
    if (!message->content().template match_elements<Ts...>())
      refuse(detail::names_of<Ts...>(), *message);
    return {runtime_, take()};
  }

  /// Runs until nothing is left to do.
  /// @throws failure if a message has come
  void expect_nothing();

  /// Messages in the mailbox. Runs nothing.
  [[nodiscard]] std::size_t waiting() const noexcept;

  /// Ends the actor: waiting and later requests are answered with an error.
  void kill(caf::error reason = caf::exit_reason::kill);

  // -- sending requests -----------------------------------------------------------------

  /// Sends a message as a request.
  template <class Handle, class... Ts>
  void request(const Handle& whom, Ts&&... message) {
    caf::actor_cast<caf::strong_actor_ptr>(whom)->enqueue(
        caf::make_mailbox_element(actor_, caf::make_message_id(++last_id_), {},
                                  std::forward<Ts>(message)...),
        nullptr);
  }

  /// The answer to a request. Runs, and lets time pass as far as needed.
  /// @throws failure if it is an error, has another type, or does not come
  template <class Result>
  Result await_answer() {
    await_message();
    const auto* const message = oldest(detail::names_of<Result>());
    if (!message->content().template match_elements<Result>())
      refuse(detail::names_of<Result>(), *message);
    return take()->content().template get_as<Result>(0);
  }

private:
  class mailbox;

  void await_message();
  /// @throws failure if there is none
  caf::mailbox_element* oldest(const std::string& expected);
  caf::mailbox_element_ptr take();
  [[noreturn]] void refuse(const std::string& expected, const caf::mailbox_element& got) const;
  [[nodiscard]] mailbox& box() const noexcept;

  test_runtime& runtime_;
  caf::strong_actor_ptr actor_;
  std::uint64_t last_id_ = 0;
};

} // namespace sake::testing

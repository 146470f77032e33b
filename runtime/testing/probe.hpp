// An actor whose mailbox the test holds.
#pragma once

#include <sake/testing/failure.hpp>
#include <sake/testing/stage.hpp>

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/error.hpp>
#include <caf/exit_reason.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

#include <boost/core/demangle.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <tuple>
#include <typeinfo>
#include <utility>

namespace sake::testing {

class test_app;

namespace detail {

/// "(std::string, int)"
template <class... Ts>
std::string names_of() {
  std::string all;
  ((all += (all.empty() ? "" : ", ") + boost::core::demangle(typeid(Ts).name())), ...);
  return '(' + all + ')';
}

} // namespace detail

/// A message that a probe got, to be answered or not.
class received_message {
public:
  received_message(stage& on, caf::mailbox_element_ptr message) noexcept
      : stage_(&on), message_(std::move(message)) {}

  [[nodiscard]] const caf::strong_actor_ptr& sender() const noexcept { return message_->sender; }
  [[nodiscard]] bool is_request() const noexcept { return message_->mid.is_request(); }

  /// The value at position `I`.
  template <class T>
  [[nodiscard]] const T& get(std::size_t i = 0) const {
    return message_->content().get_as<T>(i);
  }

  /// Answers the request. Once; one that is not answered is dropped, and its sender waits.
  template <class... Ts>
  void reply(Ts&&... values) {
    send_after(std::chrono::milliseconds{0}, caf::make_message(std::forward<Ts>(values)...));
  }
  /// Answers after that time.
  template <class... Ts>
  void reply_after(std::chrono::milliseconds delay, Ts&&... values) {
    send_after(delay, caf::make_message(std::forward<Ts>(values)...));
  }
  /// Answers with an error.
  void fail(caf::error reason) { reply(std::move(reason)); }

private:
  void send_after(std::chrono::milliseconds delay, caf::message answer);

  stage* stage_;
  caf::mailbox_element_ptr message_;
};

/// An actor whose mailbox the test holds: give `handle()` to what is tested in the place of a
/// collaborator, or to a route as its handler, then say what is to come and what becomes of it.
///
///     sake::testing::probe stock{app};
///     auto pending = app.send(request("GET", "/tea"));
///     stock.expect<std::string>().reply(3);
///     CHECK(matches(pending.take(), has_content("3 left")));
class probe {
public:
  explicit probe(stage& on);
  explicit probe(test_app& app);
  probe(const probe&) = delete;
  probe& operator=(const probe&) = delete;
  /// Kills it, unless that was done.
  ~probe() { kill(caf::exit_reason::user_shutdown); }

  [[nodiscard]] caf::actor handle() const { return caf::actor_cast<caf::actor>(actor_); }

  /// Runs until nothing is left to do, then takes the oldest message, which has to be of these
  /// types. @throws failure when it is not, or when there is none
  template <class... Ts>
  received_message expect() {
    auto message = oldest(detail::names_of<Ts...>());
    if (!message->content().template match_elements<Ts...>())
      refuse(detail::names_of<Ts...>(), *message);
    return {stage_, take()};
  }

  /// Runs until nothing is left to do. @throws failure when there is a message then
  void expect_nothing();

  /// Messages that wait. Runs nothing.
  [[nodiscard]] std::size_t waiting() const noexcept;

  /// Ends the actor: what waits, and what comes later, is answered by an error.
  void kill(caf::error reason = caf::exit_reason::kill);

  // -- asking ---------------------------------------------------------------------------

  /// Sends a message as a request.
  template <class Handle, class... Ts>
  void request(const Handle& whom, Ts&&... message) {
    caf::actor_cast<caf::strong_actor_ptr>(whom)->enqueue(
        caf::make_mailbox_element(actor_, caf::make_message_id(++last_id_), {},
                                  std::forward<Ts>(message)...),
        nullptr);
  }

  /// The answer to a request. Runs, and lets time pass as far as that takes.
  /// @throws failure when it is an error, or of another type, or does not come
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
  /// @throws failure when there is none
  caf::mailbox_element* oldest(const std::string& expected);
  caf::mailbox_element_ptr take();
  [[noreturn]] void refuse(const std::string& expected, const caf::mailbox_element& got) const;
  [[nodiscard]] mailbox& box() const noexcept;

  stage& stage_;
  caf::strong_actor_ptr actor_;
  std::uint64_t last_id_ = 0;
};

} // namespace sake::testing

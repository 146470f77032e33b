#include "actor_call.hpp"

#include "../reactor/detail/element.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/messages.hpp"
#include "../reactor/reactor.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace sake::actors {

namespace {

// Actors in a row that may return a request. Many do when many requests wait for an actor that
// often fails; but actors that quit at once, which is no failure, would follow one another forever.
constexpr int max_returns = 1000;

// If memory is short, the actor stays until its last reference is released.
void tell_to_exit(const caf::strong_actor_ptr& whom, reactor& here) noexcept {
  try {
    whom->enqueue(
        nullptr, caf::make_message_id(),
        caf::make_message(caf::exit_msg{whom->get()->address(), caf::exit_reason::user_shutdown}),
        &here);
  } catch (const std::bad_alloc&) {
  }
}

} // namespace

void actor_call::begin(const caf::strong_actor_ptr& whom, const actor_call_options& options) {
  auto& reactor = caller_.call_home();
  sent_ = caller_.request_to_send();
  // The reference that the caller holds keeps this object.
  const auto channel = spawn_on<reply_channel>(
      reactor, std::shared_ptr<reply_handler>{std::shared_ptr<void>{}, this});
  channel_.reset(channel.get());
  supervisor_ = options.supervisor;
  times_returned_ = 0;
  under_way_ = true;
  owed_ = caller_.call_begun();
  try {
    auto message = tracked_request_to(static_cast<reply_channel&>(*channel->get()));
    if (options.drops_cancelled)
      tracked(*message)->drop_when_cancelled();
    if (options.begun != nullptr)
      tracked(*message)->count_begun(*options.begun);
    whom->enqueue(std::move(message), &reactor);
  } catch (...) {
    permit none;
    caller_.call_refused(call_off(none));
    throw;
  }
  if (options.is_own && under_way_)
    own_.reset(whom.get());
}

caf::mailbox_element_ptr actor_call::tracked_request_to(reply_channel& to) {
  // The request may have been cancelled where it was served before, and its actor may have failed.
  const auto& data = std::as_const(sent_).data();
  data.is_cancelled.store(false, std::memory_order_relaxed);
  data.failure_is_told.store(false, std::memory_order_relaxed);
  auto message = to.address(sent_, caller_.is_urgent());
  if (supervisor_ != nullptr)
    tracked(*message)->have_failure_told(caller_.origin());
  return message;
}

void actor_call::end() noexcept {
  // An actor on a thread of its own does not end with its last reference.
  if (const auto whom = own_.lock();
      whom != nullptr && whom->get()->getf(caf::abstract_actor::is_detached_flag))
    tell_to_exit(whom, caller_.call_home());
  under_way_ = false;
  channel_.reset();
  supervisor_.reset();
  own_.reset();
  sent_ = http::request{nullptr};
}

owed_reference actor_call::call_off(permit& in_flight) noexcept {
  if (!under_way_)
    return {};
  // A channel that is being destroyed on another thread brings the end of the call: `abandoned`.
  const auto channel = channel_.lock();
  const auto whom = own_.lock();
  own_.reset();
  std::as_const(sent_).data().is_cancelled.store(true, std::memory_order_relaxed);
  end();
  if (whom != nullptr)
    tell_to_exit(whom, caller_.call_home());
  if (channel == nullptr)
    return {};
  auto& own = static_cast<reply_channel&>(*channel->get());
  if (auto* const count = in_flight.detach())
    own.stay_counted(*count);
  return own.close() ? std::move(owed_) : owed_reference{};
}

// -- results --------------------------------------------------------------------------

void actor_call::answered(caf::mailbox_element& answer) {
  auto* const response = detail::value_of<http::response>(answer);
  if (response == nullptr) {
    fail([] { return std::string{"the actor answered with something that is no response"}; });
    return;
  }
  end();
  caller_.on_answer(std::move(*response), std::move(owed_));
}

// If the supervisor has logged the failure, the caller gets no reason; else the result of `why`.
template <class Why>
void actor_call::fail(Why why) noexcept {
  const bool is_told = std::as_const(sent_).data().failure_is_told.load(std::memory_order_relaxed);
  end();
  std::optional<std::string> text;
  if (!is_told) {
    text.emplace();
    detail::contain("the text of a failure", [&] { *text = why(); });
  }
  caller_.on_failure(std::move(text), std::move(owed_));
}

void actor_call::failed(const caf::error& reason) {
  fail([&] { return detail::reason_text(caller_.call_home().system(), reason); });
}

void actor_call::returned(reply_channel& from) {
  const auto supervisor = supervisor_;
  if (supervisor != nullptr && ++times_returned_ <= max_returns) {
    try {
      supervisor->enqueue(tracked_request_to(from), &caller_.call_home());
    } catch (...) {
      caller_.on_broken(std::current_exception());
    }
    return;
  }
  from.close();
  if (supervisor == nullptr) {
    failed(caf::make_error(caf::sec::request_receiver_down));
    return;
  }
  end();
  caller_.on_exhausted(std::move(owed_));
}

void actor_call::abandoned() {
  if (under_way_)
    fail([] { return std::string{"the actor has dropped the request unanswered"}; });
  else // called off while the channel was destroyed
    owed_reference{std::move(owed_)}.reset();
}

} // namespace sake::actors

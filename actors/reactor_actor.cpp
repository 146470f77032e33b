#include <sake/actors/reactor_actor.hpp>

#include <sake/actors/detail/failure.hpp>

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

namespace sake::actors {

namespace {

// A user's actor that links to whom it serves must not take it along when it fails.
bool is_end_of_another(caf::mailbox_element& message) {
  if (!message.mid.is_async() || !message.content().match_elements<caf::exit_msg>())
    return false;
  const auto& reason = message.content().get_as<caf::exit_msg>(0).reason;
  return reason != caf::exit_reason::user_shutdown && reason != caf::exit_reason::kill;
}

} // namespace

void reactor_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) {
  // First: one that has ended may have outlived its reactor.
  if (getf(is_terminated_flag)) {
    bounce(message, caf::make_error(caf::sec::request_receiver_down));
    return;
  }
  // The thread decides, not the unit: a blocking child inherits the unit of the actor that spawned
  // it, and has a thread of its own. Without our unit the sender may be in the midst of anything.
  if (from != &reactor_ || !reactor_.is_here()) {
    reactor_.deliver(caf::strong_actor_ptr{ctrl()}, std::move(message));
    return;
  }
  if (is_end_of_another(*message))
    return;
  if (message->mid.is_async() && handle_system_message(*message, from, false)) {
    if (getf(is_cleaned_up_flag)) {
      setf(is_terminated_flag);
      on_exit();
    }
    return;
  }
  handle(message);
}

void reactor_actor::handle(caf::mailbox_element_ptr& message) noexcept {
  try {
    receive(message);
  } catch (...) {
    reactor_.activity().end();
    detail::log_exception(name());
    detail::contain("the answer to a failed request", [&] {
      if (message != nullptr)
        refuse_failed(*message);
    });
  }
}

void reactor_actor::refuse_failed(caf::mailbox_element& message) {
  if (!message.mid.is_request() || message.sender == nullptr)
    return;
  auto reason = caf::make_error(caf::sec::runtime_error,
                                detail::exception_text(std::current_exception()));
  message.sender->enqueue(nullptr, message.mid.response_id(),
                          caf::make_message(std::move(reason)), &reactor_);
}

} // namespace sake::actors

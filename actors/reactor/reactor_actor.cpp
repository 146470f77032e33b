#include "reactor_actor.hpp"

#include "detail/failure.hpp"

#include <caf/exit_reason.hpp>
#include <caf/sec.hpp>
#include <caf/system_messages.hpp>

namespace sake::actors {

namespace {

// A request to exit, or the notice that a linked actor has ended.
bool is_exit_message(caf::mailbox_element& message) {
  return message.content().match_elements<caf::exit_msg>();
}

} // namespace

void reactor_actor::enqueue(caf::mailbox_element_ptr message, caf::execution_unit* from) {
  // First: an ended actor may have outlived its reactor.
  if (getf(is_terminated_flag)) {
    bounce(message, caf::make_error(caf::sec::request_receiver_down));
    return;
  }
  // The thread decides, not the unit: a blocking child inherits the unit of the actor that spawned
  // it, and has a thread of its own. Without our unit the sender may be in any state.
  if (from != &reactor_ || !reactor_.is_here()) {
    reactor_.deliver(caf::strong_actor_ptr{ctrl()}, std::move(message));
    return;
  }
  if (message->mid.is_async()
      && (is_exit_message(*message) || handle_system_message(*message, from, true)))
    return;
  handle(message);
}

void reactor_actor::end() {
  if (!cleanup(caf::exit_reason::user_shutdown, &reactor_))
    return;
  const caf::strong_actor_ptr self{ctrl()};
  on_exit();
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
  auto reason =
      caf::make_error(caf::sec::runtime_error, detail::exception_text(std::current_exception()));
  message.sender->enqueue(nullptr, message.mid.response_id(), caf::make_message(std::move(reason)),
                          &reactor_);
}

} // namespace sake::actors

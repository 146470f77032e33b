// The answer to a request that an actor does not handle.
#pragma once

#include <caf/error.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/message.hpp>
#include <caf/sec.hpp>

namespace sake::actors::detail {

/// Answers a request that its receiver does not handle with `unexpected_message`; ignores other
/// messages. CAF's own `bounce` always answers `request_receiver_down`.
inline void reject(const caf::mailbox_element& message) {
  if (message.mid.is_request() && message.sender != nullptr)
    message.sender->enqueue(nullptr, message.mid.response_id(),
                            caf::make_message(caf::make_error(caf::sec::unexpected_message)),
                            nullptr);
}

} // namespace sake::actors::detail

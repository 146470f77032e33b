#include <sake/actors/handler_actor.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/reject.hpp>
#include <sake/actors/exchange.hpp>
#include <sake/actors/messages.hpp>

#include <utility>

namespace sake::actors {

void handler_actor::receive(caf::mailbox_element_ptr& message) {
  if (auto* const request = detail::value_of<http::request>(*message))
    exchange::serve(shard_, plan_, state_, std::move(*request), std::move(message));
  else
    detail::reject(*message);
}

} // namespace sake::actors

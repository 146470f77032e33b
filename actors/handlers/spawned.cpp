#include "spawned.hpp"

#include "../reactor/activity.hpp"
#include "../reactor/reactor.hpp"
#include "../request/reply_channel.hpp"

namespace sake::actors::detail {

watched_turn::watched_turn(route_load* of) noexcept
    : activity_(reactor::current() != nullptr ? &reactor::current()->activity() : nullptr) {
  if (activity_ != nullptr)
    activity_->begin(*of);
}

watched_turn::~watched_turn() {
  if (activity_ != nullptr)
    activity_->end();
}

void drop_when_cancelled(caf::mailbox_element& message) noexcept {
  if (auto* const sent = tracked(message))
    sent->drop_when_cancelled();
}

} // namespace sake::actors::detail

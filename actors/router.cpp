#include <sake/actors/router.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/reject.hpp>
#include <sake/actors/handler_actor.hpp>
#include <sake/actors/messages.hpp>
#include <sake/actors/shard.hpp>

#include <utility>

namespace sake::actors {

router::router(caf::actor_config& cfg, actors::reactor& home, shard& own)
    : reactor_actor(cfg, home), shard_(own) {
  for (const auto& plan : own.routes().plans())
    handlers_.push_back(spawn_on<handler_actor>(home, own, plan));
}

void router::receive(caf::mailbox_element_ptr& message) {
  auto* const sent = detail::value_of<http::request>(*message);
  if (sent == nullptr) {
    detail::reject(*message);
    return;
  }
  const auto found = shard_.routes().find(sent->data());
  handlers_[found]->enqueue(std::move(message), &home());
}

void router::on_exit() {
  for (const auto& each : handlers_)
    static_cast<handler_actor&>(*each->get()).end();
}

} // namespace sake::actors

#include "router.hpp"

#include "../connection/request_message.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/reject.hpp"
#include "../reactor/messages.hpp"
#include "exchange.hpp"
#include "shard.hpp"

#include <utility>

namespace sake::actors {

router::router(caf::actor_config& cfg, actors::reactor& home, shard& own)
    : reactor_actor(cfg, home), shard_(own) {
  for (const auto& endpoint : own.routes().endpoints())
    handlers_.push_back(spawn_on<handler_actor>(home, own, endpoint));
}

void router::on_exit() {
  for (const auto& each : handlers_)
    static_cast<handler_actor&>(*each->get()).end();
}

handler_actor::handler_actor(caf::actor_config& cfg, actors::reactor& home, shard& own,
                             const routing::endpoint& endpoint)
    : reactor_actor(cfg, home), shard_(own), endpoint_(endpoint), load_(own.load_of(endpoint)) {}

// -- the way of a request -------------------------------------------------------------

// A connection, or any other actor, has sent a request to the router.
void router::receive(caf::mailbox_element_ptr& message) {
  auto* const own = request_message::in(*message);
  auto* const request =
      own != nullptr ? &own->request() : detail::value_of<http::request>(*message);
  if (request == nullptr) {
    detail::reject(*message);
    return;
  }
  const auto endpoint = shard_.routes().find(request->data());
  handlers_[endpoint]->enqueue(std::move(message), &home());
}

// The router, or any other actor, has sent a request to the route. The response goes to the port of
// the message, or to its sender.
void handler_actor::receive(caf::mailbox_element_ptr& message) {
  if (auto* const own = request_message::in(*message))
    exchange::serve(shard_, endpoint_, load_, std::move(own->request()), own->client_on(home()),
                    std::move(message));
  else if (auto* const request = detail::value_of<http::request>(*message))
    exchange::serve(shard_, endpoint_, load_, std::move(*request), nullptr, std::move(message));
  else
    detail::reject(*message);
}

} // namespace sake::actors

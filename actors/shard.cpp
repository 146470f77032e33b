#include <sake/actors/shard.hpp>

#include <sake/actors/connection.hpp>
#include <sake/actors/detail/spawning_layer.hpp>
#include <sake/actors/exchange.hpp>
#include <sake/actors/router.hpp>

#include <utility>

namespace sake::actors {

namespace {

// Null once the shard is retired. A test may have put another actor in the place of the router.
void end(const caf::strong_actor_ptr& own) {
  if (auto* const ended = own != nullptr ? dynamic_cast<reactor_actor*>(own->get()) : nullptr)
    ended->end();
}

} // namespace

shard::shard(caf::actor_system& system, std::size_t index, const http::settings& config,
             const routing::route_map& routes, route_state* states, executor* pool,
             std::atomic<std::size_t>& open_connections, const clock& time)
    : reactor_(system, index, time),
      settings_(config),
      routes_(routes),
      states_(states),
      pool_(pool),
      open_connections_(open_connections),
      asker_(spawn_on<actors::asker>(reactor_)),
      router_(spawn_on<actors::router>(reactor_, *this)) {
  for (const auto& plan : routes_.plans()) {
    auto& state = state_of(plan);
    if (!plan.layers.back()->spawns() || state.actors_of != &state)
      continue;
    const auto& layer = static_cast<const detail::spawning_layer&>(*plan.layers.back());
    if (auto own = layer.open(*this, plan, state))
      supervisors_.push_back(std::move(own));
  }
}

shard::~shard() {
  if (router_ == nullptr)
    return;
  close();
  retire();
}

actors::asker& shard::asker() const noexcept {
  return static_cast<actors::asker&>(*asker_->get());
}

void shard::add(connection& opened) {
  connections_.push_back(opened);
  ++connection_count_;
  open_connections_.fetch_add(1, std::memory_order_relaxed);
}

void shard::remove(connection& closed) {
  connections_.erase(connections_.iterator_to(closed));
  open_connections_.fetch_sub(1, std::memory_order_relaxed);
  if (--connection_count_ == 0 && drained_)
    std::exchange(drained_, {})();
}

void shard::drain(std::function<void()> done) {
  const reactor::turn now{reactor_};
  is_draining_ = true;
  while (!drain_listeners_.empty()) {
    auto& next = drain_listeners_.front();
    drain_listeners_.pop_front();
    next.on_drain();
  }
  for (auto at = connections_.begin(); at != connections_.end();)
    (at++)->drain();
  if (!done)
    return;
  if (connection_count_ == 0)
    done();
  else
    drained_ = std::move(done);
}

void shard::disconnect() {
  const reactor::stay here{reactor_};
  while (!connections_.empty())
    connections_.front().close();
  reactor_.run_ready();
}

void shard::close() {
  const reactor::stay here{reactor_};
  disconnect();
  while (!waiting_.empty()) {
    const exchange::pointer last{&waiting_.front()};
    waiting_.pop_front();
    last->let_go();
  }
  {
    const reactor::turn now{reactor_};
    end(router_);
    end(asker_);
    for (const auto& each : supervisors_)
      end(each);
  }
  reactor_.run_ready();
}

void shard::retire() {
  const reactor::stay here{reactor_};
  router_.reset();
  asker_.reset();
  supervisors_.clear();
  reactor_.retire();
}

void shard::park(exchange& waiting) {
  waiting_.push_back(waiting);
}

} // namespace sake::actors

#include "shard.hpp"

#include "../../http/http1/http1_protocol.hpp"
#include "../connection/connection.hpp"
#include "../reactor/reactor_actor.hpp"
#include "../workers/route_load.hpp"
#include "../workers/task_watch.hpp"

#include <memory>
#include <new>
#include <utility>

namespace sake::actors {

namespace {

// `own` is null after `retire`. A test may have replaced the router by another kind of actor.
void end(const caf::strong_actor_ptr& own) {
  if (auto* const ended = own != nullptr ? dynamic_cast<reactor_actor*>(own->get()) : nullptr)
    ended->end();
}

} // namespace

shard::shard(const shared_parts& shared, std::size_t index, const clock& time, observers watchers)
    : shared_(shared), observers_(std::move(watchers)), reactor_(shared.system, index, time) {}

shard::~shard() {
  if (has_retired_)
    return;
  close();
  retire();
}

route_load& shard::load_of(const routing::endpoint& endpoint) const noexcept {
  return shared_.loads[index_of(endpoint)];
}

// -- connections --------------------------------------------------------------------

std::unique_ptr<http::protocol> shard::make_protocol(http::protocol_events& events,
                                                     const http::connection_start& known) {
  return std::make_unique<http::http1_protocol>(events, settings(), heads_, known.accepted);
}

void shard::opened(connection& added) {
  connections_.push_back(added);
  connection_count_.store(connection_count() + 1, std::memory_order_relaxed);
  for (const auto& each : observers_.runtime)
    each->on_connection_opened(added.peer());
}

void shard::closed(connection& gone) {
  connections_.erase(connections_.iterator_to(gone));
  for (const auto& each : observers_.runtime)
    each->on_connection_closed(gone.peer());
  connection_count_.store(connection_count() - 1, std::memory_order_relaxed);
  note_drained();
}

void shard::leave_work() {
  --work_of_others_;
  note_drained();
}

void shard::note_drained() {
  if (drained_ && !has_work())
    std::exchange(drained_, {})();
}

http::content_rules shard::rules_for(http::request& head) {
  return routes().content_rules(head.data(), settings().limits.content_bytes);
}

std::string_view shard::route_name(http::request& head) {
  return routes().name(head.data());
}

void shard::dispatch(caf::mailbox_element_ptr request) {
  router_->get()->enqueue(std::move(request), &reactor_);
}

// -- tasks on pools, for observers -----------------------------------------------------

// Without memory the task is not watchers.
void shard::watch_task(routing::work& task, const executor& place,
                       const routing::endpoint& of) noexcept {
  task.observe(std::unique_ptr<task_watch>{
      new (std::nothrow) task_watch{reactor_, observers_.runtime, place, of.name}});
}

void shard::note_refused(const executor& place, const routing::endpoint& of) noexcept {
  if (!observers_.runtime.empty())
    note_refused_task(reactor_, observers_.runtime, place, of.name);
}

// -- life -----------------------------------------------------------------------------

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
  if (has_work())
    drained_ = std::move(done);
  else
    done();
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
    auto& next = waiting_.front();
    waiting_.pop_front();
    next.let_go();
  }
  {
    const reactor::turn now{reactor_};
    end(router_);
    for (const auto& each : kept_)
      end(each);
  }
  reactor_.run_ready();
}

void shard::retire() {
  const reactor::stay here{reactor_};
  router_.reset();
  kept_.clear();
  reactor_.retire();
  has_retired_ = true;
}

} // namespace sake::actors

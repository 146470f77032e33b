#include "placed_request.hpp"

#include "../../http/limits.hpp"
#include "../../http/method.hpp"
#include "../workers/detail/stopwatch.hpp"
#include "shard.hpp"

#include <coroutine>
#include <memory>
#include <optional>
#include <utility>

namespace sake::actors {

void placed_request::begin_on_route(const routing::endpoint& endpoint, route_load& load) noexcept {
  endpoint_ = &endpoint;
  load_ = &load;
  admission_.begin(endpoint, load);
}

void placed_request::leave_route() noexcept {
  admission_.leave(shard_->reactor(), place_ == nullptr);
}

void placed_request::forget_route() noexcept {
  admission_.leave_queue();
  strand_.reset();
  is_away_ = false;
  is_from_node_ = false;
  if (remote_ != nullptr) [[unlikely]]
    remote_->reset();
}

std::chrono::milliseconds placed_request::patience() const noexcept {
  if (is_from_node_)
    return time_left_.value_or(std::chrono::milliseconds{0});
  return endpoint_->timeout.value_or(shard_->settings().deadlines.request);
}

// -- on the reactor -----------------------------------------------------------------

bool placed_request::choose_place() noexcept {
  place_ = load_->place.load(std::memory_order_relaxed);
  if (place_ != nullptr)
    return false;
  shard_->reactor().activity().begin(*load_);
  return endpoint_->admission.max_in_flight == 0; // else the limit must admit it first
}

void placed_request::begin_handler() {
  if (!admission_.enter(shard_->reactor())) {
    refuse(admission_.retry_after(), place_);
  } else if (place_ == nullptr) {
    run_deferred_layer();
    run();
  } else {
    begin_by_ = http::deadline_after(shard_->reactor().exact_now(), patience());
    if (!begin_at_other_node())
      begin_here();
  }
}

void placed_request::begin_here() {
  if (!begin_trip())
    refuse(admission_.retry_after(*place_), place_);
}

bool placed_request::refuse_early() {
  const auto refused = admission_.refused();
  if (refused)
    refuse(*refused, load_->place.load(std::memory_order_relaxed));
  return refused.has_value();
}

// `place`: where the handler would have run; null: on the reactor.
void placed_request::refuse(std::chrono::seconds retry_after, const executor* place) {
  if (place != nullptr)
    shard_->note_refused(*place, *endpoint_);
  if (is_from_node_)
    note_refused();
  shed(retry_after);
  run_on();
}

bool placed_request::begin_trip() {
  if (!admission_.enter_queue(*place_))
    return false;
  is_away_ = true;
  has_begun_ = false;
  const auto trip = std::make_shared<worker_trip>(*this);
  shard_->watch(*trip, *place_, *endpoint_);
  if (place_->submit(trip))
    return true;
  trip->call_off();
  is_away_ = false;
  make_room();
  return false;
}

void placed_request::make_room() noexcept {
  if (!has_begun_)
    admission_.leave_queue();
}

bool placed_request::come_home() noexcept {
  if (!std::exchange(is_away_, false))
    return false;
  admission_.leave_queue(); // not done yet if the handler was ended where it waited
  return true;
}

// -- at another node ----------------------------------------------------------------

bool placed_request::begin_at_other_node() {
  auto* const nodes = shard_->nodes();
  if (nodes == nullptr || is_from_node_ || endpoint_->place.where != routing::placement::kind::pool
      || !endpoint_->may_run_elsewhere())
    return false;
  if (remote_ == nullptr)
    remote_ = std::make_unique<remote_run>(static_cast<remote_run::caller&>(*this));
  remote_->begin();
  const auto decided = nodes->dispatch(*remote_, *place_);
  if (decided == node_dispatcher::decision::taken)
    return true;
  remote_->reset();
  if (decided == node_dispatcher::decision::here)
    return false;
  refuse(admission_.retry_after(*place_), place_);
  return true;
}

routing::remote_call placed_request::remote_work() const {
  std::optional<std::chrono::milliseconds> left;
  if (begin_by_ != time_point::max())
    left = std::chrono::ceil<std::chrono::milliseconds>(begin_by_ - shard_->reactor().exact_now());
  auto work = to_remote_call(shard_->index_of(*endpoint_), left);
  work.content_follows = arriving_content() != nullptr;
  return work;
}

bool placed_request::is_idempotent() const noexcept {
  return endpoint_->is_idempotent || http::is_idempotent(request().method());
}

void placed_request::on_remote_outcome() noexcept {
  if (strand_.claim())
    go_home();
}

void placed_request::end_remote_run() {
  using outcome = remote_run::outcome;
  switch (remote_->take_outcome()) {
    case outcome::answered: {
      auto response = remote_->take_response();
      remote_->reset();
      answer_deferred_layer(std::move(response));
      run();
      break;
    }
    case outcome::opened:
      pass_on_stream();
      break;
    case outcome::sent_home:
      remote_->reset();
      begin_here();
      break;
    case outcome::refused:
      remote_->reset();
      refuse(admission_.retry_after(*place_), place_);
      break;
    default:
      remote_->reset();
      note_lost();
      skip_deferred_layer(502);
      run();
      break;
  }
}

// What runs in place of the handler is one itself, which reads what the other node writes.
void placed_request::pass_on_stream() {
  static const handler relay{[](context& ctx) -> task<> {
    auto& run = *static_cast<placed_request&>(ctx).remote_;
    auto head = run.take_response();
    const std::string type{head.header("Content-Type").value_or("")};
    const int status = head.status();
    ctx.respond(std::move(head));
    auto out = ctx.stream(status, type, run.length());
    while (auto piece = co_await ctx.read())
      co_await out.write(*piece);
  }};
  read_from(remote_->take_content());
  run_instead(*relay.get());
  run();
}

void placed_request::abandon_remote_run() noexcept {
  shard_->nodes()->call_off(*remote_);
  remote_->reset();
}

// -- from any thread ----------------------------------------------------------------

void placed_request::resume_later(routing::waiter_ptr waiting) noexcept {
  if (!strand_.wake(std::move(waiting)))
    return;
  if (is_away_)
    travel_again();
  else
    go_home();
}

void placed_request::travel_again() {
  auto trip = std::make_shared<worker_trip>(*this);
  shard_->watch(*trip, *place_, *endpoint_);
  place_->resubmit(std::move(trip));
}

// -- at the executor ----------------------------------------------------------------

bool placed_request::is_late() const noexcept {
  return shard_->reactor().exact_now() >= begin_by_;
}

bool placed_request::is_dropped() const noexcept {
  return drops_work() || (!has_begun_ && is_late());
}

bool placed_request::work_on() {
  if (!drops_work()) {
    const auto begun = shard_->reactor().exact_now();
    std::optional<detail::stopwatch> own; // of a route that may come back
    if (endpoint_->may_move())
      own.emplace();
    const bool is_through = run_at_executor();
    const auto taken = shard_->reactor().exact_now() - begun;
    load_->note_pool_run(taken, own ? own->held(taken) : std::chrono::nanoseconds{});
    if (!is_through)
      return false;
  }
  admission_.leave_queue();
  return true;
}

// Returns false when the handler waits: the end of the wait begins another trip.
bool placed_request::run_at_executor() {
  if (!has_begun_.exchange(true)) {
    if (is_late())
      skip_deferred_layer(504);
    else
      run_deferred_layer();
  }
  while (is_waiting() && !drops_work()) {
    strand_.resume_awake([this](std::coroutine_handle<> waiting) { resume(waiting); });
    if (is_waiting() && strand_.release())
      return false;
  }
  return true;
}

// After this, only the end of the shard, which may have come before, handles the request.
void placed_request::left_by_executor() noexcept {
  strand_.release_unseen();
  if (early_end_.releases_chain() && strand_.claim())
    clear();
}

} // namespace sake::actors

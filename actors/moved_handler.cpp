// How the handler of an exchange gets to another place than its reactor, and back; and past which
// bounds it is not let in.

#include <sake/actors/detail/stopwatch.hpp>
#include <sake/actors/exchange.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>

namespace sake::actors {

class exchange::move final : public routing::work {
public:
  explicit move(pointer owner) noexcept : owner_(std::move(owner)) {}
  // The executor has ended, and dropped what it had not begun.
  ~move() override {
    if (is_pending_)
      owner_->left_by_executor();
  }
  /// The owner keeps its turn.
  void call_off() noexcept { is_pending_ = false; }

private:
  void act() noexcept override {
    is_pending_ = false;
    if (!owner_->work_on())
      return;
    end();
    owner_->go_home();
  }
  [[nodiscard]] bool has_priority() const noexcept override {
    return owner_->plan_->bounds.high_priority;
  }
  pointer owner_;
  bool is_pending_ = true;
};

bool exchange::in_worker_pool() const noexcept {
  return executor::is_here();
}

// -- the way there ---------------------------------------------------------------------

bool exchange::moves_handler() {
  if (content_ != nullptr)
    return true; // it has to be there first
  executor_ = state_->place.load(std::memory_order_relaxed);
  if (executor_ != nullptr)
    return true;
  shard_->reactor().activity().begin(*state_);
  return plan_->bounds.in_flight != 0; // it has to be let in first
}

void exchange::move_handler() {
  if (content_ == nullptr) {
    begin_handler();
    return;
  }
  // Where the bounds refuse the handler now, the client need not send the content.
  if (const auto refused = is_at_handler() ? refused_for() : std::nullopt)
    shed_and_go_on(*refused);
  else
    listen_to_content();
}

// The content is there that the layer at work waited for.
void exchange::begin_layer() {
  if (!is_at_handler()) {
    run_moved_handler();
    run();
    return;
  }
  executor_ = state_->place.load(std::memory_order_relaxed);
  if (executor_ == nullptr)
    shard_->reactor().activity().begin(*state_);
  begin_handler();
}

void exchange::begin_handler() {
  if (!enter()) {
    shed_and_go_on(retry_behind_in_flight());
  } else if (executor_ == nullptr) {
    run_moved_handler();
    run();
  } else if (!enter_pool()) {
    shed_and_go_on(retry_behind(*executor_));
  }
}

// When to try again what the bounds of the route, or of its place, would refuse now.
std::optional<std::chrono::seconds> exchange::refused_for() const noexcept {
  const auto& bounds = plan_->bounds;
  if (bounds.in_flight != 0
      && state_->in_flight.load(std::memory_order_relaxed) >= bounds.in_flight)
    return retry_behind_in_flight();
  const auto* const place = state_->place.load(std::memory_order_relaxed);
  if (place == nullptr)
    return std::nullopt;
  const bool is_route_full =
      bounds.queued != 0
      && state_->on_pool.load(std::memory_order_relaxed) >= bounds.queued + place->width();
  if (is_route_full || place->is_full(bounds.high_priority))
    return retry_behind(*place);
  return std::nullopt;
}

std::chrono::seconds exchange::retry_behind(const executor& place) const noexcept {
  return state_->retry_after(place.load() + 1, place.width());
}

std::chrono::seconds exchange::retry_behind_in_flight() const noexcept {
  const auto* const place = state_->place.load(std::memory_order_relaxed);
  const auto most = plan_->bounds.in_flight;
  return state_->retry_after(most, place != nullptr ? place->width() : most);
}

void exchange::shed_and_go_on(std::chrono::seconds retry_after) {
  shed(retry_after);
  run_on();
}

std::chrono::milliseconds exchange::patience() const noexcept {
  return plan_->timeout.value_or(shard_->settings().deadlines.request);
}

bool exchange::enter_pool() {
  const auto time = patience();
  due_ = time.count() > 0 ? time_after(shard_->reactor().exact_now(), time) : time_point::max();
  if (const auto most = plan_->bounds.queued) {
    is_on_pool_ = true;
    if (state_->on_pool.fetch_add(1, std::memory_order_relaxed) >= most + executor_->width()) {
      leave_pool();
      return false;
    }
  }
  at_home_ = false;
  begun_on_worker_ = false;
  const auto way = std::make_shared<move>(pointer{this});
  if (executor_->submit(way))
    return true;
  way->call_off();
  at_home_ = true;
  leave_pool();
  return false;
}

// By whichever comes first: the worker that is through with it, or the end of the request.
void exchange::leave_pool() noexcept {
  if (is_on_pool_.exchange(false))
    state_->on_pool.fetch_sub(1, std::memory_order_relaxed);
}

void exchange::move_again() {
  executor_->resubmit(std::make_shared<move>(pointer{this}));
}

// -- there, and back -------------------------------------------------------------------

// On a worker, who has the turn. False when the handler waits for something.
bool exchange::work_on() {
  if (!drops_work()) {
    const auto begun = shard_->reactor().exact_now();
    std::optional<detail::stopwatch> own; // of a route that may come back
    if (plan_->may_move())
      own.emplace();
    const bool is_through = run_handler();
    const auto taken = shard_->reactor().exact_now() - begun;
    state_->note_pool_run(taken, own ? own->held(taken) : std::chrono::nanoseconds{});
    if (!is_through)
      return false;
  }
  leave_pool();
  return true;
}

// Nobody goes on with it any more but the end of the shard, which may have been before.
void exchange::left_by_executor() noexcept {
  turn_.store(turn::free, std::memory_order_release);
  if (ending_ == ending::let_go && take_turn())
    clear();
}

// False when the handler waits for something: whoever ends the wait brings it to a worker again.
bool exchange::run_handler() {
  if (!begun_on_worker_.exchange(true)) {
    if (shard_->reactor().exact_now() < due_)
      run_moved_handler();
    else
      skip_moved_handler(504);
  }
  while (is_waiting() && !drops_work()) {
    wake([this](std::coroutine_handle<> waiting) { resume_moved(waiting); });
    if (is_waiting() && leave_turn())
      return false;
  }
  return true;
}

// -- the bound of the route -------------------------------------------------------------

bool exchange::enter() {
  const auto most = plan_->bounds.in_flight;
  if (most == 0)
    return true;
  if (state_->in_flight.fetch_add(1, std::memory_order_relaxed) >= most) {
    state_->in_flight.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }
  has_entered_ = true;
  entered_ = shard_->reactor().exact_now();
  return true;
}

void exchange::leave() noexcept {
  has_entered_ = false;
  state_->in_flight.fetch_sub(1, std::memory_order_relaxed);
  if (executor_ == nullptr)
    state_->note_service(shard_->reactor().exact_now() - entered_);
}

} // namespace sake::actors

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
  } else if (is_at_handler() && is_full()) {
    shed_by_bounds(); // the client need not send the content
  } else {
    listen_to_content();
  }
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
    shed_by_bounds();
  } else if (executor_ == nullptr) {
    run_moved_handler();
    run();
  } else if (!enter_pool()) {
    shed(state_->retry_after(executor_->load() + 1, executor_->width()));
    run_on();
  }
}

// Whether the bounds of the route would refuse the handler now.
bool exchange::is_full() const noexcept {
  const auto& bounds = plan_->bounds;
  const auto* const place = state_->place.load(std::memory_order_relaxed);
  if (bounds.in_flight != 0
      && state_->in_flight.load(std::memory_order_relaxed) >= bounds.in_flight)
    return true;
  return bounds.queued != 0 && place != nullptr
         && state_->on_pool.load(std::memory_order_relaxed) >= bounds.queued + place->width();
}

void exchange::shed_by_bounds() {
  const auto* const place = state_->place.load(std::memory_order_relaxed);
  const auto bound = plan_->bounds.in_flight;
  shed(state_->retry_after(bound != 0 ? bound : place->load() + 1,
                           place != nullptr ? place->width() : bound));
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

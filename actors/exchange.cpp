#include <sake/actors/exchange.hpp>

#include <sake/actors/connection.hpp>
#include <sake/actors/detail/element.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/messages.hpp>
#include <sake/http/status.hpp>

#include <caf/actor_system.hpp>
#include <caf/sec.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>

namespace sake::actors {

namespace {

using pool = http::detail::free_list<exchange>;

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "an exception of unknown type";
  }
}

} // namespace

class exchange::move final : public routing::work {
public:
  explicit move(pointer owner) noexcept : owner_(std::move(owner)) {}

private:
  void act() noexcept override { owner_->work_on(); }
  pointer owner_;
};

// -- life -------------------------------------------------------------------------

void exchange::serve(shard& home, const routing::plan& plan, route_state& state,
                     http::request request, caf::mailbox_element_ptr message) {
  exchange* made = pool::take();
  if (made == nullptr)
    made = new exchange;
  const pointer self{made, false};
  self->shard_ = &home;
  self->plan_ = &plan;
  self->state_ = &state;
  self->message_ = std::move(message);
  self->begin(std::move(request), plan.layers);
  self->run();
  home.reactor().activity().end();
  if (!self->finished_) {
    self->parked_ = true;
    home.park(*self);
    if (auto* const client = self->client())
      client->watch(self->message_->mid, made);
  }
}

void exchange::leave_waiting() noexcept {
  if (std::exchange(parked_, false))
    unlink();
}

void exchange::drop_reference() noexcept {
  if (references_.load(std::memory_order_acquire) != 1
      && references_.fetch_sub(1, std::memory_order_acq_rel) != 1)
    return;
  if (parked_ && !shard_->reactor().is_here()) {
    // The list of the waiting belongs to the reactor.
    references_.store(1, std::memory_order_relaxed);
    shard_->reactor().post([this] { drop_reference(); });
    return;
  }
  if (!answered_ && !delegated_) {
    const int status = is_cancelled() ? 503 : 500;
    if (!is_cancelled())
      log(log_level::error,
          "request was dropped by its handler; route=\"" + plan_->title + "\" status=500");
    reply(http::response::text(status, std::string{http::reason_phrase(status)} + '\n'));
  }
  recycle();
}

void exchange::recycle() noexcept {
  clear();
  request_ = http::request{nullptr};
  response_ = http::response{nullptr};
  message_.reset();
  leave_waiting();
  delegation_.call_off();
  answered_ = finished_ = delegated_ = false;
  ending_.store(ending::none, std::memory_order_relaxed);
  offloaded_.store(false, std::memory_order_relaxed);
  turn_.store(turn::home, std::memory_order_relaxed);
  next_ = {};
  references_.store(1, std::memory_order_relaxed);
  if (!pool::give(this))
    delete this;
}

void exchange::cancel(int status) noexcept {
  cancel_status_ = status;
  ending_ = ending::asked;
  // A worker that has the handler, or is to get it, brings it home itself. The function that was
  // offloaded may use the coroutine's frame: that goes once it is through.
  auto waiting = turn::free;
  if (offloaded_ || (turn_ != turn::home && !turn_.compare_exchange_strong(waiting, turn::home)))
    return;
  add_reference();
  shard_->reactor().exec_later(this);
}

void exchange::let_go() noexcept {
  const pointer self{this};
  ending_ = ending::let_go;
  // A worker that has the handler just now brings it home itself.
  auto waiting = turn::free;
  if (turn_ == turn::home || turn_.compare_exchange_strong(waiting, turn::home))
    clear();
  if (delegation_.call_off())
    drop_reference();
}

// -- the end of the chain -----------------------------------------------------------

void exchange::finished() {
  finished_ = true;
  leave_waiting();
  if (!delegated_)
    reply(std::move(response_));
}

void exchange::reply(http::response answer) {
  answered_ = true;
  if (message_ == nullptr || message_->sender == nullptr)
    return;
  auto* const here = shard_->reactor().is_here() ? &shard_->reactor() : nullptr;
  // Between two actors of one reactor the message need not be made.
  if (auto* const near = here != nullptr ? client() : nullptr) {
    near->respond(message_->mid, std::move(answer));
    near->take_back(std::move(message_));
  } else {
    message_->sender->enqueue(detail::element<http::response>::make(
                                  nullptr, message_->mid.response_id(), std::move(answer)),
                              here);
  }
}

// The connection of this reactor that waits for the answer; null where somebody else does.
connection* exchange::client() const noexcept {
  if (message_ == nullptr || message_->sender == nullptr)
    return nullptr;
  auto& asker = *message_->sender->get();
  if (typeid(asker) != typeid(connection))
    return nullptr;
  auto& found = static_cast<connection&>(asker);
  return &found.home() == &shard_->reactor() ? &found : nullptr;
}

void exchange::report(std::exception_ptr error) noexcept {
  log(log_level::error,
      "handler failed: " + describe(error) + "; route=\"" + plan_->title + "\" status=500");
}

// -- actors as handlers --------------------------------------------------------------

void exchange::delegate(const caf::strong_actor_ptr& whom) {
  auto& reactor = shard_->reactor();
  if (!is_observed()) {
    delegated_ = true;
    if (auto* const asking = parked_ ? client() : nullptr)
      asking->watch(message_->mid, nullptr);
    abort(); // the request is gone, should more layers stand behind
    *detail::value_of<http::request>(*message_) = std::move(request_);
    whom->enqueue(std::move(message_), &reactor);
    return;
  }
  wait();
  add_reference();
  shard_->asker().ask(
      delegation_, whom,
      detail::element<http::request>::make(nullptr, caf::make_message_id(), request_),
      shard_->settings().deadlines.request);
}

void exchange::delegation::answered(caf::message content) {
  const pointer self{&owner_, false};
  if (content.match_elements<http::response>())
    owner_.respond(std::move(content.get_mutable_as<http::response>(0)));
  else
    owner_.fail(std::make_exception_ptr(
        std::runtime_error("the actor answered with something that is no response")));
  owner_.run_on();
}

void exchange::delegation::failed(caf::error reason) {
  const pointer self{&owner_, false};
  if (reason == caf::sec::request_timeout)
    owner_.replace_response(504);
  else
    owner_.fail(std::make_exception_ptr(
        std::runtime_error(owner_.home().reactor().system().render(reason))));
  owner_.run_on();
}

// -- coroutines ----------------------------------------------------------------------

void exchange::resume_later(std::coroutine_handle<> waiting) noexcept {
  next_ = waiting;
  if (turn_ == turn::home) {
    add_reference();
    shard_->reactor().exec_later(this);
    return;
  }
  // On the pool. The one who runs the coroutine may not have let go of it yet; then he goes on.
  if (turn_.exchange(turn::wanted) == turn::free)
    executor_->resubmit(std::make_shared<move>(pointer{this}));
}

caf::resumable::resume_result exchange::resume(caf::execution_unit*, std::size_t) {
  offloaded_ = false;
  if (ending_ == ending::let_go) {
    clear();
    return done;
  }
  if (ending_ == ending::asked) {
    ending_ = ending::done;
    next_ = {};
    if (delegation_.call_off())
      drop_reference();
    end_wait(cancel_status_);
    return done;
  }
  if (finished_)
    return done;
  auto& activity = shard_->reactor().activity();
  activity.begin(*state_);
  if (auto waiting = std::exchange(next_, {}))
    context::resume(waiting);
  else
    run();
  activity.end();
  return done;
}

namespace {

class sleep_timer final : public routing::pending, private deadline {
public:
  sleep_timer(context& ctx, reactor& here, std::coroutine_handle<> waiting) noexcept
      : context_(ctx), reactor_(here), waiting_(waiting) {
    context_.add_reference();
  }
  ~sleep_timer() override {
    reactor_.disarm(*this);
    context_.drop_reference();
  }
  void begin(std::chrono::milliseconds duration) {
    reactor_.arm(*this, reactor_.exact_now() + duration);
  }

private:
  void expired(time_point) override { context_.resume_later(waiting_); }

  context& context_;
  reactor& reactor_;
  std::coroutine_handle<> waiting_;
};

} // namespace

std::unique_ptr<routing::pending> exchange::start_sleep(std::chrono::milliseconds duration,
                                                        std::coroutine_handle<> waiting) {
  auto& reactor = shard_->reactor();
  auto started = std::make_unique<sleep_timer>(*this, reactor, waiting);
  // The wheel belongs to the reactor's thread. The coroutine, and with it the sleep, waits for it,
  // unless it is let go there before.
  if (reactor.is_here())
    started->begin(duration);
  else
    reactor.post([self = pointer{this}, started = started.get(), duration] {
      if (!self->is_cancelled())
        started->begin(duration);
    });
  return started;
}

routing::admission exchange::submit(std::shared_ptr<routing::work> work) {
  auto* const workers = shard_->pool();
  if (workers == nullptr)
    return routing::admission::run_here;
  // Before it is offered: a worker may be done with it before submit returns.
  const bool is_awaited = work->is_awaited();
  if (is_awaited)
    offloaded_ = true;
  if (workers->submit(std::move(work)))
    return routing::admission::queued;
  if (is_awaited)
    offloaded_ = false;
  return routing::admission::full;
}

// -- the handler on a worker -----------------------------------------------------------

bool exchange::in_worker_pool() const noexcept {
  return executor::is_here();
}

bool exchange::moves_handler() {
  if (plan_->on_worker || state_->is_moved.load(std::memory_order_relaxed)) {
    executor_ = shard_->pool();
    return executor_ != nullptr;
  }
  shard_->reactor().activity().begin(*state_);
  return false;
}

void exchange::move_handler() {
  turn_ = turn::taken;
  const auto patience = shard_->settings().deadlines.request;
  due_ = patience.count() > 0 ? shard_->reactor().exact_now() + patience : time_point::max();
  if (executor_->submit(std::make_shared<move>(pointer{this})))
    return;
  turn_ = turn::home;
  fail(std::make_exception_ptr(pool_full{}));
  run_on();
}

// On a worker.
void exchange::work_on() {
  turn_ = turn::taken;
  if (!drops_work()) {
    const auto begun = shard_->reactor().exact_now();
    const bool is_through = run_handler();
    state_->note_pool_run(shard_->reactor().exact_now() - begun);
    if (!is_through)
      return;
  }
  turn_ = turn::home;
  add_reference();
  shard_->reactor().exec_later(this);
}

// False when the handler waits for something: whoever ends the wait brings it to a worker again.
bool exchange::run_handler() {
  offloaded_ = false;
  if (auto waiting = std::exchange(next_, {}))
    resume_moved(waiting);
  else if (shard_->reactor().exact_now() < due_)
    run_moved_handler();
  else
    skip_moved_handler(504);
  while (is_waiting()) {
    auto mine = turn::taken;
    if (turn_.compare_exchange_strong(mine, turn::free)) {
      // Cancelled meanwhile it comes home, unless `cancel` saw it wait.
      auto waiting = turn::free;
      return drops_work() && turn_.compare_exchange_strong(waiting, turn::taken);
    }
    turn_ = turn::taken;
    if (drops_work())
      return true;
    offloaded_ = false;
    resume_moved(std::exchange(next_, {}));
  }
  return true;
}

} // namespace sake::actors

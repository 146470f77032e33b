#include <sake/actors/exchange.hpp>

#include <sake/actors/connection.hpp>
#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/failure.hpp>
#include <sake/actors/exchange_streams.hpp>
#include <sake/actors/messages.hpp>
#include <sake/actors/sleep.hpp>
#include <sake/http/status.hpp>

#include <caf/actor_system.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <typeinfo>
#include <utility>

namespace sake::actors {

namespace {

using pool = http::detail::free_list<exchange>;

} // namespace

// The connection of this reactor that waits for the answer; null where somebody else does.
inline connection* exchange::client() const noexcept {
  if (message_ == nullptr || message_->sender == nullptr)
    return nullptr;
  auto& asker = *message_->sender->get();
  if (typeid(asker) != typeid(connection))
    return nullptr;
  auto& found = static_cast<connection&>(asker);
  return &found.home() == &shard_->reactor() ? &found : nullptr;
}

bool exchange::has_client() const noexcept {
  return client() != nullptr;
}

// -- life -------------------------------------------------------------------------

void exchange::serve(shard& home, const routing::plan& plan, route_state& state,
                     http::request request, caf::mailbox_element_ptr&& message) {
  exchange* made = pool::take();
  if (made == nullptr)
    made = new exchange;
  const pointer self{made, false};
  self->shard_ = &home;
  self->plan_ = &plan;
  self->state_ = &state;
  self->message_ = std::move(message);
  self->contain([&] {
    self->begin(std::move(request), plan.layers);
    if (plan.streams_content)
      self->begin_streaming();
    else if (std::as_const(self->request_).data().stream != nullptr && !plan.ignores_content)
      self->take_over_content();
    home.reactor().activity().begin(state, holding::middleware);
    self->run();
  });
  home.reactor().activity().end();
  if (self->finished_)
    return;
  self->parked_.store(true, std::memory_order_release);
  home.park(*self);
  if (auto* const client = self->client()) {
    client->watch(self->message_->mid, made);
    if (plan.timeout)
      client->limit_time(self->message_->mid, *plan.timeout);
  }
  if (self->at_home_ && !self->leave_turn())
    self->go_home();
}

void exchange::leave_waiting() noexcept {
  if (!parked_.load(std::memory_order_relaxed))
    return;
  unlink();
  parked_.store(false, std::memory_order_release);
}

// Whether the reference that the caller gives up was the last. On another thread than the reactor's
// that is not for us to say while the exchange is parked: its connection finds it there without a
// reference, and may take a new one at any moment. The reactor is then given ours.
bool exchange::gives_up_last() noexcept {
  auto& reactor = shard_->reactor();
  const bool is_here = reactor.is_here() || reactor.has_retired();
  for (auto count = references_.load(std::memory_order_acquire);;) {
    if (count == 1 && is_here)
      return true; // the only owner need not write
    if (count == 1 && parked_.load(std::memory_order_acquire)) {
      reactor.post([ours = pointer{this, false}] {});
      return false;
    }
    if (references_.compare_exchange_weak(count, count - 1, std::memory_order_acq_rel,
                                          std::memory_order_acquire))
      return count == 1;
  }
}

void exchange::drop_reference() noexcept {
  if (!gives_up_last())
    return;
  if (!answered_)
    answer_dropped();
  recycle();
}

void exchange::answer_dropped() noexcept {
  contain([this] {
    const int status = ending_ == ending::let_go ? cancel_status_ : is_cancelled() ? 503 : 500;
    if (!is_cancelled())
      log_failure(log_level::error, "request was dropped by its handler", {{"status", 500}});
    reply(http::response::text(status, std::string{http::reason_phrase(status)} + '\n'));
  });
}

// What it has done so far may be half done, so nothing of it goes on: the answer follows with the
// last reference.
void exchange::give_up(const std::exception_ptr& why) noexcept {
  report(why);
  cancel_status_ = 500;
  ending_ = ending::let_go;
  clear();
  if (answered_ && shard_->reactor().is_here())
    if (auto* const near = client())
      near->fail(); // the answer is lost
  if (delegation_.call_off())
    drop_reference();
}

void exchange::recycle() noexcept {
  if (has_entered_)
    leave();
  clear();
  if (streams_ != nullptr)
    streams_.reset();
  request_ = http::request{nullptr};
  if (seen_before_) [[unlikely]]
    seen_before_ = http::request{nullptr};
  response_ = http::response{nullptr};
  message_.reset();
  leave_waiting();
  if (content_ != nullptr)
    call_off_content();
  delegation_.call_off();
  answered_ = finished_ = false;
  ending_.store(ending::none, std::memory_order_relaxed);
  // An exchange on memory costs more than a look.
  if (awake_.load(std::memory_order_relaxed) != nullptr)
    forget_awake();
  turn_.store(turn::taken, std::memory_order_relaxed);
  at_home_ = true;
  functions_ = 0;
  references_.store(1, std::memory_order_relaxed);
  if (!pool::give(this))
    delete this;
}

void exchange::cancel(int status) noexcept {
  cancel_status_ = status;
  if (status == 504)
    log_failure(log_level::warning, "request deadline passed", {{"status", status}});
  ending_ = ending::asked;
  if (!begun_on_worker_)
    leave_pool(); // what will not be begun makes room now
  // A worker that has the handler, or is to get it, brings it home itself.
  if (take_turn())
    go_home();
}

void exchange::end_where_it_waits(int status) noexcept {
  if (!drops_work())
    cancel(status);
}

void exchange::let_go() noexcept {
  const pointer self{this};
  cancel_status_ = 503;
  ending_ = ending::let_go;
  if (take_turn())
    clear();
  if (content_ != nullptr)
    call_off_content();
  if (delegation_.call_off())
    drop_reference();
}

void exchange::begin_streaming() {
  stream_content();
  streams_ = make_streams();
}

// -- the end of the chain -----------------------------------------------------------

void exchange::finished() {
  finished_ = true;
  if (has_entered_)
    leave();
  leave_waiting();
  if (streams_ != nullptr)
    streams_->call_off();
  if (content_ != nullptr)
    call_off_content();
  reply(std::move(response_));
}

void exchange::reply(http::response answer) {
  answered_ = true;
  if (was_streamed(answer) || message_ == nullptr || message_->sender == nullptr)
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

void exchange::report(std::exception_ptr error) noexcept {
  detail::contain("the log", [&] {
    const auto outcome =
        is_stream() ? log_field{"response", "cut_off"} : log_field{"status", 500};
    log_failure(log_level::error, "handler failed",
                {{"error", detail::exception_text(error)}, outcome});
  });
}

void exchange::fail(const std::string& why) {
  context::fail(std::make_exception_ptr(std::runtime_error(why)));
}

request_origin exchange::origin() const noexcept {
  if (message_ == nullptr || message_->sender == nullptr)
    return {plan_};
  return {plan_, message_->sender->id(), message_->mid.request_id().integer_value()};
}

void exchange::log_failure(log_level level, std::string_view text,
                           std::initializer_list<log_field> more) const noexcept {
  if (logs(level))
    actors::log_event(level, text, facts(more));
}

// -- actors as handlers --------------------------------------------------------------

void exchange::delegate(const caf::strong_actor_ptr& whom, bool drops_cancelled) {
  delegation_.begin(whom, nullptr, nullptr, drops_cancelled);
}

void exchange::delegate(const caf::strong_actor_ptr& whom, const caf::strong_actor_ptr& supervisor,
                        std::atomic<std::uint32_t>* begun) {
  delegation_.begin(whom, supervisor, begun, false);
}

void exchange::delegate_to_own(const caf::strong_actor_ptr& whom) {
  delegation_.begin(whom, nullptr, nullptr, false);
  delegation_.ends_with_wait(whom);
}

// -- coroutines ----------------------------------------------------------------------

void exchange::resume_later(routing::waiter_ptr waiting) noexcept {
  auto* const added = waiting.release();
  added->next = awake_.load(std::memory_order_relaxed);
  while (!awake_.compare_exchange_weak(added->next, added, std::memory_order_release,
                                       std::memory_order_relaxed)) {
  }
  if (!take_turn())
    return;
  if (at_home_)
    go_home();
  else
    move_again();
}

bool exchange::take_turn() noexcept {
  return turn_.exchange(turn::wanted, std::memory_order_acq_rel) == turn::free;
}

bool exchange::leave_turn() noexcept {
  auto mine = turn::taken;
  return turn_.compare_exchange_strong(mine, turn::free, std::memory_order_acq_rel);
}

void exchange::go_home() noexcept {
  add_reference();
  shard_->reactor().exec_later(this);
}

void exchange::forget_awake() noexcept {
  auto* left = awake_.exchange(nullptr, std::memory_order_acquire);
  while (left != nullptr)
    const routing::waiter_ptr dropped{std::exchange(left, left->next)};
}

caf::resumable::resume_result exchange::resume(caf::execution_unit*, std::size_t) {
  auto& activity = shard_->reactor().activity();
  activity.begin(*state_);
  const bool comes_home = !std::exchange(at_home_, true);
  if (comes_home)
    leave_pool(); // a handler that was ended where it waited has not
  contain([&] {
    if (comes_home && ending_ == ending::none)
      run();
    while (at_home_ && !finished_) {
      go_on();
      if (finished_ || !at_home_ || ending_ == ending::let_go || leave_turn())
        break;
    }
  });
  activity.end();
  return done;
}

void exchange::go_on() {
  if (ending_ == ending::none || ending_ == ending::done) {
    if (content_ != nullptr && content_is_whole()) {
      turn_.exchange(turn::taken, std::memory_order_acq_rel);
      begin_layer();
      return;
    }
    wake([this](std::coroutine_handle<> waiting) { context::resume(waiting); });
    return;
  }
  // What waits is not resumed any more. Functions that run may use it until they are through.
  wake([](std::coroutine_handle<>) {});
  if (ending_ == ending::let_go)
    clear();
  else if (functions_ == 0)
    end_now();
}

void exchange::end_now() {
  ending_ = ending::done;
  if (delegation_.call_off())
    drop_reference();
  end_wait(cancel_status_);
}

[[gnu::cold]] std::shared_ptr<routing::streams> exchange::make_streams() {
  // Not touched where there is none: a request that others share would move to a copy, and what
  // refers to its text would dangle.
  auto content = std::as_const(request_).data().stream;
  if (content != nullptr)
    request_.data().stream = {};
  if (auto* const near = client())
    return std::make_shared<exchange_streams>(*this, *near, message_->mid, request_, response_,
                                              std::move(content));
  return context::make_streams();
}

std::unique_ptr<routing::pending> exchange::start_sleep(std::chrono::milliseconds duration,
                                                        routing::waiter_ptr waiting,
                                                        bool until_drain) {
  return begin_sleep(*this, *shard_, duration, std::move(waiting), until_drain);
}

routing::admission exchange::submit(std::shared_ptr<routing::work> work) {
  auto* const workers = shard_->pool();
  if (workers == nullptr)
    return routing::admission::run_here;
  const auto waiting = work->awaited_by();
  if (waiting)
    waiting->has_function = true; // before a worker can be through with it
  if (!workers->submit(std::move(work)))
    return routing::admission::full;
  if (waiting)
    ++functions_;
  return routing::admission::queued;
}

} // namespace sake::actors

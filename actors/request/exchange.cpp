#include "exchange.hpp"

#include "../../http/status.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/messages.hpp"
#include "../workers/detail/stopwatch.hpp"
#include "exchange_streams.hpp"
#include "sleep.hpp"

#include <caf/actor_system.hpp>

#include <chrono>
#include <coroutine>
#include <exception>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace sake::actors {

namespace {

using pool = http::detail::free_list<exchange>;

} // namespace

inline std::uint64_t exchange::id() const noexcept {
  return message_->mid.request_id().integer_value();
}

exchange::exchange() = default;
exchange::~exchange() = default;

// -- life -------------------------------------------------------------------------

void exchange::serve(shard& home, const routing::endpoint& endpoint, route_load& load,
                     http::request request, client_port* client,
                     caf::mailbox_element_ptr&& message) {
  exchange* made = pool::take();
  if (made == nullptr)
    made = new exchange;
  const pointer self{made, false};
  self->shard_ = &home;
  self->endpoint_ = &endpoint;
  self->load_ = &load;
  self->admission_.begin(endpoint, load);
  self->message_ = std::move(message);
  self->client_ = client;
  if (home.has_access_observers()) [[unlikely]]
    self->note_route();
  self->contain([&] {
    self->begin(std::move(request), endpoint.layers);
    if (endpoint.streams_content)
      self->begin_streaming();
    else if (std::as_const(self->request_).data().stream != nullptr && !endpoint.ignores_content)
      self->take_over_content();
    home.reactor().activity().begin(load, holding::middleware);
    self->run();
  });
  home.reactor().activity().end();
  if (self->finished_)
    return;
  self->parked_.store(true, std::memory_order_release);
  home.park(*self);
  self->limit_wait();
  if (self->at_home_ && !self->strand_.release())
    self->go_home();
}

[[gnu::cold]] void exchange::note_route() noexcept {
  if (client_ != nullptr)
    client_->note_route(id(), route());
}

// A connection keeps the time of its requests, and is asked to tell this exchange when a response
// is no longer wanted; a request from an actor needs a deadline of its own.
void exchange::limit_wait() noexcept {
  if (client_ != nullptr) {
    client_->responses().observe(id(), this);
    if (endpoint_->timeout)
      client_->responses().limit_time(id(), *endpoint_->timeout);
  } else if (const auto time = patience(); time.count() > 0) {
    auto& reactor = shard_->reactor();
    reactor.arm(*this, time_after(reactor.exact_now(), time));
  }
}

void exchange::expired(time_point) {
  end_where_it_waits(504);
}

void exchange::leave_waiting() noexcept {
  if (!parked_.load(std::memory_order_relaxed))
    return;
  unlink();
  shard_->reactor().disarm(*this);
  parked_.store(false, std::memory_order_release);
}

// Returns whether the reference that the caller releases was the last. Off the reactor this is
// undecidable while the exchange is parked: its connection finds it there without a reference, and
// may take a new one at any moment. Our reference then goes to the reactor.
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

// Its state may be inconsistent, so the chain does not continue: the answer follows with the last
// reference.
void exchange::give_up(const std::exception_ptr& why) noexcept {
  report(why);
  cancel_status_ = 500;
  ending_ = ending::let_go;
  clear();
  if (answered_ && client_ != nullptr && shard_->reactor().is_here())
    client_->fail(); // the answer is lost
  actor_call_.call_off(admission_.in_flight());
}

void exchange::recycle() noexcept {
  const bool was_cut_short = !finished_;
  if (was_cut_short)
    admission_.leave(shard_->reactor(), executor_ == nullptr);
  admission_.leave_queue();
  clear();
  if (streams_ != nullptr)
    streams_.reset();
  request_ = http::request{nullptr};
  if (seen_before_) [[unlikely]]
    seen_before_ = http::request{nullptr};
  response_ = http::response{nullptr};
  message_.reset();
  client_ = nullptr;
  if (was_cut_short) {
    leave_waiting();
    call_off_content();
  }
  answered_ = finished_ = false;
  ending_.store(ending::none, std::memory_order_relaxed);
  strand_.reset();
  at_home_ = true;
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
    admission_.leave_queue(); // a handler that will not begin makes room now
  // A worker that has the handler, or will get it, brings it back itself.
  if (strand_.claim())
    go_home();
}

void exchange::end_where_it_waits(int status) noexcept {
  if (!drops_work())
    cancel(status);
}

void exchange::let_go() noexcept {
  const pointer self{this};
  shard_->reactor().disarm(*this);
  cancel_status_ = 503;
  ending_ = ending::let_go;
  if (strand_.claim())
    clear();
  call_off_content();
  actor_call_.call_off(admission_.in_flight());
}

void exchange::begin_streaming() {
  stream_content();
  streams_ = make_streams();
}

// -- the end of the chain -----------------------------------------------------------

void exchange::finished() {
  finished_ = true;
  admission_.leave(shard_->reactor(), executor_ == nullptr);
  leave_waiting();
  if (streams_ != nullptr)
    streams_->call_off();
  call_off_content();
  reply(std::move(response_));
}

void exchange::reply(http::response answer) {
  answered_ = true;
  if (was_streamed(answer) || message_ == nullptr || message_->sender == nullptr)
    return;
  auto* const here = shard_->reactor().is_here() ? &shard_->reactor() : nullptr;
  if (here != nullptr && client_ != nullptr) {
    client_->respond_to(message_, std::move(answer));
    client_ = nullptr;
  } else {
    message_->sender->enqueue(detail::element<http::response>::make(
                                  nullptr, message_->mid.response_id(), std::move(answer)),
                              here);
  }
}

void exchange::report(std::exception_ptr error) noexcept {
  detail::contain("the log", [&] {
    const auto outcome = is_stream() ? log_field{"response", "cut_off"} : log_field{"status", 500};
    log_failure(log_level::error, "handler failed",
                {{"error", detail::exception_text(error)}, outcome});
  });
}

void exchange::fail(const std::string& why) {
  chain_runner::fail(std::make_exception_ptr(std::runtime_error(why)));
}

request_origin exchange::origin() const noexcept {
  if (message_ == nullptr || message_->sender == nullptr)
    return {endpoint_};
  return {endpoint_, message_->sender->id(), id()};
}

void exchange::log_failure(log_level level, std::string_view text,
                           std::initializer_list<log_field> more) const noexcept {
  if (logs(level))
    actors::log_event(level, text, facts(more));
}

// -- content that is still arriving ---------------------------------------------------

bool exchange::awaits_content() const noexcept {
  return content_ != nullptr;
}

void exchange::take_over_content() {
  content_ = std::make_unique<content_collector>(std::exchange(request_.data().stream, {}));
}

// The layer at work waits for the content.
void exchange::listen_to_content() {
  content_->listen([this, keep = pointer{this}] { content_came(); });
  content_came();
}

// Moves the content into the request. If the request is shared, the request as seen before is kept,
// so that views of it stay valid.
bool exchange::content_is_whole() {
  if (!content_->is_whole())
    return false;
  if (request_.is_shared())
    seen_before_ = request_;
  request_.data().content = content_->release();
  content_.reset();
  return true;
}

void exchange::content_came() {
  if (content_ == nullptr)
    return;
  switch (content_->look()) {
    case content_collector::progress::none:
      break;
    case content_collector::progress::failed:
      end_where_it_waits(http::client_gone);
      break;
    case content_collector::progress::complete:
      if (strand_.claim())
        go_home();
      break;
  }
}

void exchange::call_off_content() noexcept {
  if (content_ == nullptr)
    return;
  const auto called_off = std::move(content_); // its end may release the last reference
}

// -- the handler's way to an executor, and back ---------------------------------------

bool exchange::in_worker_pool() const noexcept {
  return executor::is_here();
}

bool exchange::moves_handler() {
  if (content_ != nullptr)
    return true; // the content must be complete first
  executor_ = load_->place.load(std::memory_order_relaxed);
  if (executor_ != nullptr)
    return true;
  shard_->reactor().activity().begin(*load_);
  return endpoint_->bounds.in_flight != 0; // the limit must admit it first
}

void exchange::move_handler() {
  if (content_ == nullptr) {
    begin_handler();
    return;
  }
  // If the limits refuse the handler now, the client need not send the content.
  if (const auto refused = is_at_handler() ? admission_.refused() : std::nullopt)
    shed_and_go_on(*refused, load_->place.load(std::memory_order_relaxed));
  else
    listen_to_content();
}

// The content that the current layer waited for is complete.
void exchange::begin_layer() {
  if (!is_at_handler()) {
    run_moved_handler();
    run();
    return;
  }
  executor_ = load_->place.load(std::memory_order_relaxed);
  if (executor_ == nullptr)
    shard_->reactor().activity().begin(*load_);
  begin_handler();
}

void exchange::begin_handler() {
  if (!admission_.enter(shard_->reactor())) {
    shed_and_go_on(admission_.retry_after(), executor_);
  } else if (executor_ == nullptr) {
    run_moved_handler();
    run();
  } else if (!begin_trip()) {
    shed_and_go_on(admission_.retry_after(*executor_), executor_);
  }
}

// `place`: where the handler would have run; null: on the reactor.
void exchange::shed_and_go_on(std::chrono::seconds retry_after, const executor* place) {
  if (place != nullptr)
    shard_->note_refused(*place, *endpoint_);
  shed(retry_after);
  run_on();
}

std::chrono::milliseconds exchange::patience() const noexcept {
  return endpoint_->timeout.value_or(shard_->settings().deadlines.request);
}

bool exchange::begin_trip() {
  due_ = http::deadline_after(shard_->reactor().exact_now(), patience());
  if (!admission_.enter_queue(*executor_))
    return false;
  at_home_ = false;
  begun_on_worker_ = false;
  const auto trip = std::make_shared<worker_trip>(*this);
  shard_->watch(*trip, *executor_, *endpoint_);
  if (executor_->submit(trip))
    return true;
  trip->call_off();
  at_home_ = true;
  admission_.leave_queue();
  return false;
}

void exchange::move_again() {
  auto trip = std::make_shared<worker_trip>(*this);
  shard_->watch(*trip, *executor_, *endpoint_);
  executor_->resubmit(std::move(trip));
}

// On a worker, which owns the strand. Returns false when the handler waits.
bool exchange::work_on() {
  if (!drops_work()) {
    const auto begun = shard_->reactor().exact_now();
    std::optional<detail::stopwatch> own; // of a route that may come back
    if (endpoint_->may_move())
      own.emplace();
    const bool is_through = run_handler();
    const auto taken = shard_->reactor().exact_now() - begun;
    load_->note_pool_run(taken, own ? own->held(taken) : std::chrono::nanoseconds{});
    if (!is_through)
      return false;
  }
  admission_.leave_queue();
  return true;
}

bool exchange::is_dropped() const noexcept {
  return drops_work() || (!begun_on_worker_ && shard_->reactor().exact_now() >= due_);
}

// After this, only the end of the shard, which may have come before, handles the exchange.
void exchange::left_by_executor() noexcept {
  strand_.release_unseen();
  if (ending_ == ending::let_go && strand_.claim())
    clear();
}

// Returns false when the handler waits: the end of the wait sends it to a worker again.
bool exchange::run_handler() {
  if (!begun_on_worker_.exchange(true)) {
    if (shard_->reactor().exact_now() < due_)
      run_moved_handler();
    else
      skip_moved_handler(504);
  }
  while (is_waiting() && !drops_work()) {
    strand_.resume_awake([this](std::coroutine_handle<> waiting) { resume_moved(waiting); });
    if (is_waiting() && strand_.release())
      return false;
  }
  return true;
}

// -- actors as handlers --------------------------------------------------------------

// Copies the values that middleware has set: the request of the context may be shared.
http::request exchange::request_to_send() {
  http::request sent = request_;
  if (!values().empty()) {
    auto& to = sent.data().values;
    to.clear();
    to.reserve(values().size());
    for (const auto& each : values())
      to.emplace_back(each.key, each.value);
  }
  return sent;
}

owed_reference exchange::call_begun() {
  wait();
  return owed_reference{this};
}

void exchange::call_refused(owed_reference) noexcept {
  run_on();
}

template <class Answer>
void exchange::go_on_with(Answer answer) noexcept {
  contain([&] {
    answer();
    run_on();
  });
}

void exchange::on_answer(http::response answer, owed_reference) noexcept {
  go_on_with([&] { respond(std::move(answer)); });
}

void exchange::on_failure(std::optional<std::string> why, owed_reference) noexcept {
  go_on_with([&] { why ? fail(*why) : fail_told(); });
}

void exchange::on_exhausted(owed_reference) noexcept {
  go_on_with([this] {
    log_failure(log_level::error, "every actor ended before it began with the request",
                {{"status", 503}});
    shed(std::chrono::seconds{1});
  });
}

void exchange::on_broken(const std::exception_ptr& why) noexcept {
  const pointer self{this};
  give_up(why);
}

// -- coroutines ----------------------------------------------------------------------

void exchange::resume_later(routing::waiter_ptr waiting) noexcept {
  if (!strand_.wake(std::move(waiting)))
    return;
  if (at_home_)
    go_home();
  else
    move_again();
}

void exchange::go_home() noexcept {
  add_reference();
  shard_->reactor().exec_later(this);
}

caf::resumable::resume_result exchange::resume(caf::execution_unit*, std::size_t) {
  auto& activity = shard_->reactor().activity();
  activity.begin(*load_);
  const bool comes_home = !std::exchange(at_home_, true);
  if (comes_home)
    admission_.leave_queue(); // not done yet if the handler was ended where it waited
  contain([&] {
    if (comes_home && ending_ == ending::none)
      run();
    while (at_home_ && !finished_) {
      go_on();
      if (finished_ || !at_home_ || ending_ == ending::let_go || strand_.release())
        break;
    }
  });
  activity.end();
  return done;
}

void exchange::go_on() {
  if (ending_ == ending::none || ending_ == ending::done) {
    if (content_ != nullptr && content_is_whole()) {
      strand_.look();
      begin_layer();
      return;
    }
    strand_.resume_awake([this](std::coroutine_handle<> waiting) { resume_waiting(waiting); });
    return;
  }
  // Waiting coroutines are not resumed any more. Running functions may use them until they end.
  strand_.resume_awake([](std::coroutine_handle<>) {});
  if (ending_ == ending::let_go)
    clear();
  else if (!strand_.has_functions())
    end_now();
}

void exchange::end_now() {
  ending_ = ending::done;
  actor_call_.call_off(admission_.in_flight());
  end_wait(cancel_status_);
}

[[gnu::cold]] std::shared_ptr<routing::streams> exchange::make_streams() {
  // A request without content is not touched: if it is shared, writing would move it to a copy, and
  // views of its text would dangle.
  auto content = std::as_const(request_).data().stream;
  if (content != nullptr)
    request_.data().stream = {};
  if (client_ != nullptr)
    return std::make_shared<exchange_streams>(*this, client_->responses(), message_->sender, id(),
                                              request_, response_, std::move(content));
  return chain_runner::make_streams();
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
    waiting->has_function = true; // before a worker can finish it
  shard_->watch(*work, *workers, *endpoint_);
  if (!workers->submit(std::move(work))) {
    shard_->note_refused(*workers, *endpoint_);
    return routing::admission::full;
  }
  if (waiting)
    strand_.add_function();
  return routing::admission::queued;
}

} // namespace sake::actors

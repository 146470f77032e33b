#include "exchange.hpp"

#include "../../http/status.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/failure.hpp"
#include "../reactor/messages.hpp"
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

using free_exchanges = http::detail::free_list<exchange>;

} // namespace

inline std::uint64_t exchange::id() const noexcept {
  return message_->mid.request_id().integer_value();
}

exchange::exchange() = default;
exchange::~exchange() = default;

// -- life -------------------------------------------------------------------------

template <class Begin>
inline void exchange::serve(shard& home, const routing::endpoint& endpoint, route_load& load,
                            client_port* client, caf::mailbox_element_ptr&& message, Begin begin) {
  exchange* made = free_exchanges::take();
  if (made == nullptr)
    made = new exchange;
  const pointer self{made, false};
  self->shard_ = &home;
  self->begin_on_route(endpoint, load);
  self->message_ = std::move(message);
  self->client_ = client;
  if (home.has_access_observers()) [[unlikely]]
    self->note_route();
  self->contain([&] {
    begin(*self);
    home.reactor().activity().begin(load, holding::middleware);
    self->run();
  });
  home.reactor().activity().end();
  if (self->finished_)
    return;
  self->parked_.store(true, std::memory_order_release);
  home.park(*self);
  self->limit_wait();
  if (!self->is_away() && !self->strand_.release())
    self->go_home();
}

void exchange::serve(shard& home, const routing::endpoint& endpoint, route_load& load,
                     http::request request, client_port* client,
                     caf::mailbox_element_ptr&& message) {
  serve(home, endpoint, load, client, std::move(message), [&](exchange& self) {
    self.begin(std::move(request), endpoint.layers);
    if (endpoint.streams_content)
      self.begin_streaming();
    else if (std::as_const(self.request_).data().stream != nullptr && !endpoint.ignores_content)
      self.take_over_content();
  });
}

[[gnu::cold]] void exchange::serve_call(shard& home, const routing::endpoint& endpoint,
                                        route_load& load, routing::remote_call call,
                                        client_port& client, caf::mailbox_element_ptr&& message) {
  serve(home, endpoint, load, &client, std::move(message), [&](exchange& self) {
    self.is_from_node_ = true;
    self.time_left_ = call.time_left;
    self.begin_remote(std::move(call), endpoint.layers);
    if (endpoint.streams_content)
      self.begin_streaming();
  });
}

[[gnu::cold]] void exchange::note_refused() noexcept {
  client_->note_refused(id());
}

[[gnu::cold]] void exchange::note_lost() noexcept {
  log_failure(log_level::warning, "the node that had the request is lost", {{"status", 502}});
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
    if (is_from_node_)
      client_->responses().limit_time(id(), patience());
    else if (endpoint().timeout)
      client_->responses().limit_time(id(), *endpoint().timeout);
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
    const int status = early_end_.releases_chain() ? early_end_.status()
                       : is_cancelled()            ? 503
                                                   : 500;
    if (!is_cancelled())
      log_failure(log_level::error, "request was dropped by its handler", {{"status", 500}});
    reply(http::response::text(status, std::string{http::reason_phrase(status)} + '\n'));
  });
}

// Its state may be inconsistent, so the chain does not continue: the answer follows with the last
// reference.
void exchange::give_up(const std::exception_ptr& why) noexcept {
  report(why);
  early_end_.release_chain(500);
  clear();
  if (answered_ && client_ != nullptr && shard_->reactor().is_here())
    client_->fail(); // the answer is lost
  call_off_remote_run();
  actor_call_.call_off(in_flight());
}

void exchange::recycle() noexcept {
  const bool was_cut_short = !finished_;
  if (was_cut_short)
    leave_route();
  clear();
  if (streams_ != nullptr)
    streams_.reset();
  request_ = http::request{nullptr};
  if (content_ != nullptr) [[unlikely]]
    content_.reset();
  if (streamed_ != nullptr) [[unlikely]]
    streamed_.reset();
  response_ = http::response{nullptr};
  message_.reset();
  client_ = nullptr;
  if (was_cut_short)
    leave_waiting();
  answered_ = finished_ = false;
  early_end_.reset();
  forget_route();
  references_.store(1, std::memory_order_relaxed);
  if (!free_exchanges::give(this))
    delete this;
}

void exchange::cancel(int status) noexcept {
  if (status == 504)
    log_failure(log_level::warning, "request deadline passed", {{"status", status}});
  early_end_.begin(status);
  make_room();
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
  early_end_.release_chain(503);
  if (strand_.claim())
    clear();
  call_off_content();
  call_off_remote_run();
  actor_call_.call_off(in_flight());
}

void exchange::begin_streaming() {
  stream_content();
  streamed_ = std::as_const(request_).data().stream;
  streams_ = make_streams();
}

// -- the end of the chain -----------------------------------------------------------

void exchange::finished() {
  finished_ = true;
  leave_route();
  leave_waiting();
  if (streams_ != nullptr)
    streams_->call_off();
  call_off_content();
  call_off_remote_run();
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
    return {&endpoint()};
  return {&endpoint(), message_->sender->id(), id()};
}

void exchange::log_failure(log_level level, std::string_view text,
                           std::initializer_list<log_field> more) const noexcept {
  if (logs(level))
    actors::log_event(level, text, facts(more));
}

// -- content that is still arriving ---------------------------------------------------

bool exchange::awaits_content() const noexcept {
  return content_ != nullptr && content_->is_open();
}

void exchange::take_over_content() {
  content_ = std::make_unique<content_collector>(std::exchange(request_.data().stream, {}));
}

// The layer at work waits for the content.
void exchange::listen_to_content() {
  content_->listen([this, keep = pointer{this}] { content_came(); });
  content_came();
}

void exchange::content_came() {
  if (!awaits_content())
    return;
  switch (content_->check()) {
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
  if (content_ != nullptr)
    content_->call_off();
}

bool exchange::prepare_handler() {
  return !awaits_content() && choose_place();
}

void exchange::defer_layer() {
  if (!awaits_content())
    begin_handler();
  else if (!is_at_handler() || !refuse_early()) // else the client need not send the content
    listen_to_content();
}

// The content that the current layer waited for is complete.
void exchange::begin_with_content() {
  content_->complete(request_);
  if (is_at_handler()) {
    choose_place();
    begin_handler();
  } else {
    run_deferred_layer();
    run();
  }
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

void exchange::go_home() noexcept {
  add_reference();
  shard_->reactor().exec_later(this);
}

caf::resumable::resume_result exchange::resume(caf::execution_unit*, std::size_t) {
  auto& activity = shard_->reactor().activity();
  activity.begin(load());
  const bool was_away = come_home();
  contain([&] {
    if (was_away && !is_cancelled())
      run();
    while (!is_away() && !finished_) {
      go_on();
      if (finished_ || is_away() || early_end_.releases_chain() || strand_.release())
        break;
    }
  });
  activity.end();
  return done;
}

void exchange::go_on() {
  if (!early_end_.is_pending()) {
    if (content_ != nullptr && content_->is_whole())
      begin_with_content();
    else if (has_remote_outcome()) [[unlikely]]
      end_remote_run();
    else
      strand_.resume_awake([this](std::coroutine_handle<> waiting) { resume_waiting(waiting); });
    return;
  }
  // Waiting coroutines are not resumed any more. Running functions may use them until they end.
  strand_.resume_awake([](std::coroutine_handle<>) {});
  if (early_end_.releases_chain())
    clear();
  else if (!strand_.has_functions())
    end_now();
}

void exchange::end_now() {
  early_end_.layer_ended();
  call_off_content(); // else the handler would begin when it is complete
  call_off_remote_run();
  actor_call_.call_off(in_flight());
  end_wait(early_end_.status());
}

[[gnu::cold]] std::shared_ptr<routing::streams> exchange::make_streams() {
  // A request without content is not touched: if it is shared, writing would move it to a copy, and
  // views of its text would dangle.
  auto content = std::as_const(request_).data().stream;
  if (content != nullptr)
    request_.data().stream = {};
  return make_streams(std::move(content), http::client_gone);
}

[[gnu::cold]] std::shared_ptr<routing::streams> exchange::make_streams(
    std::shared_ptr<http::content_stream> content, int if_lost) {
  if (client_ != nullptr)
    return std::make_shared<exchange_streams>(*this, client_->responses(), message_->sender, id(),
                                              request_, response_, std::move(content), if_lost);
  return chain_runner::make_streams();
}

std::unique_ptr<routing::pending> exchange::start_sleep(std::chrono::milliseconds duration,
                                                        routing::waiter_ptr waiting,
                                                        bool until_drain) {
  return begin_sleep(*this, *shard_, duration, std::move(waiting), until_drain);
}

routing::submission exchange::submit(std::shared_ptr<routing::work> work) {
  auto* const workers = shard_->pool();
  if (workers == nullptr)
    return routing::submission::run_here;
  const auto waiting = work->awaited_by();
  if (waiting)
    waiting->has_function = true; // before a worker can finish it
  shard_->watch(*work, *workers, endpoint());
  if (!workers->submit(std::move(work))) {
    shard_->note_refused(*workers, endpoint());
    return routing::submission::full;
  }
  if (waiting)
    strand_.add_function();
  return routing::submission::queued;
}

} // namespace sake::actors

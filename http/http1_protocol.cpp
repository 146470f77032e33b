#include <sake/http/http1_protocol.hpp>

#include <sake/http/detail/free_list.hpp>
#include <sake/http/detail/http1_working_set.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sake::http {

namespace {

// Slots that a working set keeps for its next connection.
constexpr std::size_t kept_slots = 64;

} // namespace

http1_protocol::http1_protocol(connection& on, const settings& config, head_memo& memo) noexcept
    : connection_(on), settings_(config), decoder_(config.limits, &memo) {}

http1_protocol::~http1_protocol() = default;

http1_protocol::working_set& http1_protocol::work() {
  if (work_ == nullptr) {
    auto* kept = detail::free_list<working_set>::take();
    work_.reset(kept != nullptr ? kept : new working_set);
  }
  return *work_;
}

time_point http1_protocol::after(std::chrono::milliseconds bound) const noexcept {
  return bound.count() > 0 ? time_after(connection_.now(), bound) : time_point::max();
}

// -- life -------------------------------------------------------------------------

void http1_protocol::start() {
  input_due_ = after(settings_.deadlines.head);
}

void http1_protocol::drain() noexcept {
  draining_ = true;
  if (is_fresh())
    input_due_ = std::min(input_due_, after(fresh_grace));
}

bool http1_protocol::has_unanswered() const noexcept {
  return work_ != nullptr && !work_->slots.empty();
}

bool http1_protocol::is_idle() const noexcept {
  return decoder_.between_requests() && !has_unanswered() && !decoding_;
}

void http1_protocol::rest() {
  if (work_ == nullptr)
    return;
  work_->times_differ = false;
  if (work_->slots.capacity() <= kept_slots && detail::free_list<working_set>::give(work_.get()))
    (void)work_.release();
  else
    work_.reset();
  receiving_ = receiving::nothing;
  input_due_ = after(settings_.deadlines.idle);
}

void http1_protocol::abandon() {
  input_done_ = output_done_ = true;
  if (work_ == nullptr)
    return;
  end_stream();
  cancel_unanswered();
  work_.reset();
}

// -- input --------------------------------------------------------------------------

std::string_view http1_protocol::receive(std::string_view input) {
  decoding_ = true;
  bool needs_more = false;
  const std::uint64_t last = requests_ + requests_per_turn;
  while (!needs_more && !input.empty() && accepts_input() && requests_ < last) {
    const auto step = decoder_.next(input);
    input.remove_prefix(step.consumed);
    switch (step.what) {
      case decoder::event::need_more:
        needs_more = true;
        break;
      case decoder::event::head:
        begin_request(decoder_.take_request(), step.is_last);
        break;
      case decoder::event::content:
        add_content(step.content, step.is_last);
        break;
      case decoder::event::refused:
        refuse(decoder_.why());
        break;
    }
  }
  // What the head alone decides does not wait for the rest of the content.
  if (work_ != nullptr && work_->has_incoming && work_->incoming && !input_done_)
    begin_stream();
  decoding_ = false;
  if (needs_more)
    note_progress();
  return input;
}

// A head that is not complete has its deadline from its first octet on.
void http1_protocol::note_progress() {
  if (receiving_ == receiving::nothing && !decoder_.between_requests()) {
    receiving_ = receiving::head;
    if (requests_ > 0)
      input_due_ = after(settings_.deadlines.head);
  }
}

bool http1_protocol::accepts_input() const noexcept {
  if (input_done_)
    return false;
  if (work_ == nullptr)
    return true;
  // The bounds are on requests: the content of the last one comes in whatever waits before it.
  if (work_->stream != nullptr)
    return work_->stream->room() > 0;
  const auto& bounds = settings_.limits;
  return work_->slots.size() < bounds.pipelined_requests
         && (work_->ready_octets < bounds.ready_response_bytes || !decoder_.between_requests());
}

void http1_protocol::begin_request(request message, bool is_complete) {
  if (is_complete) {
    receiving_ = receiving::nothing;
    dispatch(std::move(message));
    return;
  }
  const auto rules = connection_.rules_for(message);
  const auto length = decoder_.content_length();
  decoder_.bound_content(rules.most);
  if (length && *length > rules.most) {
    refuse(refusals::content_too_large);
    return;
  }
  auto& own = work();
  receiving_ = receiving::content;
  own.content_received = 0;
  own.content_begun = input_due_ = after(settings_.deadlines.content);
  owes_continue_ = message.data().expects_continue;
  own.incoming = std::move(message);
  own.has_incoming = true;
  if (rules.as_it_arrives || (length && *length > settings_.limits.buffered_content_bytes))
    begin_stream();
}

void http1_protocol::add_content(std::string_view octets, bool is_last) {
  auto& own = *work_;
  owes_continue_ = false;
  own.content_received += octets.size();
  if (const auto rate = settings_.deadlines.content_bytes_per_second;
      rate > 0 && own.content_begun != time_point::max())
    input_due_ = own.content_begun + std::chrono::seconds{own.content_received / rate};
  if (own.discards) {
    discard(octets, is_last);
  } else if (own.stream == nullptr) {
    auto& content = own.incoming.data().content;
    content.append(octets);
    if (content.size() > settings_.limits.buffered_content_bytes)
      begin_stream();
  } else if (!octets.empty()) {
    own.content_arrived = connection_.now();
    own.stream->push(octets);
    set_handler_due();
  }
  // Whoever reads may have ended the connection.
  if (is_last && !output_done_)
    end_content();
}

void http1_protocol::end_content() {
  auto& own = *work_;
  receiving_ = receiving::nothing;
  own.has_incoming = own.discards = false;
  if (const auto stream = std::exchange(own.stream, {})) {
    if (!own.slots.empty()) {
      own.slots.back().due = after(own.patience);
      input_done_ = !own.slots.back().keep_alive;
    }
    stream->finish(content_stream::state::complete);
  } else if (own.incoming) {
    dispatch(std::exchange(own.incoming, request{nullptr}));
  }
}

void http1_protocol::discard(std::string_view octets, bool is_last) {
  work_->discarded += octets.size();
  // Too much: the connection closes, once the peer has had time to read the response.
  if (work_->discarded > discarded_content_bytes && !is_last)
    input_done_ = output_done_ = true;
}

// The request is handed on before its content is all there.
void http1_protocol::begin_stream() {
  auto message = std::exchange(work_->incoming, request{nullptr});
  auto stream = std::make_shared<content_stream>(settings_.limits.buffered_content_bytes);
  stream->on_room([this] { resume_content(); });
  work_->content_arrived = connection_.now();
  stream->push(std::exchange(message.data().content, {}));
  message.data().stream = stream;
  work_->stream = std::move(stream);
  work_->patience = settings_.deadlines.request;
  dispatch(std::move(message));
  set_handler_due();
}

// Whether the client could not send if it wanted to, before the handler takes what is there.
bool http1_protocol::waits_for_handler() const noexcept {
  return work_ != nullptr && work_->stream != nullptr
         && (work_->stream->room() == 0 || (owes_continue_ && !work_->stream->is_wanted()));
}

// Until the end of the content the handler's time runs only while the client waits for it.
void http1_protocol::set_handler_due() {
  if (has_unanswered() && work_->stream != nullptr)
    work_->slots.back().due = waits_for_handler() ? after(work_->patience) : time_point::max();
}

// The time in which nobody took its content is not the client's.
void http1_protocol::resume_content() {
  set_handler_due();
  if (work_->content_begun != time_point::max()) {
    const auto stalled = connection_.now() - work_->content_arrived;
    work_->content_begun += stalled;
    input_due_ += stalled;
  }
  if (!decoding_)
    connection_.on_progress();
}

void http1_protocol::end_stream() {
  if (const auto stream = std::exchange(work_->stream, {}))
    stream->finish(content_stream::state::failed);
}

void http1_protocol::dispatch(request message) {
  const auto most = settings_.max_requests_per_connection;
  slot added;
  added.due = after(settings_.deadlines.request);
  added.is_head = message.method() == method::head;
  added.minor_version = static_cast<std::uint8_t>(message.minor_version());
  added.keep_alive =
      message.keep_alive() && settings_.keep_alive && (most == 0 || requests_ + 1 < most);
  if (!added.keep_alive && receiving_ == receiving::nothing)
    input_done_ = true;
  work().slots.push(std::move(added));
  connection_.on_request(++requests_, std::move(message));
}

bool http1_protocol::finish_input() {
  input_done_ = true;
  receiving_ = receiving::nothing;
  if (work_ == nullptr || work_->stream == nullptr)
    return true;
  end_stream();
  return false;
}

bool http1_protocol::leaves_input_unread() const noexcept {
  return refused_ || (work_ != nullptr && work_->has_incoming);
}

// -- deadlines ------------------------------------------------------------------------

// The request whose response is due first; null where none waits.
slot* http1_protocol::next_due() noexcept {
  if (work_ == nullptr)
    return nullptr;
  return work_->times_differ ? work_->slots.earliest_waiting() : work_->slots.first_waiting();
}

time_point http1_protocol::response_due() noexcept {
  const slot* const waiting = next_due();
  return waiting != nullptr ? waiting->due : time_point::max();
}

time_point http1_protocol::input_due() const noexcept {
  const bool is_expected = receiving_ != receiving::nothing || !has_unanswered();
  return is_expected && accepts_input() && !waits_for_handler() ? input_due_ : time_point::max();
}

http1_protocol::expiry http1_protocol::expire(time_point now) {
  if (slot* const waiting = next_due(); waiting != nullptr && waiting->due <= now) {
    // Whoever works on it may answer 504 itself, with what middleware adds to every response.
    if (waiting->by != nullptr) {
      cancel(*waiting, 504);
      return expiry::response;
    }
    put(*waiting, response::text(504, "Gateway Timeout\n"));
    connection_.on_progress();
    return expiry::response;
  }
  if (receiving_ == receiving::nothing || (work_ != nullptr && work_->discards))
    return expiry::idle;
  refuse(receiving_ == receiving::head ? refusals::late_head : refusals::late_content);
  connection_.on_progress();
  return expiry::input;
}

} // namespace sake::http

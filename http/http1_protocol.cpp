#include <sake/http/http1_protocol.hpp>

#include <sake/http/detail/free_list.hpp>
#include <sake/http/encoder.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace sake::http {

namespace {

// Responses are encoded up to this many octets ahead of the peer.
constexpr std::size_t write_ahead = 256 * 1024;

// What others call the status of a request whose client did not wait.
constexpr int client_gone = 499;

// Slots that a working set keeps for its next connection.
constexpr std::size_t kept_slots = 64;

} // namespace

/// What is needed only while a request is under way.
struct http1_protocol::working_set {
  slot_queue slots;
  /// The request whose content is being received.
  request incoming{nullptr};
  /// Where that content goes once the request has been handed on.
  std::shared_ptr<content_stream> stream;
  bool has_incoming = false;
  std::uint64_t content_received = 0;
  /// When the time for content began; the time in which nobody took it does not count.
  time_point content_begun;
  time_point content_arrived;
  working_set* next_free = nullptr;
};

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
  return bound.count() > 0 ? connection_.now() + bound : time_point::max();
}

// -- life -------------------------------------------------------------------------

void http1_protocol::start() {
  input_due_ = after(settings_.deadlines.head);
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
  while (!needs_more && !input.empty() && accepts_input()) {
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
  // The bound is on requests: the content of the last one comes in whatever waits before it.
  return work_->stream != nullptr ? work_->stream->room() > 0
                                  : work_->slots.size() < settings_.limits.pipelined_requests;
}

void http1_protocol::begin_request(request message, bool is_complete) {
  if (is_complete) {
    receiving_ = receiving::nothing;
    dispatch(std::move(message));
    return;
  }
  auto& own = work();
  receiving_ = receiving::content;
  own.content_received = 0;
  own.content_begun = input_due_ = after(settings_.deadlines.content);
  owes_continue_ = message.data().expects_continue;
  own.incoming = std::move(message);
  own.has_incoming = true;
  const auto length = decoder_.content_length();
  if (length && *length > settings_.limits.buffered_content_bytes)
    begin_stream();
}

void http1_protocol::add_content(std::string_view octets, bool is_last) {
  auto& own = *work_;
  owes_continue_ = false;
  own.content_received += octets.size();
  if (const auto rate = settings_.deadlines.content_bytes_per_second;
      rate > 0 && own.content_begun != time_point::max())
    input_due_ = own.content_begun + std::chrono::seconds{own.content_received / rate};
  if (own.stream == nullptr) {
    auto& content = own.incoming.data().content;
    content.append(octets);
    if (content.size() > settings_.limits.buffered_content_bytes)
      begin_stream();
  } else if (!octets.empty()) {
    own.content_arrived = connection_.now();
    own.stream->push(octets);
  }
  // Whoever reads may have ended the connection.
  if (!is_last || output_done_)
    return;
  receiving_ = receiving::nothing;
  own.has_incoming = false;
  if (const auto stream = std::exchange(own.stream, {})) {
    if (!own.slots.empty()) {
      own.slots.back().due = after(settings_.deadlines.request);
      input_done_ = !own.slots.back().keep_alive;
    }
    stream->finish(content_stream::state::complete);
  } else {
    dispatch(std::exchange(own.incoming, request{nullptr}));
  }
}

// Larger content goes to the handler as it arrives.
void http1_protocol::begin_stream() {
  auto message = std::exchange(work_->incoming, request{nullptr});
  auto stream = std::make_shared<content_stream>(settings_.limits.buffered_content_bytes);
  stream->on_room([this] { resume_content(); });
  work_->content_arrived = connection_.now();
  stream->push(std::exchange(message.data().content, {}));
  message.data().stream = stream;
  work_->stream = std::move(stream);
  dispatch(std::move(message));
  if (has_unanswered())
    work_->slots.back().due = time_point::max(); // from the end of the content on
}

// The time in which nobody took its content is not the client's.
void http1_protocol::resume_content() {
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

// -- output -------------------------------------------------------------------------

slot* http1_protocol::unanswered(std::uint64_t id) noexcept {
  if (work_ == nullptr)
    return nullptr;
  slot* const found = work_->slots.at(id - (requests_ - work_->slots.size() + 1));
  return found != nullptr && !found->is_ready ? found : nullptr;
}

void http1_protocol::respond(std::uint64_t id, response answer) {
  slot* const answered = unanswered(id);
  // None when the answer comes after its deadline, or comes twice.
  if (answered == nullptr)
    return;
  answered->response = std::move(answer);
  answered->is_ready = true;
  answered->by = nullptr;
  if (!decoding_ && answered == &work_->slots.front())
    connection_.on_progress();
}

void http1_protocol::watch(std::uint64_t id, answering* by) noexcept {
  if (slot* const watched = unanswered(id))
    watched->by = by;
}

void http1_protocol::cancel_unanswered() noexcept {
  if (work_ == nullptr)
    return;
  auto& slots = work_->slots;
  for (; !slots.empty(); slots.pop())
    cancel(slots.front(), client_gone);
}

void http1_protocol::cancel(slot& late, int status) noexcept {
  if (auto* const by = std::exchange(late.by, nullptr))
    by->cancel(status);
}

// The last thing that a peer hears from us. Requests before it are still answered.
void http1_protocol::refuse(const refusal& why) {
  refused_ = input_done_ = true;
  owes_continue_ = false;
  receiving_ = receiving::nothing;
  connection_.on_refusal(why);
  auto& slots = work().slots;
  slot last;
  last.response = to_response(why);
  last.is_ready = true;
  last.keep_alive = false;
  if (work_->stream == nullptr) {
    ++requests_;
    slots.push(std::move(last));
    return;
  }
  // The handler has the head already; the refusal takes the place of its answer, or ends the
  // connection behind it.
  if (slots.empty() || slots.back().is_ready) {
    if (!slots.empty())
      slots.back().keep_alive = false;
  } else {
    last.by = slots.back().by;
    slots.back() = std::move(last);
    cancel(slots.back(), why.status);
  }
  end_stream();
}

bool http1_protocol::has_ready() noexcept {
  return !output_done_ && has_unanswered() && work_->slots.front().is_ready;
}

void http1_protocol::encode(buffer& out, std::string_view date_line) {
  while (has_ready() && out.size() < write_ahead) {
    encode(work_->slots.front(), out, date_line);
    work_->slots.pop();
  }
  if (work_ == nullptr)
    return;
  if (output_done_)
    cancel_unanswered();
  // The request that owes the content is the last; everything before it must have been answered.
  const std::size_t own_slot = work_->stream != nullptr ? 1 : 0;
  if (owes_continue_ && work_->slots.size() == own_slot
      && (own_slot == 0 || !work_->slots.front().is_ready)) {
    encode_continue(out);
    owes_continue_ = false;
  }
}

void http1_protocol::encode(slot& next, buffer& out, std::string_view date_line) {
  const bool is_only = work_->slots.size() == 1;
  // A response that comes before the content is all there ends the connection: nobody reads the
  // rest.
  const bool is_early = is_only && work_->stream != nullptr;
  // What came pipelined before the end is answered too; the last response says that it is the last.
  const bool is_drained = is_only && draining_;
  const bool closes = !next.keep_alive || is_early || is_drained || next.response.data().closes;
  http::encode(out, next.response,
               {.date_line = date_line,
                .server_line = settings_.server_line,
                .client_minor_version = next.minor_version,
                .keep_alive = !closes,
                .head_request = next.is_head});
  output_done_ = closes;
  input_done_ = input_done_ || closes;
}

// -- deadlines ------------------------------------------------------------------------

time_point http1_protocol::response_due() noexcept {
  const slot* const waiting = work_ != nullptr ? work_->slots.first_waiting() : nullptr;
  return waiting != nullptr ? waiting->due : time_point::max();
}

time_point http1_protocol::input_due() const noexcept {
  const bool is_expected = receiving_ != receiving::nothing || !has_unanswered();
  return is_expected && accepts_input() ? input_due_ : time_point::max();
}

http1_protocol::expiry http1_protocol::expire(time_point now) {
  if (slot* const waiting = work_ != nullptr ? work_->slots.first_waiting() : nullptr;
      waiting != nullptr && waiting->due <= now) {
    waiting->response = response::text(504, "Gateway Timeout\n");
    waiting->is_ready = true;
    cancel(*waiting, 504);
    connection_.on_progress();
    return expiry::response;
  }
  if (receiving_ == receiving::nothing)
    return expiry::idle;
  refuse(receiving_ == receiving::head ? refusals::late_head : refusals::late_content);
  connection_.on_progress();
  return expiry::input;
}

} // namespace sake::http

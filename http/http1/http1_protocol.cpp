#include "http1_protocol.hpp"

#include "../content_stream.hpp"
#include "../detail/free_list.hpp"
#include "detail/arriving_content.hpp"
#include "encoder.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace sake::http {

namespace {

// Whether the request at the beginning of `input` has a safe method, as far as is known.
bool begins_safely(std::string_view input) noexcept {
  return input.starts_with("GET ") || input.starts_with("HEAD ") || input.starts_with("OPTIONS ")
         || input.starts_with("TRACE ");
}

// A rest of this part of `limits::buffered_content_bytes` is cheaper to copy.
constexpr std::size_t copied_part = 4;

// Octets to read beyond the content, so that a further read need not find out that there are none.
constexpr std::size_t read_beyond = 4096;

} // namespace

http1_protocol::http1_protocol(protocol_events& events, const settings& config, head_cache& cache,
                               time_point accepted) noexcept
    : events_(events),
      settings_(config),
      decoder_(config.limits, &cache),
      responses_(config, events.access()) {
  input_due_ = deadline_after(accepted, settings_.deadlines.head);
}

http1_protocol::~http1_protocol() = default;

time_point http1_protocol::after(std::chrono::milliseconds limit) const noexcept {
  return deadline_after(events_.now(), limit);
}

// Whether only a request is missing: the common case between turns, which decides most queries.
[[gnu::always_inline]] inline bool http1_protocol::awaits_request() const noexcept {
  return responses_.empty() && content_ == nullptr && !input_done_;
}

[[gnu::always_inline]] inline bool http1_protocol::may_decode() const noexcept {
  return awaits_request() || may_decode_more();
}

// -- life -------------------------------------------------------------------------

[[gnu::always_inline]] inline protocol_state http1_protocol::state_now() const noexcept {
  const bool is_between = decoder_.between_requests();
  if (is_between && awaits_request() && !decoding_)
    return protocol_state{
        {.accepts_input = true, .is_idle = true, .is_fresh = responses_.last_id() == 0}};
  const bool has_none = responses_.empty();
  return protocol_state{{.accepts_input = may_decode(),
                         .is_idle = is_between && has_none && !decoding_,
                         .is_fresh = is_between && responses_.last_id() == 0 && !input_done_,
                         .is_over = responses_.is_done() || (input_done_ && has_none),
                         .awaits_content = awaited_content() != 0}};
}

protocol_state http1_protocol::state() const noexcept {
  return state_now();
}

void http1_protocol::drain() noexcept {
  responses_.drain();
  if (state().is_fresh())
    input_due_ = std::min(input_due_, after(fresh_grace));
}

time_point http1_protocol::rest() {
  if (responses_.rest()) {
    receiving_ = receiving::nothing;
    input_due_ = after(settings_.deadlines.idle);
  }
  return input_due_;
}

void http1_protocol::abandon() {
  input_done_ = true;
  responses_.finish();
  end_stream();
  if (tunnel_ != nullptr)
    tunnel_->finish(content_stream::state::failed);
  responses_.cancel_all();
  responses_.rest();
  content_.reset();
}

protocol::ending http1_protocol::how_to_end() const noexcept {
  if (responses_.needs_reset())
    return ending::reset;
  return refused_ || content_ != nullptr || tunnel_ != nullptr ? ending::linger : ending::close;
}

// -- input --------------------------------------------------------------------------

std::string_view http1_protocol::receive(std::string_view input) {
  if (tunnel_ != nullptr) [[unlikely]]
    return take_octets(input);
  decoding_ = true;
  bool needs_more = false;
  const std::uint64_t last = responses_.last_id() + requests_per_turn;
  while (!needs_more && !input.empty() && may_decode() && responses_.last_id() < last
         && !must_wait(input)) {
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
  // The handler gets the head without waiting for the rest of the content.
  if (content_ != nullptr && content_->incoming && !input_done_)
    begin_stream();
  decoding_ = false;
  if (needs_more)
    note_head();
  return input;
}

// Requests are handled at the same time only if they all have safe methods (RFC 9112 §9.3.2):
// others wait until every response before them is complete.
bool http1_protocol::must_wait(std::string_view input) noexcept {
  if (responses_.empty() || !decoder_.between_requests())
    return false;
  waits_for_responses_ = !begins_safely(input) && !responses_.all_complete();
  return waits_for_responses_;
}

// The deadline of an incomplete head starts at its first octet.
void http1_protocol::note_head() {
  if (receiving_ == receiving::nothing && !decoder_.between_requests()) {
    receiving_ = receiving::head;
    if (responses_.last_id() > 0)
      input_due_ = after(settings_.deadlines.head);
  }
}

bool http1_protocol::accepts_input() const noexcept {
  return may_decode();
}

// Whether more may be decoded although a request is under way.
bool http1_protocol::may_decode_more() const noexcept {
  if (input_done_)
    return false;
  // The limits below count requests: the content of the last one is taken in any case.
  if (has_stream())
    return content_->stream->room() > 0;
  if ((!is_safe(last_method_) || waits_for_responses_) && decoder_.between_requests()
      && !responses_.all_complete())
    return false;
  // What is behind a request that may become a tunnel is not decoded before its response.
  if (may_switch_ && decoder_.between_requests())
    return tunnel_ != nullptr && !decoding_ && tunnel_->room() > 0;
  const auto& max = settings_.limits;
  return responses_.size() < max.pipelined_requests
         && (responses_.ready_octets() < max.ready_response_bytes || !decoder_.between_requests());
}

// Tells observers of a request that gets the next id.
[[gnu::cold]] void http1_protocol::note_request(const request& message) {
  responses_.access()->on_head(responses_.last_id() + 1, message,
                               protocol_name(message.minor_version()));
}

void http1_protocol::begin_request(request message, bool is_complete) {
  if (responses_.access() != nullptr) [[unlikely]]
    note_request(message);
  if (is_complete) {
    receiving_ = receiving::nothing;
    dispatch(std::move(message));
    return;
  }
  const auto rules = events_.rules_for(message);
  const auto length = decoder_.content_length();
  decoder_.limit_content(rules.most);
  if (length && *length > rules.most) {
    refuse(refusals::content_too_large, &message);
    return;
  }
  content_ = detail::take_or_make<detail::arriving_content>();
  receiving_ = receiving::content;
  content_->due = input_due_ = after(settings_.deadlines.content);
  owes_continue_ = message.data().expects_continue;
  content_->incoming = std::move(message);
  if (rules.as_it_arrives || (length && *length > settings_.limits.buffered_content_bytes))
    begin_stream();
}

// Content of `n` octets has arrived.
void http1_protocol::note_content(std::size_t n) {
  auto& own = *content_;
  owes_continue_ = false;
  own.received += n;
  own.last_arrival = events_.now();
  if (auto* const access = responses_.access())
    access->on_content(responses_.last_id() + (own.incoming ? 1 : 0), n);
  if (const auto rate = settings_.deadlines.content_bytes_per_second;
      rate > 0 && own.due != time_point::max())
    input_due_ = own.due + std::chrono::seconds{own.received / rate};
}

void http1_protocol::add_content(std::string_view octets, bool is_last) {
  auto& own = *content_;
  note_content(octets.size());
  if (own.is_dropped) {
    drop_content(octets, is_last);
  } else if (own.stream == nullptr) {
    auto& content = own.incoming.data().content;
    content.append(octets);
    if (content.size() > settings_.limits.buffered_content_bytes)
      begin_stream();
  } else if (!octets.empty()) {
    own.stream->push(octets);
    set_handler_due();
  }
  // The reader of the content may have ended the connection.
  if (is_last && !responses_.is_done())
    end_content();
}

std::size_t http1_protocol::awaited_content() const noexcept {
  if (!has_stream() || input_done_ || !content_->stream->is_wanted_whole())
    return 0;
  const auto left = decoder_.content_length().value_or(0);
  const bool is_large = left >= settings_.limits.buffered_content_bytes / copied_part;
  return is_large ? static_cast<std::size_t>(left) : 0;
}

protocol::content_memory http1_protocol::next_content() {
  const std::size_t left = awaited_content();
  if (left == 0)
    return {};
  const auto memory = content_->stream->memory(left + read_beyond);
  return {memory, std::min(left, memory.size())};
}

void http1_protocol::take_content(std::size_t n) {
  decoding_ = true;
  content_->stream->commit(n);
  note_content(n);
  set_handler_due();
  if (decoder_.skip_content(n))
    end_content();
  decoding_ = false;
}

void http1_protocol::end_content() {
  receiving_ = receiving::nothing;
  auto ended = std::move(content_);
  if (const auto stream = std::exchange(ended->stream, {})) {
    if (!responses_.empty()) {
      responses_.limit_last(after(ended->patience));
      input_done_ = input_done_ || (!responses_.last_keeps_alive() && !may_switch_);
    }
    stream->finish(content_stream::state::complete);
  } else if (ended->incoming) {
    dispatch(std::exchange(ended->incoming, request{nullptr}));
  }
  *ended = {};
  detail::give_back(std::move(ended));
}

void http1_protocol::drop_content(std::string_view octets, bool is_last) {
  content_->dropped += octets.size();
  // Too much: the connection closes, once the peer has had time to read the response.
  if (content_->dropped > discarded_content_bytes && !is_last) {
    input_done_ = true;
    responses_.finish();
  }
}

// Hands on the request before its content is complete.
void http1_protocol::begin_stream() {
  auto message = std::exchange(content_->incoming, request{nullptr});
  auto stream = std::make_shared<content_stream>(settings_.limits.buffered_content_bytes);
  stream->on_room([this] { resume_content(); });
  if (const auto length = decoder_.content_length())
    stream->expect(static_cast<std::size_t>(*length) + read_beyond);
  content_->last_arrival = events_.now();
  stream->push(std::exchange(message.data().content, {}));
  message.data().stream = stream;
  content_->stream = std::move(stream);
  content_->patience = settings_.deadlines.request;
  dispatch(std::move(message));
  set_handler_due();
}

// Whether the last request has been handed on and its content is still arriving.
bool http1_protocol::has_stream() const noexcept {
  return content_ != nullptr && content_->stream != nullptr;
}

// Whether the client cannot send before the handler takes the content that has arrived.
bool http1_protocol::waits_for_handler() const noexcept {
  return has_stream()
         && (content_->stream->room() == 0 || (owes_continue_ && !content_->stream->is_wanted()));
}

// Until the end of the content the handler's time runs only while the client waits for it.
time_point http1_protocol::handler_due(std::chrono::milliseconds patience) const noexcept {
  return waits_for_handler() ? after(patience) : time_point::max();
}

void http1_protocol::set_handler_due() {
  if (has_stream() && !responses_.empty())
    responses_.limit_last(handler_due(content_->patience));
}

// The time in which the handler took no content does not count against the client.
void http1_protocol::resume_content() {
  set_handler_due();
  if (content_ != nullptr && content_->due != time_point::max()) {
    const auto stalled = events_.now() - content_->last_arrival;
    content_->due += stalled;
    input_due_ += stalled;
  }
  if (!decoding_)
    events_.on_progress();
}

// The octets that a client sends through a tunnel.
std::string_view http1_protocol::take_octets(std::string_view input) {
  const auto taken = input.substr(0, input_done_ ? 0 : tunnel_->room());
  if (!taken.empty()) {
    if (auto* const access = responses_.access())
      access->on_content(responses_.last_id(), taken.size());
    decoding_ = true;
    tunnel_->push(taken);
    decoding_ = false;
  }
  return input.substr(taken.size());
}

void http1_protocol::end_stream() {
  if (!has_stream())
    return;
  const auto stream = std::exchange(content_->stream, {});
  stream->finish(content_stream::state::failed);
}

void http1_protocol::dispatch(request message) {
  const auto most = settings_.max_requests_per_connection;
  pipelined_response& added = responses_.add();
  added.due = after(settings_.deadlines.request);
  added.is_head = message.method() == method::head;
  added.minor_version = static_cast<std::uint8_t>(message.minor_version());
  added.keep_alive =
      message.keep_alive() && settings_.keep_alive && (most == 0 || responses_.last_id() < most);
  may_switch_ = message.data().may_switch;
  last_method_ = message.method();
  waits_for_responses_ = false;
  if (!added.keep_alive && !may_switch_ && receiving_ == receiving::nothing)
    input_done_ = true;
  events_.on_request(responses_.last_id(), std::move(message));
}

protocol::after_input http1_protocol::finish_input() {
  input_done_ = true;
  receiving_ = receiving::nothing;
  if (tunnel_ != nullptr) {
    tunnel_->finish(content_stream::state::complete);
    return after_input::tunnel;
  }
  const bool is_cut = has_stream();
  if (is_cut) {
    end_stream();
    responses_.cancel_last();
    responses_.close_after_last();
  }
  if (!settings_.half_closed_clients)
    responses_.cancel_waiting();
  return is_cut && responses_.empty() ? after_input::nothing : after_input::responses;
}

// The refusal is the last response. Earlier requests are still answered.
void http1_protocol::refuse(const refusal& why) {
  const bool is_here = content_ != nullptr && content_->incoming;
  refuse(why, is_here ? &content_->incoming : nullptr);
}

void http1_protocol::refuse(const refusal& why, request* refused) {
  refused_ = input_done_ = true;
  owes_continue_ = false;
  receiving_ = receiving::nothing;
  events_.on_refusal(why, refused);
  if (content_ != nullptr && content_->is_dropped) {
    responses_.finish(); // the request has its answer already
  } else if (!has_stream()) {
    responses_.add_refused(why, decoder_.is_head_request());
  } else {
    // The handler has the head already: the refusal replaces its response, or ends the connection
    // after it.
    responses_.refuse_last(why);
    end_stream();
  }
}

// -- output -------------------------------------------------------------------------

void http1_protocol::note_output(std::uint64_t id) {
  if (!decoding_ && responses_.is_next(id))
    events_.on_progress();
}

void http1_protocol::respond(std::uint64_t id, response&& answer) {
  if (accepts_connect(id, answer.status())) [[unlikely]] {
    input_done_ = true;
    if (responses_.respond_as_tunnel(id, std::move(answer)))
      note_output(id);
  } else if (responses_.respond(id, std::move(answer))) {
    note_output(id);
  }
}

// To the client, a successful response to CONNECT begins a tunnel (RFC 9110 §9.3.6), though its
// handler knows of none: the content comes through it, and the client sends no request.
bool http1_protocol::accepts_connect(std::uint64_t id, int status) const noexcept {
  return last_method_ == method::connect && id == responses_.last_id() && status / 100 == 2;
}

void http1_protocol::begin_response(std::uint64_t id, response head, bool has_length,
                                    response_observer& by) {
  bool has_begun = false;
  if (accepts_connect(id, head.status())) [[unlikely]] {
    input_done_ = true;
    has_begun = responses_.begin_tunnel(id, std::move(head.remove_header("Content-Length")), by);
  } else {
    has_begun = responses_.begin(id, std::move(head), has_length, by);
  }
  if (has_begun)
    note_output(id);
}

std::shared_ptr<content_stream> http1_protocol::begin_tunnel(std::uint64_t id, response head,
                                                             response_observer& by) {
  // Only the last request may switch: nothing behind it has been decoded.
  if (!may_switch_ || content_ != nullptr || id != responses_.last_id())
    return nullptr;
  if (last_method_ == method::connect ? !accepts_connect(id, head.status()) : head.status() != 101)
    return nullptr;
  auto input = std::make_shared<content_stream>(settings_.limits.buffered_content_bytes);
  if (!responses_.begin_tunnel(id, std::move(head), by))
    return nullptr;
  tunnel_ = std::move(input);
  if (input_done_) // the client has finished sending already
    tunnel_->finish(content_stream::state::complete);
  tunnel_->on_room([this] {
    if (!decoding_)
      events_.on_progress();
  });
  note_output(id);
  return tunnel_;
}

write_result http1_protocol::write(std::uint64_t id, std::string_view octets) {
  const auto result = responses_.write(id, octets);
  if (result != write_result::closed && !octets.empty())
    note_output(id);
  return result;
}

void http1_protocol::end_response(std::uint64_t id) {
  if (responses_.end(id))
    note_output(id);
}

void http1_protocol::cut_response(std::uint64_t id, response instead) {
  if (tunnel_ != nullptr && id == responses_.last_id())
    tunnel_->finish(content_stream::state::failed);
  if (responses_.cut(id, std::move(instead)))
    note_output(id);
}

void http1_protocol::observe(std::uint64_t id, response_observer* by) noexcept {
  responses_.observe(id, by);
}

// The time of a request with content that is still arriving runs from the end of the content.
void http1_protocol::limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept {
  if (!has_stream() || id != responses_.last_id())
    responses_.limit_time(id, after(patience));
  else if (responses_.limit_time(id, handler_due(patience)))
    content_->patience = patience;
  if (!decoding_)
    events_.on_progress(); // the deadline may be nearer
}

protocol_state http1_protocol::encode(output& out, std::string_view date_line) {
  const bool has_more = responses_.encode(out, date_line, missing_content());
  input_done_ = input_done_ || responses_.is_closing();
  if (content_ != nullptr)
    after_encode(out);
  auto now = state_now();
  now.add_more(has_more);
  return now;
}

// Decides on content that is still arriving.
void http1_protocol::after_encode(output& out) {
  if (has_stream() && responses_.empty() && !responses_.is_done()) {
    content_->is_dropped = true;
    end_stream();
  }
  // The request with content to come is the last; all earlier ones must have been answered.
  if (owes_continue_ && responses_.awaits_only_one() && has_stream()
      && content_->stream->is_wanted()) {
    encode_continue(out.octets());
    owes_continue_ = false;
    if (auto* const access = responses_.access())
      access->on_interim(out.size());
  }
}

// A client that still waits for 100 Continue may or may not send the content, so the next octets
// would be ambiguous (RFC 9110 §10.1.1).
http1_responses::missing_content http1_protocol::missing_content() const noexcept {
  using missing = http1_responses::missing_content;
  if (!has_stream())
    return missing::none;
  const bool may_drop =
      !owes_continue_ && decoder_.content_length().value_or(0) <= discarded_content_bytes;
  return may_drop ? missing::droppable : missing::closing;
}

// -- deadlines ------------------------------------------------------------------------

time_point http1_protocol::due(bool is_blocked) noexcept {
  if (awaits_request())
    return is_blocked ? time_point::max() : input_due_;
  return is_blocked ? response_due() : std::min(response_due(), input_due());
}

time_point http1_protocol::input_due() const noexcept {
  const bool is_expected = receiving_ != receiving::nothing || !has_unanswered();
  return is_expected && accepts_input() && !waits_for_handler() ? input_due_ : time_point::max();
}

protocol::expiry http1_protocol::expire(time_point now) {
  switch (responses_.expire(now)) {
    case http1_responses::expiry::none:
      break;
    case http1_responses::expiry::answered:
      events_.on_progress();
      [[fallthrough]];
    case http1_responses::expiry::cancelled:
      return expiry::response;
  }
  if (receiving_ == receiving::nothing || (content_ != nullptr && content_->is_dropped))
    return expiry::idle;
  refuse(receiving_ == receiving::head ? refusals::late_head : refusals::late_content);
  events_.on_progress();
  return expiry::input;
}

} // namespace sake::http

// The sending half of http1_protocol.
#include <sake/http/detail/http1_working_set.hpp>
#include <sake/http/encoder.hpp>
#include <sake/http/http1_protocol.hpp>

#include <utility>

namespace sake::http {

namespace {

// Responses are encoded up to this many octets ahead of the peer.
constexpr std::size_t write_ahead = 256 * 1024;

// What others call the status of a request whose client did not wait.
constexpr int client_gone = 499;

// Memory for content that a response in pieces keeps while it waits for more.
constexpr std::size_t kept_content = 4096;

} // namespace

// -- output -------------------------------------------------------------------------

// The slot of the request with this id, where it is at that stage.
slot* http1_protocol::find(std::uint64_t id, slot::stage at) noexcept {
  if (work_ == nullptr)
    return nullptr;
  slot* const found = work_->slots.at(id - (requests_ - work_->slots.size() + 1));
  return found != nullptr && found->at == at ? found : nullptr;
}

void http1_protocol::note_output(const slot& of) {
  if (!decoding_ && &of == &work_->slots.front())
    connection_.on_progress();
}

// The whole response of a request that waits for one.
void http1_protocol::put(slot& into, response answer) noexcept {
  work_->ready_octets += answer.content().size();
  into.response = std::move(answer);
  into.at = slot::stage::whole;
}

// The first slot is done with.
void http1_protocol::pop() {
  work_->ready_octets -= work_->slots.front().response.content().size();
  work_->slots.pop();
}

void http1_protocol::respond(std::uint64_t id, response answer) {
  slot* const answered = find(id, slot::stage::waiting);
  // None when the answer comes after its deadline, or comes twice.
  if (answered == nullptr)
    return;
  put(*answered, std::move(answer));
  answered->by = nullptr;
  note_output(*answered);
}

void http1_protocol::watch(std::uint64_t id, answering* by) noexcept {
  if (slot* const watched = find(id, slot::stage::waiting))
    watched->by = by;
}

void http1_protocol::limit_time(std::uint64_t id, std::chrono::milliseconds patience) noexcept {
  slot* const limited = find(id, slot::stage::waiting);
  if (limited == nullptr)
    return;
  work_->times_differ = true;
  if (work_->stream == nullptr || limited != &work_->slots.back()) {
    limited->due = after(patience);
    return;
  }
  work_->patience = patience;
  set_handler_due();
}

// -- responses in pieces --------------------------------------------------------------

void http1_protocol::begin_response(std::uint64_t id, response head, bool has_length,
                                    answering& by) {
  slot* const answered = find(id, slot::stage::waiting);
  if (answered == nullptr)
    return;
  put(*answered, std::move(head));
  answered->at = slot::stage::streaming;
  answered->has_length = has_length;
  answered->by = &by;
  note_output(*answered);
}

http1_protocol::outlook http1_protocol::write(std::uint64_t id, std::string_view octets) {
  slot* const answered = find(id, slot::stage::streaming);
  if (answered == nullptr || answered->is_head)
    return outlook::gone;
  auto& content = answered->response.data().content;
  if (!octets.empty()) {
    content += octets;
    work_->ready_octets += octets.size();
    note_output(*answered);
  }
  answered->is_full = content.size() >= waiting_content_bytes;
  return answered->is_full ? outlook::full : outlook::room;
}

void http1_protocol::end_response(std::uint64_t id) {
  if (slot* const answered = find(id, slot::stage::streaming)) {
    answered->at = slot::stage::ended;
    answered->by = nullptr;
    note_output(*answered);
  }
}

void http1_protocol::cut_response(std::uint64_t id, response instead) {
  if (slot* const answered = find(id, slot::stage::streaming)) {
    cut(*answered, std::move(instead));
    answered->by = nullptr;
    note_output(*answered);
  }
}

void http1_protocol::cut(slot& late, response instead) {
  if (late.has_begun) {
    late.at = slot::stage::cut;
  } else {
    work_->ready_octets -= late.response.content().size();
    put(late, std::move(instead));
  }
}

// -- the end before its time ----------------------------------------------------------

void http1_protocol::cancel_unanswered() noexcept {
  if (work_ == nullptr)
    return;
  auto& slots = work_->slots;
  needs_reset_ = needs_reset();
  for (; !slots.empty(); slots.pop())
    cancel(slots.front(), client_gone);
  work_->ready_octets = 0;
}

// The end of the connection is the end of such content; only a reset tells that it came too early.
bool http1_protocol::needs_reset() const noexcept {
  if (needs_reset_ || !has_unanswered())
    return needs_reset_;
  const slot& next = work_->slots.front();
  return next.has_begun && !next.is_chunked && !next.has_length && next.at != slot::stage::ended;
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
  if (work_->discards) {
    output_done_ = true; // the request has its answer already
    return;
  }
  if (work_->stream == nullptr) {
    ++requests_;
    slot& last = slots.push({});
    put(last, to_response(why));
    last.keep_alive = false;
    last.is_head = decoder_.is_head_request();
    return;
  }
  // The handler has the head already; the refusal takes the place of its answer, or ends the
  // connection behind it.
  if (!slots.empty()) {
    slot& own = slots.back();
    if (own.at == slot::stage::waiting)
      put(own, to_response(why));
    else if (own.at == slot::stage::streaming)
      cut(own, to_response(why));
    own.keep_alive = false;
    cancel(own, why.status);
  }
  end_stream();
}

// -- encoding -------------------------------------------------------------------------

bool http1_protocol::has_ready() noexcept {
  if (output_done_ || !has_unanswered())
    return false;
  const slot& next = work_->slots.front();
  return next.at == slot::stage::whole || (next.at != slot::stage::waiting && has_piece(next));
}

// Apart from `has_ready`, which is small so that it is inlined.
[[gnu::noinline]] bool http1_protocol::has_piece(const slot& next) noexcept {
  return next.at != slot::stage::streaming || !next.has_begun || !next.response.content().empty();
}

void http1_protocol::encode(buffer& out, std::string_view date_line) {
  while (has_ready() && out.size() < write_ahead) {
    slot& next = work_->slots.front();
    if (next.at == slot::stage::whole)
      encode_whole(next, out, date_line);
    else if (!encode_pieces(next, out, date_line))
      break;
    pop();
  }
  if (work_ == nullptr)
    return;
  if (output_done_)
    cancel_unanswered();
  // The request that owes the content is the last; everything before it must have been answered.
  if (owes_continue_ && work_->slots.size() == 1 && work_->stream != nullptr
      && work_->stream->is_wanted() && work_->slots.front().at == slot::stage::waiting) {
    encode_continue(out);
    owes_continue_ = false;
  }
}

// Whether the response comes before the content is all there.
bool http1_protocol::is_early() const noexcept {
  return work_->slots.size() == 1 && work_->stream != nullptr;
}

// Whether the rest of the content may be dropped, so that the connection persists. A client that
// still waits for 100 Continue may send the content or not, so that nobody can tell what comes next
// (RFC 9110 §10.1.1).
bool http1_protocol::may_discard() const noexcept {
  return !owes_continue_ && decoder_.content_length().value_or(0) <= discarded_content_bytes;
}

void http1_protocol::discard_content() {
  work_->discards = true;
  work_->discarded = 0;
  end_stream();
}

bool http1_protocol::closes(const slot& next) const noexcept {
  // What came pipelined before the end is answered too; the last response says that it is the last.
  const bool is_drained = draining_ && work_->slots.size() == 1;
  return !next.keep_alive || is_drained || next.response.data().closes;
}

void http1_protocol::encode_whole(const slot& next, buffer& out, std::string_view date_line) {
  output_done_ = closes(next) || (is_early() && !may_discard());
  input_done_ = input_done_ || output_done_;
  http::encode(out, next.response, options_for(next, !output_done_, date_line));
  if (!output_done_ && is_early())
    discard_content();
}

encode_options http1_protocol::options_for(const slot& next, bool keep_alive,
                                           std::string_view date_line) const noexcept {
  return {.date_line = date_line,
          .server_line = settings_.server_line,
          .client_minor_version = next.minor_version,
          .keep_alive = keep_alive,
          .head_request = next.is_head};
}

// Whether that was the last of it.
bool http1_protocol::encode_pieces(slot& next, buffer& out, std::string_view date_line) {
  if (!next.has_begun)
    encode_first(next, out, date_line);
  if (!next.response.content().empty()) {
    // Behind so much, the rest waits where its writer does.
    if (out.size() >= waiting_content_bytes)
      return false;
    encode_content(next, out);
  }
  if (next.at == slot::stage::streaming && !next.is_head)
    return false;
  if (next.at == slot::stage::ended && next.is_chunked && !next.is_head)
    encode_last_chunk(out);
  needs_reset_ = needs_reset();
  output_done_ = !next.keep_alive || next.at == slot::stage::cut;
  input_done_ = input_done_ || output_done_;
  return true;
}

void http1_protocol::encode_first(slot& next, buffer& out, std::string_view date_line) {
  next.has_begun = true;
  next.is_chunked = !next.has_length && next.minor_version > 0;
  // RFC 9112 §6.3: what has neither length nor chunks is ended by the connection.
  next.keep_alive = !closes(next) && !is_early() && (next.has_length || next.is_chunked);
  // The handler may still be reading what is on its way in.
  if (!is_early())
    input_done_ = input_done_ || !next.keep_alive;
  encode_head(out, next.response, options_for(next, next.keep_alive, date_line),
              next.is_chunked ? framing::chunked : framing::given);
}

void http1_protocol::encode_content(slot& next, buffer& out) {
  auto& content = next.response.data().content;
  work_->ready_octets -= content.size();
  if (next.is_chunked)
    encode_chunk(out, content);
  else
    out.append(content);
  // A stream may wait for long behind a large piece.
  if (content.capacity() > kept_content)
    std::string{}.swap(content); // an assignment keeps the memory
  else
    content.clear();
  if (std::exchange(next.is_full, false) && next.by != nullptr)
    next.by->on_room();
}

} // namespace sake::http

#include "http1_responses.hpp"

#include "../detail/free_list.hpp"

#include <utility>

namespace sake::http {

namespace {

using state = pipelined_response::state;
using content_end = pipelined_response::content_end;

// Responses are encoded up to this many octets ahead of the peer.
constexpr std::size_t write_ahead = 256 * 1024;

// Octets of memory that a response in pieces keeps for its next content.
constexpr std::size_t kept_content = 4096;

// Slots that a queue keeps for its next connection.
constexpr std::size_t kept_responses = 64;

// The octets of content that the response itself holds. Not by a mutable reference, which would
// give a shared response data of its own.
std::size_t own_octets(const response& of) noexcept {
  return of.data().content.size();
}

// Whether all of the response is there.
bool is_complete(const pipelined_response& what) noexcept {
  return what.at != state::waiting && what.at != state::streaming;
}

} // namespace

http1_responses::queue& http1_responses::own_queue() {
  if (queue_ == nullptr)
    queue_ = detail::take_or_make<queue>();
  return *queue_;
}

bool http1_responses::rest() noexcept {
  if (queue_ == nullptr)
    return false;
  queue_->times_differ = false;
  if (queue_->all.capacity() <= kept_responses)
    detail::give_back(std::move(queue_));
  else
    queue_.reset();
  return true;
}

// -- requests -----------------------------------------------------------------------

pipelined_response& http1_responses::add() {
  pipelined_response& added = own_queue().all.push();
  ++last_id_;
  return added;
}

void http1_responses::add_refused(const refusal& why, bool is_head) {
  pipelined_response& last = add();
  if (access_ != nullptr)
    access_->on_refused(last_id_, protocol_name(last.minor_version));
  put(last, to_response(why));
  last.keep_alive = false;
  last.is_head = is_head;
}

void http1_responses::refuse_last(const refusal& why) {
  if (empty())
    return;
  pipelined_response& last = queue_->all.back();
  if (last.at == state::waiting)
    put(last, to_response(why));
  else if (last.at == state::streaming)
    cut(last, to_response(why));
  last.keep_alive = false;
  cancel(last, why.status);
}

// The response to the request with this id, if it is in state `at`; else null.
pipelined_response* http1_responses::find(std::uint64_t id, state at) noexcept {
  if (queue_ == nullptr)
    return nullptr;
  pipelined_response* const found = queue_->all.at(id - (last_id_ - queue_->all.size() + 1));
  return found != nullptr && found->at == at ? found : nullptr;
}

// -- responses ------------------------------------------------------------------------

// Sets the whole response of a waiting request.
[[gnu::always_inline]] inline void http1_responses::put(pipelined_response& into,
                                                        response&& answer) noexcept {
  queue_->ready_octets += own_octets(answer);
  into.response = std::move(answer);
  into.at = state::whole;
}

bool http1_responses::respond(std::uint64_t id, response&& answer) {
  pipelined_response* const answered = find(id, state::waiting);
  // Null if the response comes after its deadline, or twice.
  if (answered == nullptr)
    return false;
  note_answer(id);
  put(*answered, std::move(answer));
  answered->by = nullptr;
  return true;
}

void http1_responses::observe(std::uint64_t id, response_observer* by) noexcept {
  if (pipelined_response* const watched = find(id, state::waiting))
    watched->by = by;
}

bool http1_responses::begin(std::uint64_t id, response head, bool has_length,
                            response_observer& by) {
  pipelined_response* const answered = find(id, state::waiting);
  if (answered == nullptr)
    return false;
  note_answer(id);
  if (std::as_const(head).data().uncopied != nullptr)
    head.data().new_content(); // content comes in pieces
  put(*answered, std::move(head));
  answered->at = state::streaming;
  answered->ends = has_length ? content_end::length : content_end::unknown;
  answered->by = &by;
  return true;
}

bool http1_responses::respond_as_tunnel(std::uint64_t id, response&& answer) {
  if (std::as_const(answer).data().uncopied != nullptr)
    answer.data().new_content();
  if (!respond(id, std::move(answer)))
    return false;
  queue_->all.back().at = state::ended;
  queue_->all.back().ends = content_end::tunnel;
  return true;
}

bool http1_responses::begin_tunnel(std::uint64_t id, response head, response_observer& by) {
  if (empty() || queue_->all.back().is_head || !begin(id, std::move(head), false, by))
    return false;
  queue_->all.back().ends = content_end::tunnel;
  return true;
}

write_result http1_responses::write(std::uint64_t id, std::string_view octets) {
  pipelined_response* const answered = find(id, state::streaming);
  if (answered == nullptr || answered->is_head)
    return write_result::closed;
  auto& content = answered->response.data().content;
  if (!octets.empty()) {
    content += octets;
    queue_->ready_octets += octets.size();
  }
  answered->is_full = content.size() >= waiting_content_bytes;
  return answered->is_full ? write_result::would_block : write_result::ok;
}

bool http1_responses::end(std::uint64_t id) {
  pipelined_response* const answered = find(id, state::streaming);
  if (answered == nullptr)
    return false;
  answered->at = state::ended;
  answered->by = nullptr;
  return true;
}

bool http1_responses::cut(std::uint64_t id, response instead) {
  pipelined_response* const answered = find(id, state::streaming);
  if (answered == nullptr)
    return false;
  note_answer(id);
  cut(*answered, std::move(instead));
  answered->by = nullptr;
  return true;
}

void http1_responses::cut(pipelined_response& late, response instead) {
  if (late.has_begun) {
    late.at = state::cut;
  } else {
    queue_->ready_octets -= own_octets(late.response);
    // Octets behind a tunnel that has not begun belong to no request.
    late.keep_alive = late.keep_alive && late.ends != content_end::tunnel;
    put(late, std::move(instead));
  }
}

// -- deadlines ------------------------------------------------------------------------

// The response that is due first; null if none is awaited.
pipelined_response* http1_responses::next_due() const noexcept {
  if (queue_ == nullptr)
    return nullptr;
  return queue_->times_differ ? queue_->all.earliest_waiting() : queue_->all.first_waiting();
}

time_point http1_responses::due() const noexcept {
  const pipelined_response* const waiting = next_due();
  return waiting != nullptr ? waiting->due : time_point::max();
}

bool http1_responses::limit_time(std::uint64_t id, time_point due) noexcept {
  pipelined_response* const limited = find(id, state::waiting);
  if (limited == nullptr)
    return false;
  queue_->times_differ = true;
  limited->due = due;
  return true;
}

http1_responses::expiry http1_responses::expire(time_point now) {
  pipelined_response* const waiting = next_due();
  if (waiting == nullptr || waiting->due > now)
    return expiry::none;
  // The observer may answer 504 itself, with the fields that middleware adds to every response.
  if (waiting->by != nullptr) {
    cancel(*waiting, 504);
    return expiry::cancelled;
  }
  put(*waiting, response::text(504, "Gateway Timeout\n"));
  return expiry::answered;
}

// -- for observers ---------------------------------------------------------------------

// Notes that the output since the last call belongs to the first response.
[[gnu::cold]] void http1_responses::note_output(std::size_t ahead, bool is_through) const noexcept {
  const pipelined_response& first = queue_->all.front();
  const auto id = last_id_ - queue_->all.size() + 1;
  access_->on_encoded(id, first.response.status(), ahead);
  if (is_through)
    access_->on_end(id, first.at == state::cut ? access_outcome::cut_off : access_outcome::sent);
}

// -- the end before its time ----------------------------------------------------------

void http1_responses::cancel(pipelined_response& late, int status) noexcept {
  if (auto* const by = std::exchange(late.by, nullptr))
    by->cancel(status);
}

void http1_responses::cancel_all() noexcept {
  if (queue_ == nullptr)
    return;
  needs_reset_ = needs_reset();
  for (; !queue_->all.empty(); queue_->all.pop())
    cancel(queue_->all.front(), client_gone);
  queue_->ready_octets = 0;
}

void http1_responses::cancel_last() noexcept {
  if (!empty() && !is_complete(queue_->all.back()))
    remove_last();
}

void http1_responses::cancel_waiting() noexcept {
  const std::size_t complete = complete_count();
  while (size() > complete)
    remove_last();
}

bool http1_responses::all_complete() const noexcept {
  return complete_count() == size();
}

// How many responses are complete before the first that is not.
std::size_t http1_responses::complete_count() const noexcept {
  std::size_t count = 0;
  while (count < size() && is_complete(*queue_->all.at(count)))
    ++count;
  return count;
}

// Its id is free again, but no request follows.
void http1_responses::remove_last() noexcept {
  needs_reset_ = needs_reset();
  pipelined_response& last = queue_->all.back();
  cancel(last, client_gone);
  if (last.at != state::waiting)
    queue_->ready_octets -= own_octets(last.response);
  queue_->all.pop_back();
  --last_id_;
}

// Content without length or chunks ends with the connection; only a reset shows that it ended too
// early.
bool http1_responses::needs_reset() const noexcept {
  if (needs_reset_ || empty())
    return needs_reset_;
  const pipelined_response& next = queue_->all.front();
  return next.has_begun && next.at != state::ended
         && (next.ends == content_end::close || next.ends == content_end::tunnel);
}

// -- encoding -------------------------------------------------------------------------

// Removes the first response.
void http1_responses::pop() {
  queue_->ready_octets -= own_octets(queue_->all.front().response);
  queue_->all.pop();
}

bool http1_responses::has_ready() const noexcept {
  if (is_done_ || empty())
    return false;
  const pipelined_response& next = queue_->all.front();
  return next.at == state::whole || (next.at != state::waiting && has_piece(next));
}

// Separate from `has_ready`, to keep that small enough to be inlined.
[[gnu::noinline]] bool http1_responses::has_piece(const pipelined_response& next) noexcept {
  return next.at != state::streaming || !next.has_begun || !next.response.content().empty();
}

bool http1_responses::encode(output& out, std::string_view date_line, missing_content missing) {
  while (has_ready()) {
    if (out.size() >= write_ahead)
      return true;
    pipelined_response& next = queue_->all.front();
    const auto rest = queue_->all.size() == 1 ? missing : missing_content::none;
    if (next.at == state::whole) {
      encode_whole(next, out, date_line, rest);
    } else if (!encode_pieces(next, out, date_line, rest)) {
      if (access_ != nullptr)
        note_output(out.size(), false);
      return has_ready();
    }
    if (access_ != nullptr) [[unlikely]]
      note_output(out.size(), true);
    pop();
  }
  if (is_done_)
    cancel_all();
  return false;
}

bool http1_responses::closes(const pipelined_response& next) const noexcept {
  // Requests pipelined before the drain are answered too; the last response closes.
  const bool is_drained = is_draining_ && queue_->all.size() == 1;
  return !next.keep_alive || is_drained || next.response.data().closes;
}

encode_options http1_responses::options_for(const pipelined_response& next, bool keep_alive,
                                            std::string_view date_line) const noexcept {
  return {.date_line = date_line,
          .server_line = settings_.server_line,
          .client_minor_version = next.minor_version,
          .keep_alive = keep_alive,
          .head_request = next.is_head};
}

void http1_responses::encode_whole(const pipelined_response& next, output& out,
                                   std::string_view date_line, missing_content missing) {
  if (closes(next) || missing == missing_content::closing)
    finish();
  http::encode(out, next.response, options_for(next, !is_done_, date_line));
}

// Returns whether the response is done.
bool http1_responses::encode_pieces(pipelined_response& next, output& out,
                                    std::string_view date_line, missing_content missing) {
  if (!next.has_begun)
    encode_first(next, out, date_line, missing);
  if (!next.response.content().empty()) {
    // With this much output ahead, the content stays in the response, and its writer waits.
    if (out.size() >= waiting_content_bytes)
      return false;
    encode_content(next, out);
  }
  if (next.at == state::streaming && !next.is_head)
    return false;
  if (next.at == state::ended && next.ends == content_end::last_chunk && !next.is_head)
    encode_last_chunk(out.octets());
  needs_reset_ = needs_reset();
  if (!next.keep_alive || next.at == state::cut)
    finish();
  return true;
}

void http1_responses::encode_first(pipelined_response& next, output& out,
                                   std::string_view date_line, missing_content missing) {
  next.has_begun = true;
  if (next.ends == content_end::tunnel) {
    auto options = options_for(next, true, date_line);
    options.client_minor_version = 1; // no Connection field of ours beside that of the tunnel
    encode_head(out.octets(), next.response, options, framing::given);
    next.keep_alive = false;
    return;
  }
  const bool is_early = missing != missing_content::none;
  if (next.ends == content_end::unknown)
    next.ends = next.minor_version > 0 ? content_end::last_chunk : content_end::close;
  // RFC 9112 §6.3: content with neither length nor chunks ends with the connection.
  next.keep_alive = !closes(next) && !is_early && next.ends != content_end::close;
  // The handler may still be reading content that arrives.
  if (!is_early)
    is_closing_ = is_closing_ || !next.keep_alive;
  encode_head(out.octets(), next.response, options_for(next, next.keep_alive, date_line),
              next.ends == content_end::last_chunk ? framing::chunked : framing::given);
}

void http1_responses::encode_content(pipelined_response& next, output& out) {
  auto& content = next.response.data().content;
  queue_->ready_octets -= content.size();
  if (next.ends == content_end::last_chunk)
    encode_chunk(out.octets(), content);
  else
    out.append(content);
  // A stream may pause for long after a large piece.
  if (content.capacity() > kept_content)
    std::string{}.swap(content); // an assignment keeps the memory
  else
    content.clear();
  if (std::exchange(next.is_full, false) && next.by != nullptr)
    next.by->on_room();
}

} // namespace sake::http

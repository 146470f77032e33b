#include <sake/actors/connection.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/reject.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/messages.hpp>
#include <sake/http/encoder.hpp>

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace sake::actors {

namespace {

using namespace std::chrono_literals;

// Octets that are read at a time behind an incomplete head or piece of content.
constexpr std::size_t read_ahead = 16 * 1024;

// Responses are encoded up to this many octets ahead of the write.
constexpr std::size_t write_ahead = 256 * 1024;

// Memory that an idle working set keeps for the next connection.
constexpr std::size_t kept_octets = 32 * 1024;

// How long a closing connection reads on, so that the peer gets our last response before it learns
// that nobody reads (RFC 9112 §9.6): while it goes on sending, and at all.
constexpr auto linger_pause = 2s;
constexpr auto linger_time = 10s;

time_point after(time_point now, std::chrono::milliseconds bound) {
  return bound.count() > 0 ? now + bound : time_point::max();
}

} // namespace

/// What a connection needs only while it has something to do.
struct connection::working_set {
  /// Received and not yet consumed.
  http::buffer input;
  /// Encoded and not yet taken by the transport.
  http::buffer unsent;
  /// What was in transit when the write deadline was set.
  std::size_t in_transit = 0;
  slot_queue slots;
  /// The request whose content is being received.
  http::request incoming{nullptr};
  std::shared_ptr<http::content_stream> stream;
  bool has_incoming = false;
  working_set* next_free = nullptr;
};

connection::connection(caf::actor_config& cfg, actors::reactor& home, shard& own,
                       std::unique_ptr<transport> carrier, http::peer peer)
    : reactor_actor(cfg, home),
      shard_(own),
      transport_(std::move(carrier)),
      decoder_(own.settings().limits, &own.memo()),
      peer_(peer) {
  transport_->attach(*this);
}

connection::~connection() = default;

connection::working_set& connection::work() {
  if (work_ == nullptr) {
    auto* kept = http::detail::free_list<working_set>::take();
    work_.reset(kept != nullptr ? kept : new working_set);
  }
  return *work_;
}

// -- life -------------------------------------------------------------------------

void connection::start() {
  self_ = caf::strong_actor_ptr{ctrl()};
  shard_.add(*this);
  // The first request is due as if its first octet had come with the connection.
  receive_due_ = after(home().now(), shard_.settings().deadlines.head);
  wait_readable();
  set_deadline();
}

void connection::turn_away() {
  self_ = caf::strong_actor_ptr{ctrl()};
  shard_.add(*this);
  refuse(http::refusals::too_many_connections);
  flush();
}

void connection::drain() {
  if (is_idle() && !decoding_)
    close();
}

bool connection::is_idle() const noexcept {
  return decoder_.between_requests()
         && (work_ == nullptr
             || (work_->slots.empty() && work_->unsent.empty() && work_->input.empty()));
}

void connection::close() {
  if (std::exchange(closed_, true))
    return;
  home().disarm(*this);
  home().forget(*this);
  transport_->close();
  if (work_ != nullptr) {
    if (const auto stream = std::exchange(work_->stream, {}))
      stream->finish(http::content_stream::state::failed);
    work_.reset();
  }
  shard_.remove(*this);
  cleanup(caf::exit_reason::normal, &home());
  // We may be in the midst of something.
  home().release_later(std::move(self_));
}

void connection::wait_readable() {
  if (!std::exchange(waits_readable_, true))
    transport_->wait_readable();
}

void connection::wait_writable() {
  if (!std::exchange(waits_writable_, true))
    transport_->wait_writable();
}

// What to do next, after anything has happened.
void connection::go_on() {
  if (closed_)
    return;
  if (output_done_ || (peer_done_ && (work_ == nullptr || work_->slots.empty()))) {
    if (work_ == nullptr || work_->unsent.empty())
      finish();
    else
      set_deadline();
    return;
  }
  if (accepts_input() && !peer_done_)
    wait_readable();
  if (work_ != nullptr && is_idle()) {
    if (shard_.is_draining()) {
      close();
      return;
    }
    put_work_away();
    receiving_ = receiving::nothing;
    receive_due_ = after(home().now(), shard_.settings().deadlines.idle);
    arm(receive_due_);
  } else {
    set_deadline();
  }
}

void connection::put_work_away() {
  auto& own = *work_;
  if (own.input.capacity() + own.unsent.capacity() <= kept_octets
      && http::detail::free_list<working_set>::give(&own))
    (void)work_.release();
  else
    work_.reset();
}

// Everything has been sent.
void connection::finish() {
  const bool has_unread =
      refused_ || (work_ != nullptr && (!work_->input.empty() || work_->has_incoming));
  if (has_unread && !peer_done_)
    linger();
  else
    close();
}

void connection::linger() {
  if (std::exchange(lingers_, true))
    return;
  transport_->shutdown_send();
  work().input.clear();
  content_base_ = home().now() + linger_time;
  receive_due_ = home().now() + linger_pause;
  wait_readable();
  set_deadline();
}

// -- messages ---------------------------------------------------------------------

void connection::receive(caf::mailbox_element_ptr message) {
  if (!message->mid.is_response()) {
    detail::reject(*message);
  } else if (auto* const response = detail::value_of<http::response>(*message)) {
    respond(message->mid, std::move(*response));
  } else {
    auto* const error = detail::value_of<caf::error>(*message);
    log(log_level::error,
        "handler actor failed: "
            + (error != nullptr ? home().system().render(*error) : "the answer is no response")
            + "; peer=" + peer_.to_string() + " status=500");
    respond(message->mid, http::response::text(500, "Internal Server Error\n"));
  }
}

void connection::respond(caf::message_id id, http::response response) {
  if (work_ == nullptr)
    return;
  auto& slots = work_->slots;
  slot* const answered = slots.at(id.request_id().integer_value() - (requests_ - slots.size() + 1));
  // None when the answer comes after its deadline, or comes twice.
  if (answered == nullptr || answered->is_ready)
    return;
  answered->response = std::move(response);
  answered->is_ready = true;
  if (!decoding_ && answered == &slots.front())
    home().flush_later(*this);
}

// -- input --------------------------------------------------------------------------

void connection::on_readable() {
  waits_readable_ = false;
  const reactor::turn now{home()};
  if (!closed_)
    read();
}

// In place from the reactor's buffer where possible: only an incomplete rest is copied.
void connection::read() {
  const bool has_rest = work_ != nullptr && !work_->input.empty();
  const std::size_t room = has_rest ? read_ahead : reactor::input_bytes;
  char* const to = has_rest ? work_->input.prepare(room) : home().input();
  const auto got = transport_->read(to, room);
  switch (got.what) {
    case io_result::outcome::would_block:
      wait_readable();
      return;
    case io_result::outcome::closed:
      peer_finished();
      return;
    case io_result::outcome::failed:
      close();
      return;
    case io_result::outcome::done:
      break;
  }
  if (lingers_) {
    receive_due_ = std::min(home().now() + linger_pause, content_base_);
    wait_readable();
    return;
  }
  if (has_rest) {
    work_->input.commit(got.octets);
    decode_received();
  } else {
    const auto rest = decode({to, got.octets});
    if (!closed_ && !rest.empty())
      work().input.append(rest);
  }
  flush();
}

// Consumes what waits in the working set.
void connection::decode_received() {
  const std::size_t before = work_->input.size();
  const auto rest = decode(work_->input.view());
  if (!closed_)
    work_->input.consume(before - rest.size());
}

// Returns what was not consumed: an incomplete rest, or what has to wait.
std::string_view connection::decode(std::string_view input) {
  decoding_ = true;
  while (!input.empty() && accepts_input()) {
    const auto step = decoder_.next(input);
    input.remove_prefix(step.consumed);
    switch (step.what) {
      case http::decoder::event::need_more:
        decoding_ = false;
        note_progress();
        return input;
      case http::decoder::event::head:
        begin_request(decoder_.take_request(), step.is_last);
        break;
      case http::decoder::event::content:
        add_content(step.content, step.is_last);
        break;
      case http::decoder::event::refused:
        refuse(decoder_.why());
        break;
    }
    if (closed_)
      break;
    if (work_->slots.size() >= shard_.settings().limits.pipelined_requests)
      flush_batch();
  }
  decoding_ = false;
  return input;
}

// A head that is not complete has its deadline from its first octet on.
void connection::note_progress() {
  if (receiving_ == receiving::nothing && !decoder_.between_requests()) {
    receiving_ = receiving::head;
    if (requests_ > 0)
      receive_due_ = after(home().now(), shard_.settings().deadlines.head);
  }
}

bool connection::accepts_input() const noexcept {
  if (lingers_)
    return true;
  if (input_done_ || closed_)
    return false;
  if (work_ == nullptr)
    return true;
  if (!work_->unsent.empty())
    return false;
  // The bound is on requests: the content of the last one comes in whatever waits before it.
  return work_->stream != nullptr
             ? work_->stream->room() > 0
             : work_->slots.size() < shard_.settings().limits.pipelined_requests;
}

void connection::begin_request(http::request request, bool is_complete) {
  auto& data = request.data();
  data.peer = peer_;
  if (is_complete) {
    receiving_ = receiving::nothing;
    dispatch(std::move(request));
    return;
  }
  receiving_ = receiving::content;
  content_received_ = 0;
  content_base_ = receive_due_ = after(home().now(), shard_.settings().deadlines.content);
  owes_continue_ = data.expects_continue;
  auto& own = work();
  own.incoming = std::move(request);
  own.has_incoming = true;
  const auto length = decoder_.content_length();
  if (length && *length > shard_.settings().limits.buffered_content_bytes)
    begin_stream();
}

void connection::add_content(std::string_view octets, bool is_last) {
  owes_continue_ = false;
  content_received_ += octets.size();
  if (const auto rate = shard_.settings().deadlines.content_bytes_per_second;
      rate > 0 && content_base_ != time_point::max())
    receive_due_ = content_base_ + std::chrono::seconds{content_received_ / rate};
  if (work_->stream == nullptr) {
    auto& content = work_->incoming.data().content;
    content.append(octets);
    if (content.size() > shard_.settings().limits.buffered_content_bytes)
      begin_stream();
  } else if (!octets.empty()) {
    content_arrived_ = home().now();
    work_->stream->push(octets);
  }
  if (!is_last || closed_)
    return;
  receiving_ = receiving::nothing;
  work_->has_incoming = false;
  if (const auto stream = std::exchange(work_->stream, {})) {
    if (auto& slots = work_->slots; !slots.empty()) {
      slots.back().due = after(home().now(), shard_.settings().deadlines.request);
      input_done_ = !slots.back().keep_alive;
    }
    stream->finish(http::content_stream::state::complete);
  } else {
    dispatch(std::exchange(work_->incoming, http::request{nullptr}));
  }
}

// Larger content goes to the handler as it arrives.
void connection::begin_stream() {
  auto request = std::exchange(work_->incoming, http::request{nullptr});
  auto stream =
      std::make_shared<http::content_stream>(shard_.settings().limits.buffered_content_bytes);
  stream->on_room([this] { resume_content(); });
  content_arrived_ = home().now();
  stream->push(std::exchange(request.data().content, {}));
  request.data().stream = stream;
  work_->stream = std::move(stream);
  dispatch(std::move(request));
  if (work_ != nullptr && !work_->slots.empty())
    work_->slots.back().due = time_point::max(); // from the end of the content on
}

// The time in which nobody took its content is not the client's.
void connection::resume_content() {
  if (content_base_ != time_point::max()) {
    const auto stalled = home().now() - content_arrived_;
    content_base_ += stalled;
    receive_due_ += stalled;
  }
  home().flush_later(*this);
}

void connection::dispatch(http::request request) {
  const auto& config = shard_.settings();
  const auto most = config.max_requests_per_connection;
  slot added;
  added.due = after(home().now(), config.deadlines.request);
  added.is_head = request.method() == http::method::head;
  added.minor_version = static_cast<std::uint8_t>(request.minor_version());
  added.keep_alive =
      request.keep_alive() && config.keep_alive && (most == 0 || requests_ + 1 < most);
  if (!added.keep_alive && receiving_ == receiving::nothing)
    input_done_ = true;
  work().slots.push(std::move(added));
  shard_.router()->get()->enqueue(
      detail::element<http::request>::make(caf::strong_actor_ptr{ctrl()},
                                           caf::make_message_id(++requests_), std::move(request)),
      &home());
}

// The last thing that a peer hears from us. Requests before it are still answered.
void connection::refuse(const http::refusal& why) {
  log(log_level::info, "refused request: " + std::string{why.reason} + "; peer=" + peer_.to_string()
                           + " status=" + std::to_string(why.status) + " closed=yes");
  refused_ = input_done_ = true;
  owes_continue_ = false;
  receiving_ = receiving::nothing;
  auto& own = work();
  slot last;
  last.response = http::response::text(why.status, std::string{why.reason} + '\n');
  if (why.status == 503)
    last.response.set_header("Retry-After", "1");
  last.is_ready = true;
  last.keep_alive = false;
  if (const auto stream = std::exchange(own.stream, {})) {
    // The handler has the head already; the refusal takes the place of its answer, or ends the
    // connection behind it.
    if (!own.slots.empty() && !own.slots.back().is_ready)
      own.slots.back() = std::move(last);
    else if (!own.slots.empty())
      own.slots.back().keep_alive = false;
    stream->finish(http::content_stream::state::failed);
  } else {
    ++requests_;
    own.slots.push(std::move(last));
  }
}

void connection::peer_finished() {
  peer_done_ = input_done_ = true;
  if (lingers_) {
    close();
    return;
  }
  receiving_ = receiving::nothing;
  if (work_ != nullptr) {
    work_->input.clear();
    if (const auto stream = std::exchange(work_->stream, {})) {
      // Half a request: nobody can answer it.
      stream->finish(http::content_stream::state::failed);
      close();
      return;
    }
  }
  go_on();
}

// -- output -------------------------------------------------------------------------

void connection::flush() {
  while (!closed_) {
    flush_batch();
    // Room in the queue, or in a stream, may let what was received go on.
    if (closed_ || work_ == nullptr || work_->input.empty() || !accepts_input())
      break;
    const std::size_t before = work_->input.size();
    decode_received();
    // A refusal consumes nothing and has to be sent as well.
    if (!closed_ && work_->input.size() == before && !refused_)
      break;
  }
  go_on();
}

// All that is ready: in one write, unless it is more than is encoded ahead.
void connection::flush_batch() {
  do {
    encode_ready();
    send();
  } while (!closed_ && !output_done_ && work_ != nullptr && work_->unsent.empty()
           && !work_->slots.empty() && work_->slots.front().is_ready);
}

void connection::encode_ready() {
  if (work_ == nullptr || output_done_)
    return;
  auto& own = *work_;
  auto& out = own.unsent.empty() ? home().output() : own.unsent;
  while (!own.slots.empty() && own.slots.front().is_ready && !output_done_
         && out.size() < write_ahead) {
    encode(own.slots.front(), out);
    own.slots.pop();
  }
  if (output_done_)
    own.slots.clear();
  // The request that owes the content is the last; everything before it must have been answered.
  const std::size_t own_slot = own.stream != nullptr ? 1 : 0;
  if (owes_continue_ && own.slots.size() == own_slot
      && (own_slot == 0 || !own.slots.front().is_ready)) {
    http::encode_continue(out);
    owes_continue_ = false;
  }
}

void connection::encode(slot& next, http::buffer& out) {
  // A response that comes before the content is all there ends the connection: nobody reads the
  // rest.
  const bool is_early = work_->stream != nullptr && work_->slots.size() == 1;
  // What came pipelined before the end is answered too; the last response says that it is the last.
  const bool is_drained = shard_.is_draining() && work_->slots.size() == 1;
  const bool closes = !next.keep_alive || is_early || is_drained || next.response.data().closes;
  http::encode(out, next.response,
               {.date_line = home().date_line(),
                .server_line = shard_.settings().server_line,
                .client_minor_version = next.minor_version,
                .keep_alive = !closes,
                .head_request = next.is_head});
  output_done_ = closes;
  input_done_ = input_done_ || closes;
}

void connection::send() {
  auto& out = home().output();
  if (out.empty()) {
    if (work_ != nullptr && !work_->unsent.empty())
      send_unsent();
    return;
  }
  const auto sent = transport_->write(out.view());
  if (sent.what == io_result::outcome::done)
    out.consume(sent.octets);
  else if (sent.what != io_result::outcome::would_block) {
    out.clear();
    close();
    return;
  }
  if (out.empty())
    return;
  work().unsent.append(out.view());
  out.clear();
  await_peer();
  wait_writable();
}

void connection::send_unsent() {
  if (waits_writable_)
    return;
  auto& unsent = work_->unsent;
  const auto sent = transport_->write(unsent.view());
  if (sent.what == io_result::outcome::done) {
    unsent.consume(sent.octets);
    await_peer();
  } else if (sent.what != io_result::outcome::would_block) {
    close();
    return;
  }
  if (!unsent.empty())
    wait_writable();
}

// From now on the peer has to take something in time.
void connection::await_peer() {
  work_->in_transit = transport_->in_transit();
  write_due_ = after(home().now(), shard_.settings().deadlines.write);
}

void connection::on_writable() {
  waits_writable_ = false;
  const reactor::turn now{home()};
  if (!closed_)
    flush();
}

// -- deadlines ------------------------------------------------------------------------

time_point connection::due() noexcept {
  if (lingers_)
    return receive_due_;
  time_point first = time_point::max();
  if (work_ != nullptr) {
    if (!work_->unsent.empty())
      first = write_due_;
    if (const slot* waiting = work_->slots.first_waiting())
      first = std::min(first, waiting->due);
  }
  const bool between = work_ == nullptr || (work_->slots.empty() && work_->unsent.empty());
  if (accepts_input() && (receiving_ != receiving::nothing || between))
    first = std::min(first, receive_due_);
  return first;
}

// The wheel is asked only when a deadline comes closer, which it hardly ever does: most move away
// with every request, and `expired` looks again.
void connection::set_deadline() {
  arm(due());
}

void connection::arm(time_point when) {
  if (when >= armed_for_)
    return;
  armed_for_ = when;
  home().arm(*this, when);
}

void connection::expired(time_point now) {
  armed_for_ = time_point::max();
  if (due() > now) {
    set_deadline();
    return;
  }
  if (lingers_) {
    close();
    return;
  }
  if (work_ != nullptr && !work_->unsent.empty() && write_due_ <= now) {
    // A transport may hold much, and says that it has room only once a good part of it is gone.
    if (transport_->in_transit() < work_->in_transit) {
      await_peer();
      set_deadline();
      return;
    }
    log(log_level::info, "reset connection: the peer does not read; peer=" + peer_.to_string());
    transport_->reset();
    close();
    return;
  }
  if (slot* waiting = work_ != nullptr ? work_->slots.first_waiting() : nullptr;
      waiting != nullptr && waiting->due <= now) {
    log(log_level::warning, "request deadline passed; peer=" + peer_.to_string() + " status=504");
    waiting->response = http::response::text(504, "Gateway Timeout\n");
    waiting->is_ready = true;
    home().flush_later(*this);
  } else if (receiving_ == receiving::head) {
    refuse(http::refusals::late_head);
    home().flush_later(*this);
  } else if (receiving_ == receiving::content) {
    refuse(http::refusals::late_content);
    home().flush_later(*this);
  } else {
    close();
    return;
  }
  set_deadline();
}

} // namespace sake::actors

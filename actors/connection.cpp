#include <sake/actors/connection.hpp>

#include <sake/actors/detail/element.hpp>
#include <sake/actors/detail/reject.hpp>
#include <sake/actors/log.hpp>
#include <sake/actors/messages.hpp>
#include <sake/http/detail/free_list.hpp>

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <typeinfo>
#include <utility>

namespace sake::actors {

namespace {

using namespace std::chrono_literals;

using request_message = detail::element<http::request>;

// Octets that are read at a time behind an incomplete head or piece of content.
constexpr std::size_t read_ahead = 16 * 1024;

// Memory that idle buffers keep for the next connection.
constexpr std::size_t kept_octets = 32 * 1024;

// How long a closing connection reads on, so that the peer gets our last response before it learns
// that nobody reads (RFC 9112 §9.6): while it goes on sending, and at all.
constexpr auto linger_pause = 2s;
constexpr auto linger_time = 10s;

} // namespace

/// What could not be decoded or sent at once.
struct connection::buffers {
  http::buffer received;
  http::buffer unsent;
  /// When the write deadline was set: what was in transit; and what was written since.
  std::size_t in_transit = 0;
  std::size_t written = 0;
  buffers* next_free = nullptr;
};

connection::connection(caf::actor_config& cfg, actors::reactor& home, shard& own,
                       std::unique_ptr<transport> carrier, http::peer peer)
    : reactor_actor(cfg, home),
      shard_(own),
      transport_(std::move(carrier)),
      protocol_(*this, own.settings(), own.memo()),
      peer_(peer) {
  transport_->attach(*this);
}

connection::~connection() = default;

bool connection::has_received() const noexcept {
  return buffers_ != nullptr && !buffers_->received.empty();
}

bool connection::has_unsent() const noexcept {
  return buffers_ != nullptr && !buffers_->unsent.empty();
}

connection::buffers& connection::own_buffers() {
  if (buffers_ == nullptr) {
    auto* kept = http::detail::free_list<buffers>::take();
    buffers_.reset(kept != nullptr ? kept : new buffers);
  }
  return *buffers_;
}

void connection::put_buffers_away() {
  if (buffers_ == nullptr || has_received() || has_unsent())
    return;
  if (buffers_->received.capacity() + buffers_->unsent.capacity() <= kept_octets
      && http::detail::free_list<buffers>::give(buffers_.get()))
    (void)buffers_.release();
  else
    buffers_.reset();
}

// -- life -------------------------------------------------------------------------

void connection::start() {
  self_ = caf::strong_actor_ptr{ctrl()};
  shard_.add(*this);
  protocol_.start();
  wait_readable();
  set_deadline();
}

void connection::turn_away() {
  self_ = caf::strong_actor_ptr{ctrl()};
  shard_.add(*this);
  protocol_.refuse(http::refusals::too_many_connections);
  flush();
}

void connection::drain() {
  protocol_.drain();
  // What the client has sent already, unless it was told of the end, is answered still.
  if (is_at_rest() && !lingers_)
    read();
  if (closed_)
    return;
  if (is_at_rest() && !protocol_.is_fresh())
    close();
  else
    set_deadline();
}

bool connection::is_at_rest() const noexcept {
  return protocol_.is_idle() && !has_received() && !has_unsent();
}

void connection::close() {
  if (std::exchange(closed_, true))
    return;
  home().disarm(*this);
  home().forget(*this);
  if (protocol_.needs_reset())
    transport_->reset();
  else
    transport_->close();
  protocol_.abandon();
  buffers_.reset();
  spare_.reset();
  shard_.remove(*this);
  cleanup(caf::exit_reason::normal, &home());
  // We may be in the midst of something.
  home().release_later(std::move(self_));
}

void connection::fail() noexcept {
  failed_ = true;
  on_progress();
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
  if (protocol_.is_over() || (peer_done_ && !protocol_.has_unanswered())) {
    if (has_unsent())
      set_deadline();
    else
      finish();
    return;
  }
  if (!peer_done_ && accepts_input())
    wait_readable();
  else if (!peer_done_) {
    look_at_peer();
    if (closed_)
      return;
  }
  put_buffers_away();
  if (buffers_ == nullptr && protocol_.is_idle()) {
    if (protocol_.is_draining() && !protocol_.is_fresh()) {
      close();
      return;
    }
    if (!protocol_.is_fresh())
      protocol_.rest();
  }
  set_deadline();
}

// Everything has been sent.
void connection::finish() {
  if (!protocol_.needs_reset() && !peer_done_
      && (has_received() || protocol_.leaves_input_unread()))
    linger();
  else
    close();
}

void connection::linger() {
  if (std::exchange(lingers_, true))
    return;
  transport_->shutdown_send();
  buffers_.reset();
  linger_end_ = now() + linger_time;
  linger_due_ = now() + linger_pause;
  wait_readable();
  set_deadline();
}

// -- what fails ---------------------------------------------------------------------

template <class Function>
void connection::guard(Function function) noexcept {
  try {
    function();
  } catch (const std::exception& error) {
    give_up(error.what());
  } catch (...) {
    give_up("an exception of unknown type");
  }
}

void connection::give_up(const char* why) noexcept {
  // What of it is ours must not go to another connection.
  home().output().clear();
  try {
    log_event(log_level::error, "closed connection",
              {{"error", why}, {"peer", peer_.to_string()}, {"closed", true}});
  } catch (...) {
    // There is no memory for the line either.
  }
  close();
}

// -- messages ---------------------------------------------------------------------

void connection::receive(caf::mailbox_element_ptr& message) {
  guard([&] { take_message(std::move(message)); });
}

void connection::take_message(caf::mailbox_element_ptr message) {
  if (!message->mid.is_response()) {
    detail::reject(*message);
  } else if (auto* const response = detail::value_of<http::response>(*message)) {
    respond(message->mid, std::move(*response));
  } else {
    auto* const error = detail::value_of<caf::error>(*message);
    log_event(log_level::error, "handler actor failed",
        {{"error", error != nullptr ? home().system().render(*error) : "the answer is no response"},
         {"peer", peer_.to_string()},
         {"status", 500}});
    respond(message->mid, http::response::text(500, "Internal Server Error\n"));
  }
}

void connection::respond(caf::message_id id, http::response response) {
  protocol_.respond(id.request_id().integer_value(), std::move(response));
}

void connection::watch(caf::message_id id, http::answering* by) noexcept {
  protocol_.watch(id.request_id().integer_value(), by);
}

void connection::limit_time(caf::message_id id, std::chrono::milliseconds patience) noexcept {
  protocol_.limit_time(id.request_id().integer_value(), patience);
  set_deadline();
}

void connection::begin_response(caf::message_id id, http::response head, bool has_length,
                                http::answering& by) {
  protocol_.begin_response(id.request_id().integer_value(), std::move(head), has_length, by);
}

http::http1_protocol::outlook connection::write(caf::message_id id, std::string_view octets) {
  return protocol_.write(id.request_id().integer_value(), octets);
}

void connection::end_response(caf::message_id id) {
  protocol_.end_response(id.request_id().integer_value());
}

void connection::cut_response(caf::message_id id, http::response instead) {
  protocol_.cut_response(id.request_id().integer_value(), std::move(instead));
}

http::content_rules connection::rules_for(http::request& message) {
  return shard_.routes().content_rules(message.data(), shard_.settings().limits.content_bytes);
}

void connection::on_request(std::uint64_t id, http::request message) {
  ++begun_;
  try {
    dispatch(id, std::move(message));
  } catch (const std::exception& error) {
    // As a rule there was no memory for it.
    log_event(log_level::error, "request was not begun",
              {{"error", error.what()}, {"peer", peer_.to_string()}, {"status", 503}});
    protocol_.respond(id, http::to_response(http::refusals::not_begun));
  }
}

void connection::dispatch(std::uint64_t id, http::request message) {
  message.data().peer = peer_;
  auto carrier = std::move(spare_);
  if (carrier == nullptr) {
    carrier = request_message::make(caf::strong_actor_ptr{ctrl()}, caf::make_message_id(id),
                                    std::move(message));
  } else {
    carrier->mid = caf::make_message_id(id);
    *detail::value_of<http::request>(*carrier) = std::move(message);
  }
  shard_.router()->get()->enqueue(std::move(carrier), &home());
}

void connection::take_back(caf::mailbox_element_ptr message) noexcept {
  if (auto& used = *message;
      !closed_ && spare_ == nullptr && typeid(used) == typeid(request_message))
    spare_ = std::move(message);
}

void connection::on_refusal(const http::refusal& why) {
  log_event(log_level::info, "refused request",
      {{"reason", why.reason},
       {"peer", peer_.to_string()},
       {"status", why.status},
       {"closed", true}});
}

void connection::on_progress() {
  if (!closed_)
    home().flush_later(*this);
}

// -- input --------------------------------------------------------------------------

void connection::on_readable() {
  waits_readable_ = false;
  begun_ = 0;
  const reactor::turn now{home()};
  if (!closed_)
    guard([this] { read(); });
}

bool connection::accepts_input() const noexcept {
  return !has_yielded_ && !has_unsent() && protocol_.accepts_input();
}

// In place from the reactor's buffer where possible: only an incomplete rest is copied.
void connection::read() {
  const bool has_rest = has_received();
  const std::size_t room = has_rest ? read_ahead : reactor::input_bytes;
  char* const to = has_rest ? buffers_->received.prepare(room) : home().input();
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
    linger_due_ = std::min(now() + linger_pause, linger_end_);
    wait_readable();
    return;
  }
  if (has_rest) {
    buffers_->received.commit(got.octets);
    digest_received();
  } else {
    const auto rest = digest({to, got.octets});
    if (!closed_ && !rest.empty())
      own_buffers().received.append(rest);
  }
  go_on();
}

// Decodes and answers for as long as that gets on: answers make room for further requests.
// Returns what is left: an incomplete rest, or what has to wait.
std::string_view connection::digest(std::string_view input) {
  for (;;) {
    const bool can_take = accepts_input();
    const std::size_t before = input.size();
    if (can_take)
      input = protocol_.receive(input);
    flush_batch();
    if (closed_ || input.empty() || !accepts_input() || (can_take && input.size() == before))
      return input;
    if (begun_ >= http::requests_per_turn) {
      yield();
      return input;
    }
  }
}

// Goes on with what was received once all others have had their turn.
void connection::yield() {
  has_yielded_ = true;
  home().post([this, self = caf::strong_actor_ptr{ctrl()}] { take_turn(); });
}

void connection::take_turn() {
  has_yielded_ = false;
  begun_ = 0;
  if (!closed_)
    flush();
}

void connection::digest_received() {
  const std::size_t before = buffers_->received.size();
  const auto rest = digest(buffers_->received.view());
  if (!closed_)
    buffers_->received.consume(before - rest.size());
}

void connection::peer_finished() {
  peer_done_ = true;
  if (lingers_ || !protocol_.finish_input()) {
    close();
    return;
  }
  if (has_received())
    buffers_->received.clear();
  if (!shard_.settings().half_closed_clients) {
    flush_batch();
    protocol_.cancel_unanswered();
  }
  go_on();
}

void connection::on_peer_ended() {
  const reactor::turn now{home()};
  if (!closed_)
    guard([this] { look_at_peer(); });
}

// A peer that ends while nothing is read from it.
void connection::look_at_peer() {
  switch (transport_->peer_state()) {
    case transport::peer::open:
      break;
    case transport::peer::finished:
      // What was received and not begun is answered first.
      if (!peer_done_ && !has_received())
        peer_finished();
      break;
    case transport::peer::gone:
      close();
      break;
  }
}

// -- output -------------------------------------------------------------------------

void connection::flush() {
  if (failed_) {
    close();
    return;
  }
  guard([this] {
    if (has_received())
      digest_received();
    else
      flush_batch();
    go_on();
  });
}

// All that is ready: in one write, unless it is more than is encoded ahead.
void connection::flush_batch() {
  while (!closed_) {
    protocol_.encode(has_unsent() ? buffers_->unsent : home().output(), home().date_line());
    send();
    if (has_unsent() || !protocol_.has_ready())
      break;
  }
}

void connection::send() {
  auto& out = home().output();
  if (out.empty()) {
    if (has_unsent())
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
  own_buffers().unsent.append(out.view());
  out.clear();
  await_peer();
  wait_writable();
}

void connection::send_unsent() {
  if (waits_writable_)
    return;
  auto& unsent = buffers_->unsent;
  const auto sent = transport_->write(unsent.view());
  if (sent.what == io_result::outcome::done) {
    unsent.consume(sent.octets);
    buffers_->written += sent.octets;
  } else if (sent.what != io_result::outcome::would_block) {
    close();
    return;
  }
  if (!unsent.empty())
    wait_writable();
}

// From now on the peer has to take its share in time.
void connection::await_peer() {
  const auto patience = shard_.settings().deadlines.write;
  buffers_->in_transit = transport_->in_transit();
  buffers_->written = 0;
  write_due_ = patience.count() > 0 ? time_after(now(), patience) : time_point::max();
}

// Whether the peer has taken, since the deadline was set, what the slowest reader has to.
bool connection::peer_reads() const noexcept {
  using namespace std::chrono;
  const auto& bounds = shard_.settings().deadlines;
  const auto share = duration<double>{bounds.write}.count() * bounds.write_bytes_per_second;
  // A transport may hold much, and says that it has room only once a good part of it is gone.
  const auto sent = buffers_->in_transit + buffers_->written;
  const auto held = transport_->in_transit();
  return sent > held && static_cast<double>(sent - held) >= share;
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
    return linger_due_;
  return std::min(protocol_.response_due(), has_unsent() ? write_due_ : protocol_.input_due());
}

// The wheel is asked only when a deadline comes closer, which it hardly ever does: most move away
// with every request, and `expired` looks again.
void connection::set_deadline() {
  const time_point when = due();
  if (when >= armed_for_)
    return;
  armed_for_ = when;
  home().arm(*this, when);
}

void connection::expired(time_point now) {
  guard([this, now] { expire(now); });
}

void connection::expire(time_point now) {
  armed_for_ = time_point::max();
  if (due() > now) {
    set_deadline();
    return;
  }
  if (lingers_) {
    close();
    return;
  }
  if (has_unsent() && write_due_ <= now) {
    if (peer_reads()) {
      await_peer();
      set_deadline();
      return;
    }
    log_event(log_level::info, "reset connection: the peer reads too slowly",
              {{"peer", peer_.to_string()}});
    transport_->reset();
    close();
    return;
  }
  switch (protocol_.expire(now)) {
    case http::http1_protocol::expiry::response: // its exchange tells the log
    case http::http1_protocol::expiry::input:
      break;
    case http::http1_protocol::expiry::idle:
      close();
      return;
  }
  set_deadline();
}

} // namespace sake::actors

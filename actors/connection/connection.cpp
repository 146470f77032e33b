#include "connection.hpp"

#include "../../routing/request_facts.hpp"
#include "../reactor/detail/element.hpp"
#include "../reactor/detail/reject.hpp"
#include "../reactor/log.hpp"
#include "../reactor/messages.hpp"
#include "opening_protocol.hpp"
#include "request_message.hpp"

#include <caf/exit_reason.hpp>

#include <algorithm>
#include <chrono>
#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace sake::actors {

namespace {

using namespace std::chrono_literals;

// How long a closing connection keeps reading, so that the peer gets our last response before a
// reset (RFC 9112 §9.6): since its last octets, and in total.
constexpr auto linger_pause = 2s;
constexpr auto linger_time = 10s;

} // namespace

connection::connection(caf::actor_config& cfg, actors::reactor& home, request_sink& sink,
                       std::unique_ptr<transport> carrier, http::peer peer)
    : reactor_actor(cfg, home),
      sink_(sink),
      transport_(std::move(carrier)),
      reader_(home, *transport_),
      writer_(home, *transport_, sink.settings()),
      peer_(peer) {
  transport_->attach(*this);
}

connection::~connection() = default;

// -- life -------------------------------------------------------------------------

void connection::start(connection_limit::place place) {
  accepted_ = now();
  if (const auto& observers = sink_.access_observers(); !observers.empty())
    access_ = std::make_unique<http::access_tracker>(observers, peer_, id(),
                                                     [this] { return home().exact_now(); });
  const auto begun = transport_->handshake();
  const bool is_open = begun.what == io_result::outcome::done;
  if (is_open)
    choose_protocol({});
  if (!is_chosen_) {
    const http::protocol_events& events = *this;
    protocol_ = std::make_unique<opening_protocol>(
        events, http::deadline_after(accepted_, sink_.settings().deadlines.head));
  }
  place_ = std::move(place);
  self_ = caf::strong_actor_ptr{ctrl()};
  sink_.opened(*this);
  guard([this, is_open, begun] {
    if (is_open)
      open();
    else
      continue_handshake(begun);
  });
}

void connection::continue_handshake(io_result result) {
  if (result.what == io_result::outcome::done) {
    choose_protocol({});
    open();
  } else if (await(result)) {
    set_deadline();
  } else {
    close();
  }
}

void connection::open() {
  phase_ = phase::open;
  facts_ = transport_->facts();
  if (!place_.is_served()) {
    protocol_->refuse(http::refusals::too_many_connections);
    flush();
    return;
  }
  wait_readable();
  set_deadline();
}

void connection::choose_protocol(std::string_view first_octets) {
  auto chosen = sink_.make_protocol(*this, {accepted_, transport_->agreed(), first_octets});
  if (chosen == nullptr)
    return;
  is_chosen_ = true;
  protocol_ = std::move(chosen);
  if (draining_)
    protocol_->drain();
}

// Begins the wait that the transport needs. Returns false if it needs none.
bool connection::await(io_result result) {
  if (result.what == io_result::outcome::needs_readable)
    wait_readable();
  else if (result.what == io_result::outcome::needs_writable)
    wait_writable();
  else
    return false;
  return true;
}

void connection::drain() {
  guard([this] { begin_drain(); });
}

void connection::begin_drain() {
  draining_ = true;
  protocol_->drain();
  // Requests that the client sent before it learned of the shutdown are still answered.
  if (phase_ == phase::open && is_at_rest())
    read();
  if (is_closed())
    return;
  if (phase_ == phase::open && is_at_rest() && !protocol_->state().is_fresh())
    close_in_order();
  else
    set_deadline();
}

bool connection::is_at_rest() const noexcept {
  return protocol_->state().is_idle() && !reader_.has_rest() && !writer_.is_blocked();
}

void connection::close(http::access_outcome unsent) {
  if (std::exchange(phase_, phase::closed) == phase::closed)
    return;
  home().disarm(*this);
  home().forget(*this);
  if (protocol_->how_to_end() == http::protocol::ending::reset)
    transport_->reset();
  else
    transport_->close();
  if (access_ != nullptr)
    access_->on_close(client_left_ ? http::access_outcome::client_left : unsent);
  protocol_->abandon();
  reader_.drop();
  writer_.drop();
  spare_.reset();
  place_ = {};
  sink_.closed(*this);
  cleanup(caf::exit_reason::normal, &home());
  // This object may still be executing.
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

// Decides what to do next, after any event.
void connection::go_on(http::protocol_state state) {
  if (phase_ != phase::open)
    return;
  if (awaits_content_ || state.awaits_content()) [[unlikely]]
    expect_content(state.awaits_content());
  if (state.is_over()) {
    if (writer_.is_blocked())
      set_deadline();
    else
      choose_ending();
    return;
  }
  if (!peer_done_ && may_read(state)) {
    wait_readable();
  } else if (!peer_done_) {
    look_at_peer();
    if (phase_ != phase::open)
      return;
    state = protocol_->state();
  }
  reader_.release();
  writer_.release();
  if (!reader_.has_rest() && !writer_.is_blocked() && state.is_idle() && !state.is_fresh()) {
    if (draining_) {
      close_in_order();
      return;
    }
    set_deadline(protocol_->rest());
    return;
  }
  set_deadline();
}

// Called when all output has been sent.
void connection::choose_ending() {
  using ending = http::protocol::ending;
  const auto how = protocol_->how_to_end();
  if (how == ending::reset)
    close();
  else if (!peer_done_ && (how == ending::linger || reader_.has_rest()))
    linger();
  else
    close_in_order();
}

void connection::linger() {
  phase_ = phase::lingering;
  expect_content(false);
  if (access_ != nullptr)
    access_->on_close(http::access_outcome::cut_off); // all that goes out has gone out
  reader_.drop();
  writer_.drop();
  linger_end_ = now() + linger_time;
  closing_due_ = now() + linger_pause;
  try_end_output();
  if (!is_closed())
    wait_readable();
}

// Closes in order, with time for the transport to tell the peer.
void connection::close_in_order() {
  if (phase_ != phase::open) {
    close();
    return;
  }
  phase_ = phase::ending;
  closing_due_ = now() + linger_pause;
  try_end_output();
}

void connection::try_end_output() {
  const bool closes = phase_ == phase::ending;
  const auto result =
      transport_->end_output(closes ? transport::then::close : transport::then::read);
  has_ended_output_ = !await(result);
  if (has_ended_output_ && (closes || peer_done_))
    close();
  else
    set_deadline();
}

// -- failures -----------------------------------------------------------------------

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
  // Our octets in the shared output must not go to another connection.
  home().output().clear();
  try {
    log_event(log_level::error, "closed connection",
              {{"error", why}, {"peer", peer_.to_string()}, {"closed", true}});
  } catch (...) {
    // No memory for the line either.
  }
  close();
}

// -- messages ---------------------------------------------------------------------

void connection::receive(caf::mailbox_element_ptr& message) {
  guard([&] { take_message(std::move(message)); });
}

void connection::take_message(caf::mailbox_element_ptr message) {
  const auto id = message->mid.request_id().integer_value();
  if (!message->mid.is_response()) {
    detail::reject(*message);
  } else if (auto* const response = detail::value_of<http::response>(*message)) {
    protocol_->respond(id, std::move(*response));
  } else {
    auto* const error = detail::value_of<caf::error>(*message);
    log_event(
        log_level::error, "handler actor failed",
        {{"error", error != nullptr ? home().system().render(*error) : "the answer is no response"},
         {"peer", peer_.to_string()},
         {"status", 500}});
    protocol_->respond(id, http::response::text(500, "Internal Server Error\n"));
  }
}

// -- its port -----------------------------------------------------------------------

void connection::respond_to(caf::mailbox_element_ptr& asked, http::response&& answer) {
  protocol_->respond(asked->mid.request_id().integer_value(), std::move(answer));
  if (!is_closed() && spare_ == nullptr)
    spare_ = std::move(asked);
}

void connection::note_route(std::uint64_t id, routing::route_info route) noexcept {
  if (access_ != nullptr && !route.pattern.empty())
    access_->on_route(id, route.name, route.pattern);
}

void connection::fail() noexcept {
  failed_ = true;
  on_progress();
}

// -- events of the protocol -----------------------------------------------------------

http::content_rules connection::rules_for(http::request& message) {
  return sink_.rules_for(message);
}

void connection::on_request(std::uint64_t id, http::request message) {
  ++begun_;
  try {
    dispatch(id, std::move(message));
  } catch (const std::exception& error) {
    // Usually there was no memory for the request.
    log_event(log_level::error, "request was not begun",
              {{"error", error.what()}, {"peer", peer_.to_string()}, {"status", 503}});
    protocol_->respond(id, http::to_response(http::refusals::not_begun));
  }
}

void connection::dispatch(std::uint64_t id, http::request message) {
  auto& data = message.data();
  data.peer = peer_;
  if (facts_ != nullptr) [[unlikely]]
    data.transport = facts_;
  auto carrier = std::move(spare_);
  if (carrier == nullptr)
    carrier.reset(
        new request_message{caf::strong_actor_ptr{ctrl()}, id, std::move(message), *this, home()});
  else
    static_cast<request_message&>(*carrier).reuse(id, std::move(message));
  sink_.dispatch(std::move(carrier));
}

void connection::on_refusal(const http::refusal& why, http::request* refused) {
  if (!logs(log_level::info))
    return;
  std::vector<log_field> facts{{"reason", why.reason}};
  if (refused != nullptr) {
    refused->data().peer = peer_;
    routing::add_request_facts(facts, *refused, sink_.route_name(*refused), {});
  } else {
    facts.emplace_back("peer", peer_.to_string());
  }
  facts.emplace_back("status", why.status);
  facts.emplace_back("closed", true);
  log_event(log_level::info, "refused request", facts);
}

void connection::on_progress() {
  if (!is_closed())
    home().flush_later(*this);
}

// -- input --------------------------------------------------------------------------

void connection::on_readable() {
  waits_readable_ = false;
  begun_ = 0;
  const reactor::turn now{home()};
  if (phase_ == phase::open && !write_needs_readable_)
    guard([this] { read(); });
  else if (!is_closed())
    guard([this] { retry(); });
}

// Repeats an attempt for which the transport had to wait.
void connection::retry() {
  switch (phase_) {
    case phase::handshake:
      continue_handshake(transport_->handshake());
      break;
    case phase::open:
      // What may be read is read in the wait that `flush` begins.
      write_needs_readable_ = read_needs_writable_ = false;
      flush();
      break;
    case phase::lingering:
      if (!has_ended_output_)
        try_end_output();
      if (!is_closed())
        read();
      break;
    case phase::ending:
      try_end_output();
      break;
    case phase::closed:
      break;
  }
}

bool connection::accepts_input() const noexcept {
  return may_read(protocol_->state());
}

bool connection::may_read(http::protocol_state now) const noexcept {
  return now.accepts_input() && !has_yielded_
         && (!writer_.is_blocked() || protocol_->reads_while_blocked());
}

// Reads content into `next`, its own memory. Returns the octets behind it in `input`.
[[gnu::cold]] io_result connection::read_content(const http::protocol::content_memory& next,
                                                 std::string_view& input) {
  const auto got = reader_.read_into(next.memory);
  if (got.what == io_result::outcome::done) {
    const std::size_t content = std::min(got.octets, next.size);
    input = reader_.copy({next.memory.data() + content, got.octets - content});
    protocol_->take_content(content);
  }
  return got;
}

// Few reads of much are cheaper than many of little.
[[gnu::cold]] void connection::expect_content(bool is_next) noexcept {
  awaits_content_ = is_next;
  transport_->expect(is_next ? protocol_->awaited_content() : 1);
}

// Returns whether octets have come.
bool connection::read() {
  std::string_view input;
  http::protocol::content_memory next;
  if (awaits_content_ && !reader_.has_rest()) [[unlikely]]
    next = protocol_->next_content();
  const auto got = next.memory.empty() ? reader_.read(input) : read_content(next, input);
  switch (got.what) {
    case io_result::outcome::needs_writable:
      read_needs_writable_ = true;
      wait_writable();
      return false;
    case io_result::outcome::needs_readable:
      wait_readable();
      return false;
    case io_result::outcome::closed:
      peer_finished();
      return false;
    case io_result::outcome::incomplete:
    case io_result::outcome::failed:
      lose_client();
      return false;
    case io_result::outcome::done:
      break;
  }
  if (phase_ == phase::lingering) {
    closing_due_ = std::min(now() + linger_pause, linger_end_);
    wait_readable();
  } else {
    go_on(digest_and_keep(input));
  }
  return true;
}

// Decodes and answers while there is progress: responses make room for further requests. Leaves in
// `input` an incomplete rest, or requests that must wait.
http::protocol_state connection::digest(std::string_view& input) {
  if (!is_chosen_) [[unlikely]] {
    choose_protocol(input);
    if (!is_chosen_) {
      if (input.size() >= http::telling_octets)
        close();
      return protocol_->state();
    }
  }
  for (;;) {
    bool is_incomplete = false;
    if (!has_yielded_ && (!writer_.is_blocked() || protocol_->reads_while_blocked())) {
      const std::size_t before = input.size();
      input = protocol_->receive(input);
      is_incomplete = input.size() == before && accepts_input();
    }
    const auto state = flush_batch();
    if (is_closed() || input.empty() || is_incomplete || !may_read(state))
      return state;
    if (begun_ >= http::requests_per_turn) {
      yield();
      return state;
    }
  }
}

// Continues with the received octets once all other work has had its turn.
void connection::yield() {
  has_yielded_ = true;
  home().post([this, self = caf::strong_actor_ptr{ctrl()}] { take_turn(); });
}

void connection::take_turn() {
  has_yielded_ = false;
  begun_ = 0;
  if (!is_closed())
    flush();
}

http::protocol_state connection::digest_and_keep(std::string_view input) {
  const auto state = digest(input);
  if (!is_closed())
    reader_.keep(input);
  return state;
}

void connection::peer_finished() {
  peer_done_ = true;
  // The output still has to end.
  if (phase_ == phase::ending || (phase_ == phase::lingering && !has_ended_output_))
    return;
  using after_input = http::protocol::after_input;
  const auto left = phase_ == phase::open ? protocol_->finish_input() : after_input::nothing;
  if (left == after_input::nothing) {
    lose_client();
    return;
  }
  reader_.drop();
  client_left_ = left == after_input::responses && !sink_.settings().half_closed_clients;
  go_on(flush_batch());
}

void connection::on_peer_ended() {
  const reactor::turn now{home()};
  if (!is_closed())
    guard([this] { look_at_peer(); });
}

// Handles the end of a peer that is not being read.
void connection::look_at_peer() {
  switch (transport_->peer_state()) {
    case transport::peer::open:
      break;
    case transport::peer::finished:
      // Requests received but not begun are answered first, if half-closed clients are served.
      if (!peer_done_ && (!reader_.has_rest() || !sink_.settings().half_closed_clients))
        peer_finished();
      break;
    case transport::peer::gone:
      lose_client();
      break;
  }
}

// -- output -------------------------------------------------------------------------

void connection::flush() {
  if (failed_) {
    close();
    return;
  }
  if (phase_ != phase::open)
    return;
  guard([this] { go_on(reader_.has_rest() ? digest_and_keep(reader_.rest()) : flush_batch()); });
}

// Sends all ready responses: in one write, unless they exceed the encode-ahead limit.
http::protocol_state connection::flush_batch() {
  http::protocol_state state;
  while (!is_closed()) {
    state = protocol_->encode(writer_.target(), home().date_line());
    if (!send() || !state.has_more())
      break;
  }
  return state;
}

// Returns whether all output was sent.
bool connection::send() {
  const bool is_waiting = waits_writable_ || write_needs_readable_;
  if (is_waiting && writer_.is_blocked())
    return false;
  const auto sent = writer_.write();
  if (access_ != nullptr) [[unlikely]]
    access_->on_taken(sent.octets);
  if (sent.what == io_result::outcome::done && !writer_.is_blocked()) [[likely]]
    return true;
  await_room(sent);
  return false;
}

void connection::await_room(io_result sent) {
  switch (sent.what) {
    case io_result::outcome::done:
    case io_result::outcome::needs_writable:
      wait_writable();
      break;
    case io_result::outcome::needs_readable:
      write_needs_readable_ = true;
      wait_readable();
      break;
    default:
      fail_output(sent);
  }
}

void connection::fail_output(io_result why) {
  if (why.what == io_result::outcome::incomplete) {
    log_event(log_level::error,
              "closed connection: a file could not be read to the end of its part",
              {{"peer", peer_.to_string()}, {"closed", true}});
    // The client sees by the length that the content is incomplete; a reset would discard earlier
    // responses that the kernel holds.
    protocol_->abandon();
    linger();
  } else {
    lose_client();
  }
}

void connection::on_writable() {
  waits_writable_ = false;
  const reactor::turn now{home()};
  if (phase_ == phase::open && !read_needs_writable_)
    flush();
  else if (!is_closed())
    guard([this] { retry(); });
}

// -- deadlines ------------------------------------------------------------------------

time_point connection::due() noexcept {
  if (phase_ == phase::lingering || phase_ == phase::ending)
    return closing_due_;
  return writer_.is_blocked() ? std::min(protocol_->due(true), writer_.due())
                              : protocol_->due(false);
}

// The wheel is set only when the deadline moves closer, which is rare: most deadlines move away
// with every request, and `expired` checks again.
void connection::set_deadline(time_point when) {
  if (when >= armed_for_)
    return;
  armed_for_ = when;
  home().arm(*this, when);
}

void connection::set_deadline() {
  set_deadline(due());
}

void connection::expired(time_point now) {
  guard([this, now] { expire(now); });
}

void connection::expire(time_point now) {
  armed_for_ = time_point::max();
  // Less may have come than the transport waits for.
  while (phase_ == phase::open && awaits_content_ && due() <= now && read()) {
  }
  if (is_closed())
    return;
  if (due() > now) {
    set_deadline();
    return;
  }
  if (phase_ != phase::open) {
    close();
    return;
  }
  if (writer_.due() <= now) {
    if (writer_.renew()) {
      set_deadline();
      return;
    }
    log_event(log_level::info, "reset connection: the peer reads too slowly",
              {{"peer", peer_.to_string()}});
    transport_->reset();
    lose_client();
    return;
  }
  if (protocol_->expire(now) == http::protocol::expiry::idle)
    close_in_order();
  else
    set_deadline(); // the exchange of a late response logs it
}

} // namespace sake::actors
